import type { StoredDelivery, StoredQueue } from '../durable-state.ts';
import type { Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { PoolQueue } from './pool-queue.ts';
import { deliveryOf } from './stored.ts';

/**
 * Takes over what an earlier process has left of a queue. What workers had they may still have: they
 * can acknowledge it until its lease runs out, and only then it goes to others.
 */
export function restoreQueue(desk: Desk, queue: PoolQueue, stored: StoredQueue): void {
  queue.quota.restore(stored.bytes, stored.senders);
  for (const { id, key } of stored.duplicates) desk.duplicates.add(queue.name, key, id);
  desk.ids.passed(stored.tally.last);
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

function holdOf({ pool }: PoolQueue, worker: string, { nonce }: Delivery): Hold {
  return { worker, member: pool.roster.get(worker), level: nonce === '' ? 'receipt' : 'processed', state: 'has' };
}
