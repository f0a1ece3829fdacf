import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { readMigrations } from './migrate.ts';
import { assertWritable } from './sqlite/access.ts';
import { connect, readPragma } from './sqlite/connection.ts';
import { failureOf } from './sqlite/failure.ts';
import { inspectFile } from './sqlite/inspect.ts';
import { isLocked } from './sqlite/lock.ts';

/** Milliseconds to wait for a lock that another program holds. */
const busyTimeout = 1_000;

/** What `examineStore` found: no file yet, a good one, or one that a running router holds. */
export type StoreFinding = 'missing' | 'good' | 'in-use';

/**
 * Looks at a database file, changes nothing in it, and leaves nothing beside it. Throws the `StoreError` that opening it
 * would throw, also for want of permission to write, but not for a lock: that a router runs on
 * it is no error.
 */
export function examineStore(file: string): StoreFinding {
  try {
    if (!existsSync(file)) {
      assertWritable(nearestFolder(file));
      return 'missing';
    }
    const path = realpathSync(file);
    assertWritable(dirname(path), path);
    // Not claimed: a router that starts meanwhile must not fail for it, and nothing is left behind.
    if (isLocked(path)) return 'in-use';
    inspect(path);
    return 'good';
  } catch (error) {
    const failure = failureOf(error, file);
    if (failure.kind === 'locked') return 'in-use';
    throw failure;
  }
}

function inspect(file: string): void {
  const log = `${file}-wal`;
  const before = existsSync(log);
  try {
    inspectFile(file, readMigrations(), busyTimeout);
  } finally {
    // Who only reads makes an empty log and leaves it. With one from before, there may be something in it.
    if (!before && existsSync(log)) removeEmptyLog(file);
  }
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
