import type { Database } from 'better-sqlite3';
import type { Change } from '../../core/durable-state.ts';
import { endsDeliveries, staleError } from '../delivery-change.ts';
import type { StoreError } from '../error.ts';
import { Tallies } from '../tallies.ts';
import { checkpoint } from './checkpoint.ts';
import { rowsAtOnce } from './delivery-writes.ts';
import { failureOf } from './failure.ts';
import type { Rows } from './rows.ts';
import { tryDisk } from './try-disk.ts';

type Refused = Map<number, StoreError>;

/** Changes from which on it is tried to write several at once. */
const worthIt = 4 * rowsAtOnce;
/** Ends a transaction of several at once: one of them is stale, and which has to be found out. */
const uneven = new Error('a change is stale');

/**
 * Writes a batch in one transaction. Returns the rows that the database does not take, which
 * are left out so that one bad change does not lose its neighbours'. Where there is no room, what
 * ends deliveries is written alone: it makes room. Throws a `StoreError` when nothing was written.
 * An empty batch tries the disk.
 * @param batch Its number, stored with what it does to deliveries.
 */
export function writeBatch(
  database: Database,
  rows: Rows,
  changes: readonly Change[],
  batch: number,
): ReadonlyMap<number, StoreError> {
  try {
    if (changes.length === 0) tryDisk(database);
    return writeTogether(database, rows, changes, batch) ?? writeInOrder(database, rows, changes, batch);
  } catch (error) {
    const failure = failureOf(error, database.name);
    if (failure.kind === 'full' && changes.some(endsDeliveries))
      return writeEnds(database, rows, changes, batch, failure);
    if (failure.kind !== 'refused') throw failure;
    return writeOneByOne(database, rows, changes, batch);
  }
}

/** Writes several rows at a time; `undefined` when nothing was written, because one of the changes is stale. */
function writeTogether(database: Database, rows: Rows, changes: readonly Change[], batch: number): Refused | undefined {
  if (changes.length < worthIt) return undefined;
  try {
    return transact(database, rows, batch, (tallies) => {
      const together = rows.together(tallies);
      if (!changes.every((change) => together.take(change)) || !together.finish()) throw uneven;
      return new Map();
    });
  } catch (error) {
    if (error === uneven) return undefined;
    throw error;
  }
}

function writeInOrder(database: Database, rows: Rows, changes: readonly Change[], batch: number): Refused {
  return transact(database, rows, batch, (tallies) => {
    const refused: Refused = new Map();
    changes.forEach((change, row) => {
      if (!rows.apply(change, tallies)) refused.set(row, staleError(database.name, change));
    });
    return refused;
  });
}

function writeEnds(
  database: Database,
  rows: Rows,
  changes: readonly Change[],
  batch: number,
  failure: StoreError,
): Refused {
  // What the log holds may go into the file as it is; then the log begins anew in the room that it has.
  checkpoint(database);
  return transact(database, rows, batch, (tallies) => {
    const refused: Refused = new Map();
    changes.forEach((change, row) => {
      if (!endsDeliveries(change)) refused.set(row, failure);
      else if (!rows.apply(change, tallies)) refused.set(row, staleError(database.name, change));
    });
    return refused;
  });
}

function writeOneByOne(database: Database, rows: Rows, changes: readonly Change[], batch: number): Refused {
  return transact(database, rows, batch, (tallies) => {
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

/** Does `work` in a transaction, and adds to the stored tallies what it counts. */
function transact(database: Database, rows: Rows, batch: number, work: (tallies: Tallies) => Refused): Refused {
  try {
    return database
      .transaction(() => {
        const tallies = new Tallies();
        const refused = work(tallies);
        rows.add(tallies, batch);
        return refused;
      })
      .immediate();
  } catch (error) {
    if (error === uneven) throw uneven;
    throw failureOf(error, database.name);
  }
}
