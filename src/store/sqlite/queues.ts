import type { Database } from 'better-sqlite3';
import type { StoredQueue, StoredTally } from '../../core/delivery-state.ts';
import { hold } from './connection.ts';
import { type DeliveryRow, deliveryOf } from './delivery-row.ts';

interface TallyRow extends StoredTally {
  readonly pool: string;
}

interface SenderRow {
  readonly pool: string;
  readonly sender: string;
  readonly open: number;
  readonly bytes: number;
}

interface DuplicateRow {
  readonly id: number;
  readonly key: string;
}

/** Most keys of duplicates of one pool that are read at start: more than the core has room for. */
const duplicatesMost = 250_000;

/** Prepares the statements that read what a router needs of the deliveries when it starts. */
export function prepareQueues(database: Database): () => StoredQueue[] {
  const tallies = hold(
    database.prepare<[], TallyRow>(
      'select pool, accepted, acknowledged, bounced, purged, last from tally order by pool',
    ),
  );
  const senders = hold(
    database.prepare<[], SenderRow>(
      `select pool, substr(sender, 1, instr(sender || '/', '/') - 1) as sender, count(*) as open, sum(bytes) as bytes
       from delivery where state < 2 group by 1, 2`,
    ),
  );
  const dead = hold(
    database.prepare<[], { pool: string; dead: number }>(
      'select pool, count(*) as dead from delivery where state = 2 group by pool',
    ),
  );
  const begun = hold(
    database.prepare<[], DeliveryRow>(
      'select * from delivery where state = 1 or (state = 0 and attempt > base) order by id',
    ),
  );
  const duplicates = hold(
    database.prepare<[string, number], DuplicateRow>(
      'select id, lower(hex(key)) as key from duplicate where pool = ? order by id desc limit ?',
    ),
  );
  return () => {
    const sendersOf = byPool(senders.all());
    const begunOf = byPool(begun.all());
    const deadOf = new Map(dead.all().map((row) => [row.pool, row.dead]));
    return tallies.all().map(({ pool, ...tally }) => {
      const found = sendersOf.get(pool) ?? [];
      return {
        pool,
        tally,
        open: found.reduce((sum, { open }) => sum + open, 0),
        bytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
        dead: deadOf.get(pool) ?? 0,
        senders: found.map(({ sender, open }) => ({ sender, open })),
        begun: (begunOf.get(pool) ?? []).map((row) => deliveryOf(row, database.name)),
        duplicates: duplicates.all(pool, duplicatesMost).toReversed(),
      };
    });
  };
}

function byPool<Row extends { readonly pool: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.pool);
    if (group === undefined) groups.set(row.pool, [row]);
    else group.push(row);
  }
  return groups;
}
