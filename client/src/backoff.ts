/** Random waits that grow: full jitter under a bound that doubles up to a limit (RFC 6120 section 3.3). */
export class Backoff {
  readonly #min: number;
  readonly #max: number;
  readonly #random: () => number;
  #failures = 0;

  /** `min` and `max` in milliseconds. */
  constructor(min: number, max: number, random: () => number = Math.random) {
    this.#min = min;
    this.#max = max;
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const bound = Math.min(this.#max, this.#min * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return bound * this.#random();
  }

  reset(): void {
    this.#failures = 0;
  }
}
