import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type Database from 'better-sqlite3';
import { type Migration, migrate, readMigrations } from '../migrate.ts';
import { refuseMoved } from '../moves/mark.ts';
import { assertWritable } from './access.ts';
import { connect, readPragma } from './connection.ts';
import { failureOf } from './failure.ts';
import { applicationId, inspectFile } from './inspect.ts';
import { type FileLock, lockFile } from './lock.ts';
import { makePrivate } from './make-private.ts';
import { readMark } from './move-mark.ts';

/** How a database file is opened. */
export interface DatabaseOptions {
  readonly file: string;
  /** Milliseconds to wait for a lock that another program holds on the database. */
  readonly busyTimeout: number;
  /** Upper bound of the file in bytes; commits beyond it fail as on a full disk. */
  readonly maxBytes: number | undefined;
}

/** An open, locked, migrated database. */
export interface OpenDatabase {
  readonly connection: Database.Database;
  /** Names of the migrations that this opening applied. */
  readonly applied: readonly string[];
  close(): void;
}

/**
 * Locks, inspects, opens and migrates a database file; makes it, and its directory, when there is
 * none. Throws a `StoreError`; a file that is refused is left as it was.
 */
export function openDatabase(
  options: DatabaseOptions,
  migrations: readonly Migration[] = readMigrations(),
): OpenDatabase {
  let lock: FileLock | undefined;
  try {
    const file = locate(options.file);
    lock = lockFile(file);
    const refuse = (found: Database.Database): void => refuseMoved(readMark(found), found.name);
    if (existsSync(file)) inspectFile(file, migrations, options.busyTimeout, refuse);
    const opened = { lock, ...openLocked({ ...options, file }, migrations) };
    return {
      connection: opened.connection,
      applied: opened.applied,
      close: () => {
        opened.connection.close();
        opened.lock.release();
      },
    };
  } catch (error) {
    const failure = failureOf(error, options.file);
    lock?.release(failure);
    throw failure;
  }
}

/** Opens and migrates a database that was inspected, or is not there, under a lock that the caller has. */
export function openLocked(
  options: DatabaseOptions,
  migrations: readonly Migration[] = readMigrations(),
): Omit<OpenDatabase, 'close'> {
  makePrivate(options.file);
  const connection = connect(options.file, { timeout: options.busyTimeout });
  try {
    configure(connection, options);
    return { connection, applied: migrate(connection, migrations).map(({ name }) => name) };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The one path of the file, whatever links lead to it; makes its directory. Throws the error of the operating system unless both can be written. */
export function locate(file: string): string {
  makeDirectory(dirname(file));
  const path = existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
  assertWritable(dirname(path), existsSync(path) ? path : undefined);
  return path;
}

/** By hand, since the recursive form of Node hides why it failed, and does not end under `/proc`. */
function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function configure(connection: Database.Database, { maxBytes }: DatabaseOptions): void {
  // Before the write-ahead log is on, so that the mark is in the file itself from its first page on.
  if (readPragma(connection, 'page_count') === 0) {
    connection.exec('pragma synchronous = full');
    connection.exec(`pragma application_id = ${applicationId}`);
  }
  connection.exec('pragma journal_mode = wal');
  connection.exec('pragma synchronous = full');
  connection.exec('pragma foreign_keys = on');
  // The writer checkpoints when idle; this is the bound for one that never is.
  connection.exec('pragma wal_autocheckpoint = 8000');
  // A backup that reads for long lets the log grow; after it the log shrinks to this again.
  connection.exec('pragma journal_size_limit = 67108864');
  if (maxBytes === undefined) return;
  const pageSize = Number(readPragma(connection, 'page_size'));
  connection.exec(`pragma max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
}
