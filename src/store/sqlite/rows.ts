import type { Database, Statement } from 'better-sqlite3';
import type { DeliveryChange, QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Change, Snapshot } from '../../core/durable-state.ts';
import { isDeliveryChange } from '../delivery-change.ts';
import { type SnapshotRow, snapshotOf } from '../stored-rows.ts';
import type { Tallies } from '../tallies.ts';
import { hold } from './connection.ts';
import { prepareDeliveryReads } from './delivery-reads.ts';
import { DeliveryRun } from './delivery-run.ts';
import { prepareDeliveryWrites } from './delivery-writes.ts';
import { selectMade } from './made-rows.ts';
import { prepareQueues } from './queues.ts';

/** Changes that are written in groups. Whatever is false means that one is stale: the transaction is to be given up. */
interface Together {
  take(change: Change): boolean;
  finish(): boolean;
}

/** The statements of one connection, prepared once. */
export interface Rows {
  /** Applies one change inside the caller's transaction, and counts it; false when it is stale, and nothing is changed. */
  apply(change: Change, tallies: Tallies): boolean;
  /** Begins to apply the changes of a batch, where they may be in groups. */
  together(tallies: Tallies): Together;
  /** Adds what was counted to the stored tallies, in the same transaction, with the number of the batch. */
  add(tallies: Tallies, batch: number): void;
  /** Whether the batch of this number changed deliveries of a pool, and none changed them after it. */
  wasLast(batch: number): boolean;
  load(): Snapshot;
  read(query: QueueQuery): QueueRows;
}

/** Prepares the statements on a migrated database. */
export function prepareRows(database: Database): Rows {
  const apply = prepareChanges(database);
  const deliveries = prepareDeliveryWrites(database);
  const queues = prepareQueues(database);
  const preferences = hold(
    database.prepare<[], SnapshotRow<'preferences'>>('select pool, algorithm, replaced from preference'),
  );
  const members = hold(
    database.prepare<[], SnapshotRow<'members'>>(
      'select pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen from member order by pool, sequence',
    ),
  );
  const conversations = hold(
    database.prepare<[], SnapshotRow<'conversations'>>('select pool, sender, worker, at from conversation'),
  );
  const subscriptions = hold(
    database.prepare<[], SnapshotRow<'subscriptions'>>('select pool, peer, state, ask from subscription'),
  );
  const aliases = hold(database.prepare<[], SnapshotRow<'aliases'>>('select pool, sender, key, at from alias'));
  const orders = hold(database.prepare<[], SnapshotRow<'orders'>>('select pool, jid, held, weight from worker_order'));
  const made = hold(database.prepare<[], SnapshotRow<'made'>>(selectMade));
  const labels = hold(
    database.prepare<[], SnapshotRow<'labels'>>('select pool, label, bare, at from label order by at'),
  );
  return {
    apply: (change, tallies) => {
      if (isDeliveryChange(change)) return deliveries.apply(change, tallies);
      apply(change);
      return true;
    },
    together: (tallies) => writeTogether(new DeliveryRun(deliveries, tallies), apply),
    add: (tallies, batch) => deliveries.add(tallies, batch),
    wasLast: (batch) => deliveries.wasLast(batch),
    read: prepareDeliveryReads(database),
    load: () => {
      const rows = {
        preferences: preferences.all(),
        members: members.all(),
        conversations: conversations.all(),
        subscriptions: subscriptions.all(),
        aliases: aliases.all(),
        labels: labels.all(),
        orders: orders.all(),
        made: made.all(),
      };
      return snapshotOf(rows, queues(), database.name);
    },
  };
}

/** Steps of deliveries by `run`, and other changes by `apply`: no two of them are about the same row. */
function writeTogether(run: DeliveryRun, apply: (change: PlainChange) => void): Together {
  return {
    take: (change) => {
      if (isDeliveryChange(change)) return run.take(change);
      apply(change);
      return true;
    },
    finish: () => run.finish(),
  };
}

/** A change that is no step of a delivery. */
type PlainChange = Exclude<Change, DeliveryChange>;

/** How each change is written; a change's fields are the parameters. */
const statements: Readonly<Record<PlainChange['op'], string>> = {
  'set-preference':
    'insert or replace into preference (pool, algorithm, replaced) values (:pool, :algorithm, :replaced)',
  'clear-preference': 'delete from preference where pool = :pool',
  'put-member': `insert or replace into member (pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen)
     values (:pool, :jid, :label, :sequence, :priority, :show, :weight, :capacity, :drain, :pings, :seen)`,
  'remove-member': 'delete from member where pool = :pool and jid = :jid',
  'put-conversation':
    'insert or replace into conversation (pool, sender, worker, at) values (:pool, :sender, :worker, :at)',
  'expire-conversations': 'delete from conversation where pool = :pool and at < :before',
  'put-subscription':
    'insert or replace into subscription (pool, peer, state, ask) values (:pool, :peer, :state, :ask)',
  'remove-subscription': 'delete from subscription where pool = :pool and peer = :peer',
  'put-label': 'insert or replace into label (pool, label, bare, at) values (:pool, :label, :bare, :at)',
  'remove-label': 'delete from label where pool = :pool and label = :label',
  'put-order': 'insert or replace into worker_order (pool, jid, held, weight) values (:pool, :jid, :held, :weight)',
  'remove-order': 'delete from worker_order where pool = :pool and jid = :jid',
  'put-pool': 'insert or replace into made_pool (name, settings, made_by, made_at) values (:pool, :settings, :by, :at)',
  'remove-pool': 'delete from made_pool where name = :pool',
  'put-alias': 'insert or replace into alias (pool, sender, key, at) values (:pool, :sender, :key, :at)',
  'remove-alias': 'delete from alias where pool = :pool and sender = :sender',
};

function prepareChanges(database: Database): (change: PlainChange) => void {
  const prepared = new Map<string, Statement>(
    Object.entries(statements).map(([op, sql]) => [op, hold(database.prepare(sql))]),
  );
  return (change) => prepared.get(change.op)?.run(parametersOf(change));
}

/** SQLite has neither booleans nor `undefined`. */
function parametersOf(change: PlainChange): Record<string, string | number | null> {
  return Object.fromEntries(
    Object.entries(change).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : (value ?? null)]),
  );
}
