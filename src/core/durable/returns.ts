import type { ReceivedError } from '../envelope.ts';
import { meansGone } from '../pool/watch/verification.ts';
import type { AttemptEnd, Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { Endings } from './endings.ts';
import type { PoolQueue } from './pool-queue.ts';
import { readRow } from './row-state.ts';
import { writeHistory } from './stored.ts';

/** Pause after a message could not be written, in milliseconds. */
const unsentPause = 100;

/** How a worker failed a delivery. */
export interface Failure {
  readonly end: AttemptEnd;
  /** Condition of the error that came back. */
  readonly error?: ReceivedError | undefined;
  /** It is not to be tried again. */
  readonly final?: boolean;
  /** Milliseconds that the worker asks to wait before the next attempt. */
  readonly delay?: number | undefined;
}

/** Takes deliveries back from workers that failed them, for others; or gives them up. */
export class Returns {
  readonly #desk: Desk;
  readonly #endings: Endings;
  readonly #changed: (queue: PoolQueue) => void;

  /** @param changed Told when a worker has room again, or a delivery is ready. */
  constructor(desk: Desk, endings: Endings, changed: (queue: PoolQueue) => void) {
    this.#desk = desk;
    this.#endings = endings;
    this.#changed = changed;
  }

  /** The worker of `hold` has failed `delivery`. */
  fail(queue: PoolQueue, delivery: Delivery, hold: Hold, failure: Failure): void {
    if (hold.state !== 'has') return;
    this.#leave(queue, delivery, hold, failure);
    if (delivery.state === 'over' || delivery.state === 'ending') {
      // Acknowledged by another; nobody waits for this one.
      if (delivery.state === 'over' && delivery.holds.every(({ state }) => state !== 'has')) queue.forget(delivery);
      this.#changed(queue);
      return;
    }
    const { now } = this.#desk;
    const condition = failure.error?.condition;
    const { attempt, nonce, leasedAt } = delivery;
    const { worker, level } = hold;
    delivery.history = [
      ...delivery.history,
      { worker, began: leasedAt, ended: now, end: failure.end, condition, attempt, nonce, level },
    ];
    this.#goOn(queue, delivery, failure);
    this.#changed(queue);
  }

  /** What became of it shows in events; what a worker did in `delivery-failed`. */
  #leave(queue: PoolQueue, delivery: Delivery, hold: Hold, { end, error }: Failure): void {
    const { now, suspect, late, service } = this.#desk;
    const { pool } = queue;
    hold.state = 'failed';
    queue.drop(hold);
    const { member } = hold;
    if (member === undefined) return;
    const isLate = end === 'timeout' && member.duty?.missed(delivery.id, now) === 'suspect';
    member.duty?.released();
    pool.dutyChanged(member, now);
    service.out.event(`attempt-${end}`, pool.settings.name);
    if (error !== undefined && meansGone(error.condition)) suspect(pool, member, error.condition, now);
    else if (isLate) late(pool, member, now);
  }

  #goOn(queue: PoolQueue, delivery: Delivery, failure: Failure): void {
    // Of copies the others may still succeed.
    if (delivery.holds.some(({ state }) => state === 'has')) return;
    const { maxAttempts } = queue.pool.settings.delivery;
    const { now } = this.#desk;
    if (failure.final === true) this.#endings.giveUp(queue, delivery, 'rejected', failure.error);
    else if (delivery.holds.length > 1 && failure.end !== 'unsent') this.#endings.giveUp(queue, delivery, 'all-failed');
    else if (delivery.failures >= maxAttempts) this.#endings.giveUp(queue, delivery, 'max-attempts', failure.error);
    else if (delivery.expires <= now) this.#endings.giveUp(queue, delivery, 'expired');
    else this.#release(queue, delivery, now + this.#pause(queue, delivery, failure));
  }

  /**
   * The first worker that is gone costs no time; after that pauses grow, and differ from each other so
   * that what failed together does not come back together.
   */
  #pause(queue: PoolQueue, delivery: Delivery, { end, delay }: Failure): number {
    if (delay !== undefined) return delay;
    // Nobody has failed: but what cannot be written now cannot be a moment later.
    if (end === 'unsent') return unsentPause;
    const { min, max } = queue.pool.settings.delivery.backoff;
    const atOnce = end === 'gone' || end === 'error' ? 1 : 0;
    const step = delivery.failures - 1 - atOnce;
    if (step < 0) return 0;
    const pause = Math.min(max, min * 2 ** step);
    return pause / 2 + (pause / 2) * this.#desk.random();
  }

  /** A step of `delivery` was not stored, or nobody knows: it goes on from where the store is. */
  recover(queue: PoolQueue, delivery: Delivery): void {
    queue.recall(delivery);
    delivery.state = 'returning';
    readRow(this.#desk, queue, delivery, (row) => {
      // It may have been acknowledged, or cancelled, meanwhile.
      if (delivery.state !== 'returning') return;
      if (row === undefined || row.state === 'dead') {
        this.#endings.missing(queue, delivery);
        return;
      }
      delivery.attempt = row.attempt;
      if (row.state === 'leased') this.#release(queue, delivery, delivery.notBefore);
      else this.#ready(queue, delivery);
    });
  }

  /** While it waited for another try it may have been acknowledged, or cancelled. */
  #recoverUnlessEnded(queue: PoolQueue, delivery: Delivery): void {
    if (delivery.state === 'returning') this.recover(queue, delivery);
  }

  #release(queue: PoolQueue, delivery: Delivery, notBefore: number): void {
    const { out } = this.#desk.service;
    const { id, attempt } = delivery;
    queue.recall(delivery);
    delivery.state = 'returning';
    delivery.notBefore = Math.floor(notBefore);
    const history = writeHistory(delivery.history);
    const change = { op: 'release', pool: queue.name, id, attempt, notBefore: delivery.notBefore, history } as const;
    out.commit(change, (error) => {
      this.#desk.storeFails = error !== undefined;
      if (delivery.state !== 'returning') return;
      if (error === undefined) this.#ready(queue, delivery);
      else this.#desk.later.add(() => this.#recoverUnlessEnded(queue, delivery), this.#desk.now);
    });
  }

  #ready(queue: PoolQueue, delivery: Delivery): void {
    delivery.state = 'ready';
    delivery.out = false;
    this.#desk.service.out.event('delivery-returned', queue.name);
    queue.ready.back(delivery);
    this.#changed(queue);
  }
}
