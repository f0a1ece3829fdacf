import type { QueueDepth, Queues, Stall } from '../commands/queues.ts';
import type { QueueRows, StoredDelivery } from '../delivery-state.ts';
import type { Pool } from '../pool/pool.ts';
import type { Desk } from './desk.ts';
import type { Operations } from './operations.ts';
import type { PoolQueue } from './pool-queue.ts';
import { stallOf } from './stall.ts';
import type { QueueLook } from './stall-watch.ts';

const nothingKept: Stall = { reason: 'none', text: 'The pool keeps no messages.', until: undefined };

/** What operators see and do of the queues of durable pools. */
export class QueueView implements Queues {
  readonly #desk: Desk;
  readonly #operations: Operations;

  constructor(desk: Desk, operations: Operations) {
    this.#desk = desk;
    this.#operations = operations;
  }

  depth(pool: Pool): QueueDepth | undefined {
    const queue = this.#of(pool);
    if (queue === undefined) return undefined;
    const { ready, leased, dead, quota, tally } = queue;
    const redriving = this.#operations.redriving(queue);
    return { ready: ready.size, leased, dead, redriving, bytes: quota.bytes, oldestSince: ready.oldestSince(), tally };
  }

  stall(pool: Pool, now: number): Stall {
    const queue = this.#of(pool);
    return queue === undefined ? nothingKept : this.#stall(queue, now);
  }

  failures(pool: Pool): ReadonlyMap<string, number> {
    const oldest = this.#of(pool)?.ready.oldest;
    const failed = oldest?.history.filter(({ worker }) => oldest.wasFailedBy(worker)) ?? [];
    return new Map(failed.map(({ worker, attempt }) => [worker, attempt]));
  }

  /** What the watch over queues that stand has to know of one. */
  look(queue: PoolQueue, now: number): QueueLook {
    const { reason, text } = this.#stall(queue, now);
    const { name: pool, ready, given } = queue;
    return { pool, reason, text, waiting: this.#waiting(queue), oldestSince: ready.oldestSince(), given };
  }

  list(pool: Pool, states: readonly StoredDelivery['state'][], after: number, limit: number): Promise<QueueRows> {
    return this.#operations.list(pool.settings.name, states, after, limit);
  }

  cancel(pool: Pool, ids: readonly number[]): Promise<number> {
    const queue = this.#of(pool);
    return queue === undefined ? Promise.resolve(0) : this.#operations.cancel(queue, ids);
  }

  purge(pool: Pool, state: 'ready' | 'dead'): Promise<number> {
    const queue = this.#of(pool);
    return queue === undefined ? Promise.resolve(0) : this.#operations.purge(queue, state);
  }

  redrive(pool: Pool, ids: readonly number[] | 'all', perSecond: number): void {
    const queue = this.#of(pool);
    if (queue !== undefined) this.#operations.redrive(queue, ids === 'all' ? undefined : ids, perSecond);
  }

  #of(pool: Pool): PoolQueue | undefined {
    return this.#desk.queues.get(pool.settings.name);
  }

  /** How many wait for a worker, and how many would if the store did its part. */
  #waiting({ ready, quota, leased }: PoolQueue): number {
    return this.#desk.storeFails ? Math.max(ready.size, quota.messages - leased) : ready.size;
  }

  #stall(queue: PoolQueue, now: number): Stall {
    const { pool, ready } = queue;
    const { attached, congestedUntil, service, holds } = this.#desk;
    const facts = {
      pool,
      waiting: this.#waiting(queue),
      attached,
      draining: service.draining,
      verifying: holds(pool, now),
      congested: now < congestedUntil,
      storeFails: this.#desk.storeFails,
      census: ready.census(),
      dueAt: ready.dueAt(),
      leaseEndsAt: queue.deadlines.nextAt,
    };
    return stallOf(facts, now);
  }
}
