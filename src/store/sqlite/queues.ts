import type { Database } from 'better-sqlite3';
import type { StoredQueue } from '../../core/delivery-state.ts';
import type { DeliveryRow } from '../delivery-row.ts';
import {
  type DeadRow,
  type DuplicateRow,
  duplicatesMost,
  queuesOf,
  type SenderRow,
  type TallyRow,
} from '../stored-queues.ts';
import { hold } from './connection.ts';

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
    database.prepare<[], DeadRow>('select pool, count(*) as dead from delivery where state = 2 group by pool'),
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
  return () =>
    queuesOf(
      {
        tallies: tallies.all(),
        senders: senders.all(),
        dead: dead.all(),
        begun: begun.all(),
        duplicatesOf: (pool) => duplicates.all(pool, duplicatesMost).toReversed(),
      },
      database.name,
    );
}
