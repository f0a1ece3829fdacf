import { existsSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { readMigrations } from './migrate.ts';
import { assertWritable } from './sqlite/access.ts';
import { failureOf } from './sqlite/failure.ts';
import { inspectFile } from './sqlite/inspect.ts';
import { lockFile } from './sqlite/lock.ts';

/** Milliseconds to wait for a lock that another program holds. */
const busyTimeout = 1_000;

/** What `examineStore` found: no file yet, a good one, or one that a running router holds. */
export type StoreFinding = 'missing' | 'good' | 'in-use';

/**
 * Looks at a database file and changes nothing in it. Throws the `StoreError` that opening it
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
    examine(path);
    return 'good';
  } catch (error) {
    const failure = failureOf(error, file);
    if (failure.kind === 'locked') return 'in-use';
    throw failure;
  }
}

function examine(file: string): void {
  const lock = lockFile(file);
  try {
    inspectFile(file, readMigrations(), busyTimeout);
    lock.release();
  } catch (error) {
    const failure = failureOf(error, file);
    lock.release(failure);
    throw failure;
  }
}

/** Where the missing directories above a missing file would be made. */
function nearestFolder(file: string): string {
  const folder = dirname(file);
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(folder);
}
