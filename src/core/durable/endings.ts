import type { StoredDelivery } from '../delivery-state.ts';
import type { ReceivedError } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Delivery } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { PoolQueue } from './pool-queue.ts';
import { isStale, readRow } from './row-state.ts';
import { deliveryOf, writeHistory } from './stored.ts';
import { stanzaIdOf } from './token.ts';

/** Why a delivery is given up: codes of the error that its sender gets. */
export type FailureReason = (typeof failureReasons)[number];

const failureReasons = [
  'expired',
  'max-attempts',
  'rejected',
  'all-failed',
  'cancelled',
  'dead-lettered',
  'too-large',
] as const satisfies readonly ErrorCode[];

function isFailureReason(text: string | undefined): text is FailureReason {
  return failureReasons.some((reason) => reason === text);
}

/** Brings deliveries to their one end, on disk first, and tells their senders. */
export class Endings {
  readonly #desk: Desk;
  readonly #changed: (queue: PoolQueue) => void;

  /** @param changed Told when room was made, or a key is free. */
  constructor(desk: Desk, changed: (queue: PoolQueue) => void) {
    this.#desk = desk;
    this.#changed = changed;
  }

  /** A worker has acknowledged it. Holds of other workers stay until they are heard, or their time is over. */
  acknowledge(queue: PoolQueue, delivery: Delivery): void {
    if (delivery.state === 'ready') queue.ready.remove(delivery.id);
    delivery.state = 'ending';
    // It is among those that workers have heard of, which are searched anyway: it need not be noted a second time.
    delivery.done = true;
    // It is never sent again. What lives shorter is less often moved by the garbage collector.
    delivery.message = undefined;
    this.#acknowledge(queue, delivery);
  }

  /** Gives it up; `error` is what a worker said of it. */
  giveUp(queue: PoolQueue, delivery: Delivery, reason: FailureReason, error?: ReceivedError): void {
    if (delivery.done || queue.ending.has(delivery.id)) return;
    this.#leave(queue, delivery);
    for (const hold of delivery.holds) {
      const { member } = hold;
      if (hold.state !== 'has' || member === undefined) continue;
      hold.state = 'failed';
      member.duty?.released();
      queue.pool.dutyChanged(member, this.#desk.now);
    }
    queue.recall(delivery);
    this.#giveUp(queue, delivery, reason, error);
  }

  /** Tells the sender of one that an earlier process gave up and did not get to tell of. */
  tellLate(queue: PoolQueue, row: StoredDelivery): void {
    if (queue.isEnding(row.id) || !this.#desk.attached) return;
    queue.ending.add(row.id);
    const delivery = deliveryOf(row);
    delivery.counted = queue.quota.take(delivery.sender, delivery.bytes);
    const reason = isFailureReason(row.reason) ? row.reason : 'max-attempts';
    if (!keeps(queue, reason)) queue.dead -= 1;
    this.#giveBack(queue, delivery, reason, undefined);
  }

  /** The store no longer has it: an end that it reported as failed was stored after all, or something else changed the file. */
  missing(queue: PoolQueue, delivery: Delivery): void {
    const text = `A message that waited in pool ${queue.name} is no longer in the store.`;
    const detail = { id: delivery.id };
    this.#desk.service.out.notice({ level: 'error', event: 'deliveries-missing', pool: queue.name, text, detail });
    this.#leave(queue, delivery);
    this.#over(queue, delivery);
  }

  #leave(queue: PoolQueue, delivery: Delivery): void {
    if (delivery.state === 'ready') queue.ready.remove(delivery.id);
    delivery.state = 'ending';
    queue.ending.add(delivery.id);
  }

  #acknowledge(queue: PoolQueue, delivery: Delivery): void {
    const { out } = this.#desk.service;
    out.commit({ op: 'ack', pool: queue.name, id: delivery.id }, (error) => {
      this.#desk.storeFails = error !== undefined;
      // Where the row is gone an earlier try was stored after all, though its report was lost.
      if (error !== undefined && !isStale(error)) {
        this.#postpone(() => this.#acknowledge(queue, delivery));
        return;
      }
      queue.tally.acknowledged += 1;
      out.event('delivery-acknowledged', queue.name);
      this.#over(queue, delivery);
      if (delivery.passedOn) queue.passedOn.note(delivery);
      else if (delivery.receipt && !queue.pool.hearsFrom(delivery.sender)) this.#receipt(queue, delivery);
    });
  }

  /** The receipt that the sender asked for; without a link it waits for one. */
  #receipt(queue: PoolQueue, delivery: Delivery): void {
    const { sender, to, name } = delivery;
    const sent = this.#desk.service.out.receipt({ from: sender, to, id: name });
    if (sent === 'link-down' || sent === 'congested') {
      this.#postpone(() => this.#receipt(queue, delivery));
    }
  }

  #giveUp(queue: PoolQueue, delivery: Delivery, reason: FailureReason, error: ReceivedError | undefined): void {
    const { out } = this.#desk.service;
    const { id, attempt } = delivery;
    const { name } = queue;
    const history = writeHistory(delivery.history);
    // It is a dead letter of no date until its sender is told: a crash must not be the end of that.
    out.commit({ op: 'bury', pool: name, id, attempt, reason, at: 0, history }, (failure) => {
      this.#desk.storeFails = failure !== undefined;
      if (failure === undefined) this.#buried(queue, delivery, reason, error);
      else this.#postpone(() => this.#buryAgain(queue, delivery, reason, error));
    });
  }

  /** The store failed: how far it got is asked first. */
  #buryAgain(queue: PoolQueue, delivery: Delivery, reason: FailureReason, error: ReceivedError | undefined): void {
    readRow(this.#desk, queue, delivery, (row) => {
      if (row === undefined) this.missing(queue, delivery);
      else if (row.state === 'dead') this.#buried(queue, delivery, reason, error);
      else {
        delivery.attempt = row.attempt;
        this.#giveUp(queue, delivery, reason, error);
      }
    });
  }

  #buried(queue: PoolQueue, delivery: Delivery, reason: FailureReason, error: ReceivedError | undefined): void {
    this.#desk.duplicates.forget(queue.name, delivery.id);
    if (keeps(queue, reason)) {
      queue.dead += 1;
      queue.pool.counts.refused += 1;
      this.#desk.service.out.event('delivery-dead', queue.name);
    }
    this.#giveBack(queue, delivery, reason, error);
  }

  #giveBack(queue: PoolQueue, delivery: Delivery, reason: FailureReason, error: ReceivedError | undefined): void {
    const { sender, to, name, id } = delivery;
    if (!queue.pool.hearsFrom(sender)) {
      const fate = { attempts: delivery.failures, stanzaId: stanzaIdOf(id), error };
      const sent = this.#desk.service.out.giveBack({ from: sender, to, id: name }, reason, fate);
      if (sent === 'link-down' || sent === 'congested') {
        this.#postpone(() => this.#giveBack(queue, delivery, reason, error));
        return;
      }
    }
    // Not before what was written to the sender has left: then no crash can take it back.
    this.#desk.later.addSoon(() => {
      if (keeps(queue, reason)) this.#keep(queue, delivery);
      else this.#remove(queue, delivery, reason);
    }, this.#desk.now);
  }

  /** Its sender is told, and it stays as a dead letter. */
  #keep(queue: PoolQueue, delivery: Delivery): void {
    const { now, service } = this.#desk;
    service.out.commit({ op: 'keep', pool: queue.name, id: delivery.id, at: now }, (failure) => {
      this.#desk.storeFails = failure !== undefined;
      // Where it is gone, or has its date, an operator or an earlier try was faster.
      if (failure === undefined || isStale(failure)) this.#over(queue, delivery);
      else this.#postpone(() => this.#keep(queue, delivery));
    });
  }

  /** Its sender is told, and nothing is kept of it. */
  #remove(queue: PoolQueue, delivery: Delivery, reason: FailureReason): void {
    const { out } = this.#desk.service;
    const { id, attempt } = delivery;
    out.commit({ op: 'bounce', pool: queue.name, id, attempt, reason }, (failure) => {
      this.#desk.storeFails = failure !== undefined;
      if (failure !== undefined && !isStale(failure)) {
        this.#postpone(() => this.#remove(queue, delivery, reason));
        return;
      }
      queue.tally.bounced += 1;
      queue.pool.counts.refused += 1;
      out.event('delivery-bounced', queue.name);
      this.#over(queue, delivery);
    });
  }

  /** It is stored no more. */
  #over(queue: PoolQueue, delivery: Delivery): void {
    delivery.state = 'over';
    queue.giveRoom(delivery);
    if (queue.ending.size > 0) queue.ending.delete(delivery.id);
    if (delivery.out && delivery.key !== undefined) queue.ready.free(delivery.key);
    delivery.out = false;
    if (delivery.holds.every(({ state }) => state !== 'has')) queue.forget(delivery);
    this.#changed(queue);
  }

  #postpone(run: () => void): void {
    this.#desk.later.add(run, this.#desk.now);
  }
}

/** Whether a delivery that ends for this reason stays as a dead letter. */
function keeps(queue: PoolQueue, reason: FailureReason): boolean {
  return reason !== 'cancelled' && queue.pool.settings.delivery.deadLetters > 0;
}
