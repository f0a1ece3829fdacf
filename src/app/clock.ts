/**
 * Epoch milliseconds that never go back: windows and deadlines must not run backwards when the
 * system's clock is set. After a step back time stands still until the clock has caught up.
 */
export class SteadyClock {
  #last = 0;

  now(): number {
    this.#last = Math.max(this.#last, Date.now());
    return this.#last;
  }
}
