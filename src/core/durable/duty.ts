import type { Level } from './levels.ts';

/** Missed deadlines of different deliveries that make a worker doubtful (delivery.md 3). */
const suspectAfter = 2;
/** How much of the mean latency one acknowledgement makes, as a divisor. */
const smoothing = 8;

const nobody = (): boolean => false;

/** Who a duty is of. */
interface Worker {
  readonly bare: string;
  /** Epoch milliseconds of the last sign of life; 0 when there was none. */
  readonly heardAt: number;
}

/**
 * What a worker has to do for a durable pool, and how it does: the messages that it holds, of those that it may
 * hold at a time. Whoever changes it calls `Pool.dutyChanged`.
 */
export class Duty {
  readonly #worker: Worker;
  readonly #isSubscribed: (account: string) => boolean;
  #capacity: number;
  #window: number;
  #held = 0;
  #leasedAt = 0;
  #latency: number | undefined;
  #missed: number[] = [];
  #missedAt = 0;
  /** The best that it has acknowledged by in this session. */
  proven: Level | undefined;
  /** Epoch milliseconds of when its client was last asked what it can do, having announced nothing; 0 for never. */
  askedAt = 0;

  /**
   * @param capacity Messages that it may hold at a time.
   * @param isSubscribed Whether an account is subscribed to the pool, or the pool to it.
   */
  constructor(worker: Worker, capacity: number, isSubscribed: (account: string) => boolean = nobody) {
    this.#worker = worker;
    this.#isSubscribed = isSubscribed;
    this.#capacity = capacity;
    this.#window = capacity;
  }

  /** Messages that it holds: given to it, and neither acknowledged nor taken back. */
  get held(): number {
    return this.#held;
  }

  /** Whether its account is subscribed to the pool, or the pool to it. */
  get subscribed(): boolean {
    return this.#isSubscribed(this.#worker.bare);
  }

  /** Messages that it may hold at a time, once it has started. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Messages that it may hold now: less than its capacity after it has failed, until it has shown that it works. */
  get window(): number {
    return this.#window;
  }

  /** Whether it gets no more before it has done something. */
  get full(): boolean {
    return this.#held >= this.#window;
  }

  /** Epoch milliseconds of the last lease; 0 when there was none. */
  get leasedAt(): number {
    return this.#leasedAt;
  }

  /** Milliseconds that it takes to acknowledge, a mean in which the last ones count most; `undefined` before the first. */
  get latency(): number | undefined {
    return this.#latency;
  }

  /** It is given one more: `id` of the delivery, at `now`. */
  lease(_id: number, now: number): void {
    this.#held += 1;
    this.#leasedAt = Math.max(this.#leasedAt, now);
  }

  /** It has acknowledged one that it held since `leasedAt`; each doubles what a worker may hold that starts slowly. */
  acknowledged(leasedAt: number, now: number): void {
    this.released();
    this.heard();
    const took = Math.max(0, now - leasedAt);
    this.#latency = this.#latency === undefined ? took : this.#latency + (took - this.#latency) / smoothing;
    this.#window = Math.min(this.#capacity, Math.max(1, 2 * this.#window));
  }

  /** One that it held was taken back, or it gave it back. */
  released(): void {
    this.#held = Math.max(0, this.#held - 1);
  }

  /**
   * The deadline of one that it holds has passed; it is still to be `released`. Misses of one and the same delivery
   * count once: they say as much of the message as of the worker. Those before its last sign of life do not count.
   * @returns `suspect` when there is reason to ask whether it lives; the count begins anew then.
   */
  missed(id: number, now: number): 'fine' | 'suspect' {
    if (this.#worker.heardAt > this.#missedAt) this.heard();
    this.#missedAt = Math.max(this.#missedAt, now);
    if (!this.#missed.includes(id)) this.#missed.push(id);
    if (this.#missed.length < suspectAfter) return 'fine';
    this.heard();
    return 'suspect';
  }

  /** It has shown that it lives: what it missed before does not count. */
  heard(): void {
    if (this.#missed.length > 0) this.#missed = [];
  }

  /** It may hold another number at a time. */
  resize(capacity: number): void {
    const starting = this.#window < this.#capacity;
    this.#capacity = capacity;
    this.#window = starting ? Math.min(this.#window, capacity) : capacity;
  }

  /** It is back after a failure: it may hold one at first, then two, four ... with each acknowledgement. */
  startSlowly(): void {
    this.#window = Math.min(1, this.#capacity);
  }
}
