import type { Database } from 'better-sqlite3';
import type { Change } from '../../core/durable-state.ts';
import type { StoreError } from '../error.ts';
import { readPragma } from './connection.ts';
import { failureOf } from './failure.ts';
import type { Rows } from './rows.ts';

/**
 * Writes a batch in one transaction. Returns the rows that the database does not take, which
 * are left out so that one bad change does not lose its neighbours'. Throws a `StoreError` when
 * nothing was written. An empty batch rewrites one page, to try the disk.
 */
export function writeBatch(
  database: Database,
  rows: Rows,
  changes: readonly Change[],
): ReadonlyMap<number, StoreError> {
  try {
    transact(database, () => {
      if (changes.length === 0) rewriteFirstPage(database);
      for (const change of changes) rows.apply(change);
    });
    return new Map();
  } catch (error) {
    const failure = failureOf(error, database.name);
    if (failure.kind !== 'refused') throw failure;
    return writeOneByOne(database, rows, changes);
  }
}

function writeOneByOne(database: Database, rows: Rows, changes: readonly Change[]): Map<number, StoreError> {
  const refused = new Map<number, StoreError>();
  transact(database, () => {
    for (const [row, change] of changes.entries()) {
      try {
        rows.apply(change);
      } catch (error) {
        const failure = failureOf(error, database.name);
        if (failure.kind !== 'refused') throw failure;
        refused.set(row, failure);
      }
    }
  });
  return refused;
}

/** The user version has no other use here. */
function rewriteFirstPage(database: Database): void {
  const version = Number(readPragma(database, 'user_version'));
  database.exec(`pragma user_version = ${(version + 1) % 1_000_000}`);
}

function transact(database: Database, work: () => void): void {
  try {
    database.transaction(work).immediate();
  } catch (error) {
    throw failureOf(error, database.name);
  }
}
