/** Places that a key may stand in, next to each other; the one used last comes first. */
const ways = 8;
const smallest = 16;

/**
 * Remembers a value and a number by the hash of a key, in a table that grows as it fills, up to a bound. Beyond
 * it a new key displaces one that it shares its places with, the longest unused of those. What is
 * found costs no allocation; what was displaced has only to be worked out again.
 */
export class KeyCache<T> {
  readonly #bound: number;
  #keys = new Float64Array(smallest).fill(-1);
  #values: (T | undefined)[] = emptySlots(smallest);
  #stamps = new Float64Array(smallest);
  #size = 0;

  /** @param bound Most keys held; at least 16. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** The value of `key`, a whole number from 0 to 2^53. */
  get(key: number): T | undefined {
    const first = this.#place(key);
    for (let at = first; at < first + ways; at += 1) {
      if (this.#keys[at] !== key) continue;
      const value = this.#values[at];
      if (at > first) this.#toFront(first, at, key, value, this.#stamps[at] ?? 0);
      return value;
    }
    return undefined;
  }

  /** The number that stands with `key`, which `get` or `set` was just called with. */
  stampOf(key: number): number {
    return this.#stamps[this.#place(key)] ?? 0;
  }

  set(key: number, value: T, stamp: number): void {
    // At a quarter, hardly any key lacks a place: one that does is worked out anew each time.
    if (this.#size * 4 > this.#keys.length && this.#keys.length * 2 <= this.#bound) this.#grow();
    const first = this.#place(key);
    let at = first;
    while (at < first + ways - 1 && this.#keys[at] !== key && this.#keys[at] !== -1) at += 1;
    if (this.#keys[at] === -1) this.#size += 1;
    this.#toFront(first, at, key, value, stamp);
  }

  /** The first of the places of `key`. */
  #place(key: number): number {
    return ((key >>> 0) * ways) & (this.#keys.length - 1);
  }

  /** Puts a key at `first`; those before `at` move up by one, and what stood at `at` is gone. */
  #toFront(first: number, at: number, key: number, value: T | undefined, stamp: number): void {
    for (let to = at; to > first; to -= 1) {
      this.#keys[to] = this.#keys[to - 1] ?? -1;
      this.#values[to] = this.#values[to - 1];
      this.#stamps[to] = this.#stamps[to - 1] ?? 0;
    }
    this.#keys[first] = key;
    this.#values[first] = value;
    this.#stamps[first] = stamp;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const stamps = this.#stamps;
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#values = emptySlots(keys.length * 2);
    this.#stamps = new Float64Array(keys.length * 2);
    this.#size = 0;
    for (const [index, key] of keys.entries()) {
      const value = values[index];
      if (key >= 0 && value !== undefined) this.set(key, value, stamps[index] ?? 0);
    }
  }
}

function emptySlots(count: number): undefined[] {
  return Array.from({ length: count }, () => undefined);
}
