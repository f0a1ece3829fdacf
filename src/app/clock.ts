/** How fast time passes after the system's clock was set back, until that has caught up: a share of real time. */
const pace = 0.5;

/**
 * Epoch milliseconds that never go back, and never stand still: windows and deadlines must neither run
 * backwards nor wait when the system's clock is set. After a step back they pass at half their speed
 * until the clock has caught up.
 */
export class SteadyClock {
  readonly #wall: () => number;
  readonly #steady: () => number;
  #last = 0;
  #asked = 0;

  /**
   * @param wall The system's clock, in epoch milliseconds.
   * @param steady Milliseconds of a clock that nobody sets.
   */
  constructor(wall = Date.now, steady = (): number => performance.now()) {
    this.#wall = wall;
    this.#steady = steady;
  }

  now(): number {
    const asked = this.#steady();
    const passed = this.#last === 0 ? 0 : asked - this.#asked;
    this.#asked = asked;
    this.#last = Math.max(this.#last + passed * pace, this.#wall());
    return Math.trunc(this.#last);
  }
}
