import type { Database } from 'better-sqlite3';
import type { Change } from '../../core/durable-state.ts';
import { staleError } from '../delivery-change.ts';
import type { StoreError } from '../error.ts';
import { Tallies } from '../tallies.ts';
import { readPragma } from './connection.ts';
import { failureOf } from './failure.ts';
import type { Rows } from './rows.ts';

type Refused = Map<number, StoreError>;

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
    return transact(database, rows, (tallies) => {
      const refused: Refused = new Map();
      if (changes.length === 0) rewriteFirstPage(database);
      changes.forEach((change, row) => {
        if (!rows.apply(change, tallies)) refused.set(row, staleError(database.name, change));
      });
      return refused;
    });
  } catch (error) {
    const failure = failureOf(error, database.name);
    if (failure.kind !== 'refused') throw failure;
    return writeOneByOne(database, rows, changes);
  }
}

function writeOneByOne(database: Database, rows: Rows, changes: readonly Change[]): Refused {
  return transact(database, rows, (tallies) => {
    const refused: Refused = new Map();
    // A savepoint each: of a change of several rows all are left out.
    const apply = database.transaction((change: Change) => rows.apply(change, tallies));
    for (const [row, change] of changes.entries()) {
      try {
        if (!apply(change)) refused.set(row, staleError(database.name, change));
      } catch (error) {
        const failure = failureOf(error, database.name);
        if (failure.kind !== 'refused') throw failure;
        refused.set(row, failure);
      }
    }
    return refused;
  });
}

/** The user version has no other use here. */
function rewriteFirstPage(database: Database): void {
  const version = Number(readPragma(database, 'user_version'));
  database.exec(`pragma user_version = ${(version + 1) % 1_000_000}`);
}

/** Does `work` in a transaction, and adds to the stored tallies what it counts. */
function transact(database: Database, rows: Rows, work: (tallies: Tallies) => Refused): Refused {
  try {
    return database
      .transaction(() => {
        const tallies = new Tallies();
        const refused = work(tallies);
        rows.add(tallies);
        return refused;
      })
      .immediate();
  } catch (error) {
    throw failureOf(error, database.name);
  }
}
