import type { Rate } from '../../settings.ts';

/** What a bucket costs beside its key, in bytes: the record, its number, the head of a string, a place in a table. */
const overhead = 160;

/** What sums of fractions may be wrong by, in milliseconds. */
const rounding = 1e-6;

interface Bucket {
  /** When the bucket will be full again, in milliseconds since the first message. */
  full: number;
}

/**
 * One token bucket a key: `burst` tokens at most, refilled evenly. Never more than burst + rate x
 * time gets through in any window. Only the time at which a bucket is full again is kept, so a
 * bucket that is full may be forgotten. The table is bounded: two generations stand in for an LRU
 * list, and the older is forgotten when the younger holds half of the bound.
 */
export class TokenBuckets {
  readonly #interval: number;
  readonly #depth: number;
  readonly #half: number;
  #young = new Map<string, Bucket>();
  #old: ReadonlyMap<string, Bucket> = new Map();
  #held = 0;
  #start: number | undefined;

  /** @param bytes Bound of the table. */
  constructor({ count, period, burst }: Rate, bytes: number) {
    this.#interval = period / count;
    this.#depth = burst * this.#interval;
    this.#half = bytes / 2;
  }

  /** Buckets that are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * How long until `key` has `tokens`, in milliseconds: 0 for now, `Infinity` when there is never
   * room for so many. Takes none.
   */
  wait(key: string, tokens: number, now: number): number {
    const need = tokens * this.#interval;
    if (need > this.#depth) return Number.POSITIVE_INFINITY;
    const time = this.#time(now);
    const full = (this.#young.get(key) ?? this.#old.get(key))?.full ?? 0;
    const left = Math.max(full - time, 0) + need - this.#depth;
    return left < rounding ? 0 : left;
  }

  /** Takes `tokens` from the bucket of `key`. To be called only when `wait` says 0. */
  take(key: string, tokens: number, now: number): void {
    const bucket = this.#find(key);
    bucket.full = Math.max(bucket.full, this.#time(now)) + tokens * this.#interval;
  }

  #find(key: string): Bucket {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const bucket = this.#old.get(key) ?? { full: 0 };
    const cost = overhead + 2 * key.length;
    if (this.#held + cost > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#held = 0;
    }
    this.#young.set(key, bucket);
    this.#held += cost;
    return bucket;
  }

  /** Small numbers keep fractions of a millisecond exact that the present time would swallow. */
  #time(now: number): number {
    this.#start ??= now;
    return now - this.#start;
  }
}
