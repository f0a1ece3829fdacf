import type { QueueQuery, QueueRows } from '../delivery-state.ts';
import type { Delivery } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { Endings } from './endings.ts';
import type { Leasing } from './leasing.ts';
import { openDelivery } from './operations.ts';
import type { PoolQueue } from './pool-queue.ts';
import { Repeats } from './repeats.ts';
import type { Returns } from './returns.ts';
import { deliveryOf } from './stored.ts';

/** Leases that run out are looked at so many at a time. */
const batch = 256;
/** How often what only the store knows is looked at, in milliseconds. */
const sweepEvery = 5_000;
/** Least time between two looks for duplicates that need not be known any more, in milliseconds. */
const forgetEvery = 60_000;

/** What time does to durable deliveries: leases run out, messages grow too old, dead letters are forgotten. */
export class Housekeeping {
  readonly #desk: Desk;
  readonly #leasing: Leasing;
  readonly #returns: Returns;
  readonly #endings: Endings;
  readonly #repeats: Repeats;
  readonly #sweeping = new Set<string>();
  #sweptAt = 0;
  #forgottenAt = 0;

  constructor(desk: Desk, leasing: Leasing, returns: Returns, endings: Endings) {
    this.#desk = desk;
    this.#leasing = leasing;
    this.#repeats = new Repeats(leasing);
    this.#returns = returns;
    this.#endings = endings;
  }

  /** To be called about ten times a second. */
  tick(now: number): void {
    this.#desk.later.tick(now);
    for (const queue of this.#desk.queues.values()) {
      if (this.#desk.attached) this.#timeouts(queue, now);
      this.#repeats.tick(queue, now);
      this.#expire(queue, now);
      this.go(queue, now);
    }
    if (now - this.#sweptAt >= sweepEvery) this.#sweep(now);
    if (now - this.#forgottenAt >= forgetEvery) this.#forget(now);
  }

  /** Gives out what may be given out, and reads what comes next. */
  go(queue: PoolQueue, now: number): void {
    this.#leasing.drain(queue, now);
    this.#refill(queue);
  }

  /** A link is there again. What workers had may be lost with the old one, or may not: they get the time again. */
  linkUp(now: number): void {
    for (const queue of this.#desk.queues.values()) {
      const { ackTimeout } = queue.pool.settings.delivery;
      for (const delivery of queue.begun.values()) {
        if (delivery.holds.length === 0 || delivery.deadline > now + ackTimeout) continue;
        delivery.deadline = now + ackTimeout;
        queue.deadlines.change(delivery, delivery.deadline);
      }
    }
    this.#repeats.linkUp(this.#desk.queues.values());
  }

  linkDown(): void {
    this.#repeats.linkDown();
  }

  #timeouts(queue: PoolQueue, now: number): void {
    for (const delivery of queue.deadlines.due(now, batch)) {
      if (delivery.state === 'accepting') {
        // The disk is slower than the lease is long; it begins when the message goes out.
        delivery.deadline = now + queue.pool.settings.delivery.ackTimeout;
        queue.deadlines.add(delivery, delivery.deadline);
        continue;
      }
      for (const hold of delivery.holds) {
        const left = hold.member !== undefined && !queue.pool.roster.holds(hold.member);
        this.#returns.fail(queue, delivery, hold, { end: left ? 'gone' : 'timeout' });
      }
    }
  }

  #expire(queue: PoolQueue, now: number): void {
    if (!this.#desk.attached) return;
    for (const delivery of queue.ready.expired(now, batch)) {
      // It is out of the line already.
      delivery.state = 'ending';
      this.#endings.giveUp(queue, delivery, 'expired');
    }
  }

  #refill(queue: PoolQueue): void {
    const query = queue.ready.wanted();
    if (query === undefined) return;
    this.#desk.service.out.read(query, (found, error) => {
      this.#desk.storeFails = error !== undefined;
      if (found === undefined || error !== undefined) {
        queue.ready.failed(query);
        return;
      }
      this.#mourn(queue, queue.ready.fill(query, found.rows.map(ready), found.more));
      this.go(queue, this.#desk.now);
    });
  }

  /** What the store lost though it waits here: somebody else wrote to the file. It cannot be sent any more. */
  #mourn(queue: PoolQueue, lost: readonly Delivery[]): void {
    if (lost.length === 0) return;
    for (const delivery of lost) {
      queue.ready.remove(delivery.id);
      queue.giveRoom(delivery);
      delivery.state = 'over';
      queue.forget(delivery);
    }
    const text = `${lost.length} messages that waited in pool ${queue.name} are no longer in the store: something else changed it.`;
    const detail = { lost: lost.length };
    this.#desk.service.out.notice({ level: 'error', event: 'deliveries-missing', pool: queue.name, text, detail });
  }

  /** Looks for what is too old and in the store alone. */
  #sweep(now: number): void {
    this.#sweptAt = now;
    if (!this.#desk.attached) return;
    for (const queue of this.#desk.queues.values()) {
      if (this.#sweeping.has(queue.name)) continue;
      const { name } = queue;
      const { deadLetters } = queue.pool.settings.delivery;
      if (queue.ready.size > 0) {
        this.#read(queue, { want: 'expired', pool: name, now, limit: batch }, (rows) => this.#expireRows(queue, rows));
      }
      if (queue.dead > 0) {
        const before = now - deadLetters;
        this.#read(queue, { want: 'dead', pool: name, from: 0, before, limit: batch }, (rows) =>
          this.#discard(queue, rows),
        );
      }
    }
  }

  #expireRows(queue: PoolQueue, { rows }: QueueRows): void {
    for (const row of rows) {
      const delivery = openDelivery(queue, row);
      if (delivery !== undefined && delivery.state !== 'leased') this.#endings.giveUp(queue, delivery, 'expired');
    }
  }

  /** Dead letters that were kept long enough, and those of no date, whose senders are not told yet. */
  #discard(queue: PoolQueue, { rows }: QueueRows): void {
    const { out } = this.#desk.service;
    for (const row of rows) {
      const { id, pool } = row;
      if (row.deadAt === 0) {
        this.#endings.tellLate(queue, row);
        continue;
      }
      out.commit({ op: 'purge', pool, id }, (error) => {
        if (error !== undefined) return;
        queue.dead -= 1;
        queue.tally.purged += 1;
        out.event('dead-letter-discarded', pool);
      });
    }
  }

  #read(queue: PoolQueue, query: QueueQuery, take: (rows: QueueRows) => void): void {
    this.#sweeping.add(queue.name);
    this.#desk.service.out.read(query, (found) => {
      this.#sweeping.delete(queue.name);
      if (found !== undefined) take(found);
    });
  }

  /** Forgets duplicates whose time is over. */
  #forget(now: number): void {
    this.#forgottenAt = now;
    for (const { name, pool } of this.#desk.queues.values()) {
      const before = this.#desk.ids.lowest(now - pool.settings.delivery.dedupeWindow);
      this.#desk.duplicates.expire(name, before);
      this.#desk.service.out.commit({ op: 'forget-duplicates', pool: name, before });
    }
  }
}

/** What a row of a delivery that waits says. */
function ready(row: Parameters<typeof deliveryOf>[0]): Delivery {
  const delivery = deliveryOf(row);
  delivery.state = 'ready';
  return delivery;
}
