import type { ReconnectSettings } from './link-settings.ts';

/**
 * Truncated binary exponential back-off with full jitter (RFC 6120 section 3.3): the n-th
 * delay is a random part of `min * 2^n`, never above `max`.
 */
export class Backoff {
  readonly #settings: ReconnectSettings;
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives numbers from 0 (inclusive) to 1. */
  constructor(settings: ReconnectSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt; the one after may wait twice as long. */
  next(): number {
    const { min, max } = this.#settings;
    const ceiling = Math.min(max, min * 2 ** this.#failures);
    if (ceiling < max) this.#failures += 1;
    return this.#random() * ceiling;
  }

  /** The longest delay, for a refusal that only an operator can end; later delays stay long. */
  longest(): number {
    const { min, max } = this.#settings;
    while (min * 2 ** this.#failures < max) this.#failures += 1;
    return max;
  }

  /** Starts again with the shortest delays. */
  reset(): void {
    this.#failures = 0;
  }
}
