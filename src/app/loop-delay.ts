/** Tells how late each beat of an interval comes: the event loop was busy with something else for so long. */
export class LoopDelay {
  readonly #every: number;
  readonly #late: (milliseconds: number) => void;
  readonly #steady: () => number;
  #last: number | undefined;

  /**
   * @param every The interval, in milliseconds.
   * @param late Told at each beat but the first.
   * @param steady Milliseconds of a clock that nobody sets.
   */
  constructor(every: number, late: (milliseconds: number) => void, steady = (): number => performance.now()) {
    this.#every = every;
    this.#late = late;
    this.#steady = steady;
  }

  beat(): void {
    const now = this.#steady();
    if (this.#last !== undefined) this.#late(Math.max(0, now - this.#last - this.#every));
    this.#last = now;
  }
}
