import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { StoredTally } from './events.ts';

/** What a router's database holds of a pool's messages: the witness that does not go by the router's own word. */
export interface StoredQueue {
  /** The senders' ids. */
  readonly open: readonly string[];
  readonly dead: readonly string[];
  readonly tally: StoredTally | undefined;
}

const dead = 2;

/** A row of the table `delivery`. */
export interface StoredDelivery {
  readonly state: number;
  readonly message: string | null;
}

/** What of a tally is written as it is. */
export type StoredBooks = Omit<StoredTally, 'dead' | 'open'>;

/** Reads the file beside the router, or after it. */
export function readStoredQueue(file: string, pool: string): StoredQueue {
  if (!existsSync(file)) return { open: [], dead: [], tally: undefined };
  const database = new Database(file, { readonly: true });
  try {
    const rows = database
      .prepare<[string], StoredDelivery>('select state, message from delivery where pool = ?')
      .all(pool);
    const books = database
      .prepare<[string], StoredBooks>('select accepted, acknowledged, bounced, purged from tally where pool = ?')
      .get(pool);
    return storedQueue(rows, books);
  } finally {
    database.close();
  }
}

/** What these rows of one pool say. */
export function storedQueue(rows: readonly StoredDelivery[], books: StoredBooks | undefined): StoredQueue {
  const ids = (isDead: boolean): string[] =>
    rows.filter(({ state }) => (state === dead) === isDead).map(({ message }) => message ?? '');
  const [open, buried] = [ids(false), ids(true)];
  const tally = books === undefined ? undefined : { ...books, dead: buried.length, open: open.length };
  return { open, dead: buried, tally };
}
