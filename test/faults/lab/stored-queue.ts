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

interface Row {
  readonly state: number;
  readonly message: string | null;
}

/** Reads the file beside the router, or after it. */
export function readStoredQueue(file: string, pool: string): StoredQueue {
  if (!existsSync(file)) return { open: [], dead: [], tally: undefined };
  const database = new Database(file, { readonly: true });
  try {
    const rows = database.prepare<[string], Row>('select state, message from delivery where pool = ?').all(pool);
    const ids = (isDead: boolean): string[] =>
      rows.filter(({ state }) => (state === dead) === isDead).map(({ message }) => message ?? '');
    const books = database
      .prepare<[string], Omit<StoredTally, 'dead' | 'open'>>(
        'select accepted, acknowledged, bounced, purged from tally where pool = ?',
      )
      .get(pool);
    const [open, buried] = [ids(false), ids(true)];
    const tally = books === undefined ? undefined : { ...books, dead: buried.length, open: open.length };
    return { open, dead: buried, tally };
  } finally {
    database.close();
  }
}
