import { closeSync, openSync, readSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { StoreError } from '../error.ts';
import { type Migration, pendingMigrations } from '../migrate.ts';
import { connect, readPragma } from './connection.ts';

/** `SwYd`, at byte 68 of the file (SQLite file format, 1.3.17). */
export const applicationId = 0x53775964;

const magic = 'SQLite format 3\0';

/**
 * Looks at an existing file without changing a byte of it, and lets `look` do so too. Takes a file without
 * content, and shows it to nobody; throws `not-a-database`, `foreign`, `corrupt`, `newer` or `changed-migration`.
 *
 * Call it only while no connection to the file is open in this process: closing a descriptor of a
 * file drops all POSIX locks that the process has on it.
 */
export function inspectFile(
  file: string,
  migrations: readonly Migration[],
  busyTimeout: number,
  look?: (database: Database.Database) => void,
): void {
  const header = readHeader(file);
  if (header.length === 0) return;
  if (header.length < 100 || header.toString('latin1', 0, 16) !== magic) {
    const advice = 'It was left as it is. Name another file in store.file.';
    throw new StoreError('not-a-database', file, 'the file is no SQLite database.', advice);
  }
  if (header.readUInt32BE(68) !== applicationId) {
    const advice = 'It was left as it is. Name another file in store.file.';
    throw new StoreError('foreign', file, 'the database belongs to another program.', advice);
  }
  // Read-only, so that not even a left-over write-ahead log is moved into a file that is refused.
  const database = connect(file, { readonly: true, fileMustExist: true, timeout: busyTimeout });
  try {
    checkPages(database, file);
    pendingMigrations(database, migrations);
    look?.(database);
  } finally {
    database.close();
  }
}

function readHeader(file: string): Buffer {
  const descriptor = openSync(file, 'r');
  try {
    const header = Buffer.alloc(100);
    return header.subarray(0, readSync(descriptor, header, 0, header.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function checkPages(database: Database.Database, file: string): void {
  const found: unknown = readPragma(database, 'quick_check(1)');
  if (found === 'ok') return;
  const advice = 'It was left as it is. Restore a copy, or move it away to start with an empty one.';
  throw new StoreError('corrupt', file, `the database is damaged (${String(found)}).`, advice);
}
