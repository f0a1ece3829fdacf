import type { StoredQueue, StoredTally } from '../core/delivery-state.ts';
import { type DeliveryRow, deliveryOf } from './delivery-row.ts';

export interface TallyRow extends StoredTally {
  readonly pool: string;
}

export interface SenderRow {
  readonly pool: string;
  readonly sender: string;
  readonly open: number;
  readonly bytes: number;
}

export interface DeadRow {
  readonly pool: string;
  readonly dead: number;
}

export interface DuplicateRow {
  readonly id: number;
  readonly key: string;
}

/** What a database says of its deliveries, in rows. */
export interface QueueParts {
  readonly tallies: readonly TallyRow[];
  readonly senders: readonly SenderRow[];
  readonly dead: readonly DeadRow[];
  /** By id. */
  readonly begun: readonly DeliveryRow[];
  /** Of one pool, by id. */
  readonly duplicatesOf: (pool: string) => StoredQueue['duplicates'];
}

/** Most keys of duplicates of one pool that are read at start: more than the core has room for. */
export const duplicatesMost = 250_000;

/** Puts together what a router needs of the deliveries when it starts. */
export function queuesOf(parts: QueueParts, file: string): StoredQueue[] {
  const sendersOf = byPool(parts.senders);
  const begunOf = byPool(parts.begun);
  const deadOf = new Map(parts.dead.map((row) => [row.pool, row.dead]));
  return parts.tallies.map(({ pool, ...tally }) => {
    const found = sendersOf.get(pool) ?? [];
    return {
      pool,
      tally,
      open: found.reduce((sum, { open }) => sum + open, 0),
      bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
      dead: deadOf.get(pool) ?? 0,
      senders: found.map(({ sender, open }) => ({ sender, open })),
      begun: (begunOf.get(pool) ?? []).map((row) => deliveryOf(row, file)),
      duplicates: parts.duplicatesOf(pool),
    };
  });
}

/** Rows by their pool, each in its order. */
function byPool<Row extends { readonly pool: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.pool);
    if (group === undefined) groups.set(row.pool, [row]);
    else group.push(row);
  }
  return groups;
}
