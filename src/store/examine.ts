import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { StoredPool } from '../core/durable-state.ts';
import { readMigrations } from './migrate.ts';
import { refuseMoved } from './moves/mark.ts';
import { assertWritable } from './sqlite/access.ts';
import { connect, hold, readPragma } from './sqlite/connection.ts';
import { failureOf } from './sqlite/failure.ts';
import { inspectFile } from './sqlite/inspect.ts';
import { isLocked } from './sqlite/lock.ts';
import { selectMade } from './sqlite/made-rows.ts';
import { readMark } from './sqlite/move-mark.ts';
import { madeOf } from './stored-rows.ts';

type Held = Pick<StoreFinding, 'queues' | 'made'>;
const nothing: Held = { queues: [], made: [] };

/** Milliseconds to wait for a lock that another program holds. */
const busyTimeout = 1_000;

/** Deliveries that a database holds for one pool: for workers, and as dead letters. */
export interface HeldQueue {
  readonly pool: string;
  readonly open: number;
  readonly dead: number;
}

/** What `examineStore` found: no file yet, a good one, or one that a running router holds. */
export interface StoreFinding {
  readonly state: 'missing' | 'good' | 'in-use';
  /** Of a good one: those that hold something, or did. */
  readonly queues: readonly HeldQueue[];
  /** Of a good one: the pools that operators have made. */
  readonly made: readonly StoredPool[];
}

/**
 * Looks at a database file, changes nothing in it, and leaves nothing beside it. Throws the `StoreError` that opening it
 * would throw, also for want of permission to write, but not for a lock: that a router runs on
 * it is no error.
 */
export function examineStore(file: string): StoreFinding {
  try {
    if (!existsSync(file)) {
      assertWritable(nearestFolder(file));
      // Whether a database can be opened at all.
      connect(':memory:', {}).close();
      return { state: 'missing', ...nothing };
    }
    const path = realpathSync(file);
    assertWritable(dirname(path), path);
    // Not claimed: a router that starts meanwhile must not fail for it, and nothing is left behind.
    if (isLocked(path)) return { state: 'in-use', ...nothing };
    return { state: 'good', ...inspect(path) };
  } catch (error) {
    const failure = failureOf(error, file);
    if (failure.kind === 'locked') return { state: 'in-use', ...nothing };
    throw failure;
  }
}

function inspect(file: string): Held {
  let held: Held = nothing;
  lookInto(file, (database) => {
    refuseMoved(readMark(database), file);
    held = { queues: heldQueues(database), made: madePools(database) };
  });
  return held;
}

/** Shows a sound database of ours to `look`, read-only, and leaves nothing beside it. Throws as `inspectFile` does. */
export function lookInto(file: string, look: (database: Database) => void): void {
  const log = `${file}-wal`;
  const before = existsSync(log);
  try {
    inspectFile(file, readMigrations(), busyTimeout, look);
  } finally {
    // Who only reads makes an empty log and leaves it. With one from before, there may be something in it.
    if (!before && existsSync(log)) removeEmptyLog(file);
  }
}

/** None in a database of a version that knew none. */
function madePools(database: Database): StoredPool[] {
  const known = hold(database.prepare("select 1 from sqlite_schema where name = 'made_pool'")).get();
  if (known === undefined) return [];
  return hold(database.prepare<[], StoredPool>(selectMade))
    .all()
    .map((row) => madeOf(row, database.name));
}

/** What a database holds of deliveries: nothing, where its version knew none. */
export function heldQueues(database: Database): HeldQueue[] {
  const known = hold(database.prepare("select 1 from sqlite_schema where name = 'delivery'")).get();
  if (known === undefined) return [];
  const counts =
    'select pool, sum(state < 2) as open, sum(state = 2) as dead from delivery group by pool order by pool';
  return hold(database.prepare<[], HeldQueue>(counts)).all();
}

/** Lets SQLite do it, which a connection that may write does at its end, unless somebody else has the file open. */
function removeEmptyLog(file: string): void {
  const connection = connect(file, { fileMustExist: true, timeout: busyTimeout });
  try {
    readPragma(connection, 'schema_version');
  } finally {
    connection.close();
  }
}

/** Where the missing directories above a missing file would be made. */
function nearestFolder(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(folder);
}
