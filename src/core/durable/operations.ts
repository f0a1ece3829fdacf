import type { QueueQuery, QueueRows, StoredDelivery } from '../delivery-state.ts';
import type { Delivery } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { Endings } from './endings.ts';
import type { PoolQueue } from './pool-queue.ts';
import { deliveryOf } from './stored.ts';

/** Rows that are read at a time. */
const page = 256;

/** Dead letters that go back into the queue, so many a second. */
interface Redrive {
  readonly queue: PoolQueue;
  /** `undefined` for all that are dead when it begins. */
  readonly ids: number[] | undefined;
  readonly before: number;
  readonly perSecond: number;
  /** How many may go now; grows with time. */
  allowance: number;
  at: number;
  reading: boolean;
}

/** What an operator does to the deliveries of a pool. */
export class Operations {
  readonly #desk: Desk;
  readonly #endings: Endings;
  readonly #changed: (queue: PoolQueue) => void;
  #redrives: Redrive[] = [];
  /** Dead letters that the store was told to put back or to delete, and has not yet. */
  readonly #moving = new Set<StoredDelivery['id']>();

  /** @param changed Told when something waits. */
  constructor(desk: Desk, endings: Endings, changed: (queue: PoolQueue) => void) {
    this.#desk = desk;
    this.#endings = endings;
    this.#changed = changed;
  }

  /** Deliveries of these states, by id, after the id `after`. Rejects when the store cannot be read. */
  list(pool: string, states: readonly StoredDelivery['state'][], after: number, limit: number): Promise<QueueRows> {
    return this.#read({ want: 'list', pool, states, after, limit });
  }

  /** Those of these ids that there are. */
  find(pool: string, ids: readonly number[]): Promise<QueueRows> {
    return this.#read({ want: 'ids', pool, ids });
  }

  /** Takes deliveries that are not over out of the queue, and tells their senders; dead letters are left. Returns how many. */
  async cancel(queue: PoolQueue, ids: readonly number[]): Promise<number> {
    const { rows } = await this.find(queue.name, ids);
    let count = 0;
    for (const row of rows) {
      const delivery = row.state === 'dead' ? undefined : openDelivery(queue, row);
      if (delivery === undefined) continue;
      this.#endings.giveUp(queue, delivery, 'cancelled');
      count += 1;
    }
    return count;
  }

  /** Deletes everything of one state; of what is not dead the senders are told. Returns how many. */
  async purge(queue: PoolQueue, state: 'ready' | 'dead'): Promise<number> {
    let after = 0;
    let count = 0;
    for (;;) {
      const { rows, more } = await this.list(queue.name, [state], after, page);
      for (const row of rows) {
        after = row.id;
        if (state === 'ready') {
          const delivery = openDelivery(queue, row);
          if (delivery === undefined || delivery.state === 'leased') continue;
          this.#endings.giveUp(queue, delivery, 'cancelled');
        } else if (this.#isAtRest(queue, row)) this.#discard(queue, row.id);
        else continue;
        count += 1;
      }
      if (!more) return count;
    }
  }

  /** Puts dead letters back into the queue, at most `perSecond` of them in a second. */
  redrive(queue: PoolQueue, ids: readonly number[] | undefined, perSecond: number): void {
    const { now } = this.#desk;
    const before = now + 1;
    const list = ids === undefined ? undefined : [...ids];
    this.#redrives.push({ queue, ids: list, before, perSecond, allowance: 1, at: now, reading: false });
  }

  /** How many dead letters of `queue` are still to be put back. */
  redriving(queue: PoolQueue): number {
    let left = 0;
    for (const redrive of this.#redrives) if (redrive.queue === queue) left += redrive.ids?.length ?? queue.dead;
    return Math.min(left, queue.dead);
  }

  tick(now: number): void {
    for (const redrive of this.#redrives) {
      redrive.allowance = Math.min(page, redrive.allowance + ((now - redrive.at) * redrive.perSecond) / 1_000);
      redrive.at = now;
      if (!redrive.reading && redrive.allowance >= 1) void this.#redriveSome(redrive);
    }
  }

  async #redriveSome(redrive: Redrive): Promise<void> {
    const { queue, ids, before } = redrive;
    const limit = Math.floor(redrive.allowance);
    redrive.reading = true;
    const query: QueueQuery =
      ids === undefined
        ? // One of no date only waits for its sender to be told.
          { want: 'dead', pool: queue.name, from: 1, before, limit }
        : { want: 'ids', pool: queue.name, ids: ids.splice(0, limit) };
    const found = await this.#read(query).catch(() => undefined);
    redrive.reading = false;
    if (found === undefined) return;
    const rows = found.rows.filter((row) => this.#isAtRest(queue, row));
    redrive.allowance -= rows.length;
    for (const row of rows) this.#redriveOne(queue, row);
    if (ids === undefined ? rows.length === 0 : ids.length === 0) {
      this.#redrives = this.#redrives.filter((other) => other !== redrive);
    }
  }

  /** Whether it is a dead letter whose sender was told (before that it has no date), and that nothing else has happened to since it was read. */
  #isAtRest({ begun, ending }: PoolQueue, { id, state, deadAt }: StoredDelivery): boolean {
    const now = begun.get(id)?.state;
    const isBack = now === 'ready' || now === 'leased';
    return state === 'dead' && deadAt > 0 && !isBack && !this.#moving.has(id) && !ending.has(id);
  }

  #redriveOne(queue: PoolQueue, row: StoredDelivery): void {
    this.#moving.add(row.id);
    const { out } = this.#desk.service;
    const { now } = this.#desk;
    const expires = now + queue.pool.settings.delivery.ttl;
    out.commit({ op: 'redrive', pool: row.pool, id: row.id, expires, notBefore: now }, (error) => {
      this.#moving.delete(row.id);
      if (error !== undefined) return;
      const delivery = deliveryOf({ ...row, expires, notBefore: now, base: row.attempt });
      delivery.state = 'ready';
      queue.dead -= 1;
      delivery.counted = queue.quota.take(delivery.sender, delivery.bytes);
      queue.adopt(delivery);
      queue.ready.back(delivery);
      out.event('delivery-redriven', queue.name);
      this.#changed(queue);
    });
  }

  #discard(queue: PoolQueue, id: number): void {
    this.#moving.add(id);
    const { out } = this.#desk.service;
    out.commit({ op: 'purge', pool: queue.name, id }, (error) => {
      this.#moving.delete(id);
      if (error !== undefined) return;
      queue.dead -= 1;
      queue.tally.purged += 1;
      out.event('delivery-purged', queue.name);
    });
  }

  #read(query: QueueQuery): Promise<QueueRows> {
    return new Promise((resolve, reject) => {
      this.#desk.service.out.read(query, (rows, error) => {
        if (rows === undefined) reject(error ?? new Error('The store gave no answer.'));
        else resolve(rows);
      });
    });
  }
}

/**
 * The delivery of a row that is ready or leased: the one at hand, else one made of the row, which waits
 * in the store alone and is taken out of the line by this. `undefined` when it has moved on since it was read.
 */
export function openDelivery(queue: PoolQueue, row: StoredDelivery): Delivery | undefined {
  if (queue.isEnding(row.id)) return undefined;
  const begun = queue.begun.get(row.id);
  if (begun !== undefined) return begun.state === 'ready' || begun.state === 'leased' ? begun : undefined;
  if (row.state !== 'ready') return undefined;
  const delivery = queue.ready.remove(row.id) ?? deliveryOf(row);
  delivery.state = 'ending';
  return delivery;
}
