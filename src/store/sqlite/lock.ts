import { existsSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { StoreError } from '../error.ts';
import { connect, readPragma } from './connection.ts';
import { makePrivate } from './make-private.ts';

/** A claim on a database file that no second instance can hold. */
export interface FileLock {
  /** `why` it is released early, if so: no lock file is left beside a file that is none of ours. */
  release(why?: StoreError): void;
}

/**
 * Whether a router has claimed `file`. Leaves no trace, not even a lock file: one that root had made
 * would shut the service's own user out. Throws the error of SQLite when the lock file cannot be read.
 */
export function isLocked(file: string): boolean {
  const path = `${file}.lock`;
  if (!existsSync(path)) return false;
  const lock = connect(path, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    // Needs a shared lock, which the exclusive one of `lockFile` does not let it have.
    readPragma(lock, 'schema_version');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    lock.close();
  }
}

/**
 * Claims `file` for this process by an exclusive SQLite transaction on the empty file
 * `<file>.lock`. The kernel drops the lock with the process, however it ends, so a lock file
 * that is left behind means nothing. The database itself is not locked: backups and
 * `sqlite3 -readonly` work beside a running router. Throws `locked`.
 */
export function lockFile(file: string): FileLock {
  const path = `${file}.lock`;
  makePrivate(path);
  const lock = connect(path, { timeout: 0 });
  try {
    // Nothing is ever written to it, so it needs no journal beside it.
    lock.exec('pragma journal_mode = memory');
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    const advice =
      'Stop it first: one file serves one router. Or name another file in store.file. A standby needs PostgreSQL (standby.md).';
    throw new StoreError('locked', file, 'another Switchyard has this database open.', advice);
  }
  return {
    release: (why) => {
      if (why?.kind === 'not-a-database' || why?.kind === 'foreign') rmSync(path, { force: true });
      lock.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
