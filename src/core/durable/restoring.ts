import type { StoredDelivery, StoredQueue } from '../delivery-state.ts';
import type { Pool } from '../pool/pool.ts';
import type { Out } from '../ports.ts';
import type { Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { Duplicates } from './duplicates.ts';
import { nowhere } from './held.ts';
import { PoolQueue } from './pool-queue.ts';
import { Quota } from './quota.ts';
import { ReadyQueue } from './ready-queue.ts';
import { deliveryOf } from './stored.ts';

/** What was counted in a queue that never was. */
const nothing = { accepted: 0, acknowledged: 0, bounced: 0, purged: 0, last: 0 };
/** Messages that wait in memory, of each pool; the others are in the store alone. */
const heads = 1_000;

/**
 * Takes over by what messages are known that come again, of all pools, also of those that are not open: one
 * table holds them all, the oldest first.
 */
export function restoreDuplicates(duplicates: Duplicates, stored: readonly StoredQueue[]): void {
  const known = stored.flatMap(({ pool, duplicates }) => duplicates.map(({ id, key }) => ({ pool, id, key })));
  known.sort((a, b) => a.id - b.id);
  for (const { pool, id, key } of known) duplicates.add(pool, key, id);
}

/**
 * Opens the queue of a pool, with what an earlier process has left of it. What workers had they may still have: they
 * can acknowledge it until its lease runs out, and only then it goes to others.
 */
export function openQueue(
  desk: Pick<Desk, 'service' | 'random'>,
  pool: Pool,
  stored: StoredQueue | undefined,
): PoolQueue {
  const { ordering, queue: limits } = pool.settings.delivery;
  const { maxMessages, maxBytes, perSender } = limits;
  const { memory } = desk.service;
  const { name } = pool.settings;
  const queue = new PoolQueue(
    pool,
    new ReadyQueue({ pool: name, heads, memory, ordered: ordering !== 'none' }),
    new Quota({ maxMessages, maxBytes, perSender }, memory),
    memory,
    { tally: stored?.tally ?? nothing, dead: stored?.dead ?? 0 },
    Math.floor(desk.random() * 2 ** 32),
  );
  if (stored !== undefined) restoreQueue(queue, stored);
  return queue;
}

/** Tells of messages of a pool that is not open: they go nowhere, and no command shows them. */
export function tellStranded({ pool, open, dead }: StoredQueue, out: Pick<Out, 'notice'>): void {
  if (open + dead === 0) return;
  out.notice({
    level: 'warn',
    event: 'messages-stranded',
    pool,
    text: `the configuration has no pool ${pool}, and the store holds messages of it: ${open} that wait, ${dead} dead letters. They stay until there is such a pool again`,
    detail: { waiting: open, dead },
  });
}

function restoreQueue(queue: PoolQueue, stored: StoredQueue): void {
  queue.quota.restore(stored.bytes, stored.senders);
  for (const row of stored.begun) {
    const delivery = deliveryOf(row);
    queue.adopt(delivery);
    if (row.state === 'leased') restoreLease(queue, delivery, row);
    else restoreReady(queue, delivery);
  }
  queue.ready.restore(stored.open - stored.begun.length);
}

function restoreLease(queue: PoolQueue, delivery: Delivery, row: StoredDelivery): void {
  delivery.state = 'leased';
  // Perhaps it was not; nobody knows.
  delivery.sent = true;
  delivery.holds = (row.worker ?? '').split('\n').map((worker) => holdOf(queue, worker, delivery));
  queue.ready.take(delivery);
  delivery.out = true;
  queue.begin(delivery);
  for (const { member } of delivery.holds) {
    if (member === undefined) continue;
    member.duty?.lease(delivery.id, delivery.leasedAt);
    queue.pool.dutyChanged(member, delivery.leasedAt);
  }
}

function restoreReady(queue: PoolQueue, delivery: Delivery): void {
  delivery.state = 'ready';
  queue.ready.back(delivery);
}

function holdOf({ pool }: PoolQueue, worker: string, delivery: Delivery): Hold {
  const member = pool.roster.get(worker);
  const level = delivery.nonce !== '' ? 'processed' : member?.far === undefined ? 'receipt' : 'queued';
  return { worker, member, level, state: 'has', delivery, place: nowhere };
}
