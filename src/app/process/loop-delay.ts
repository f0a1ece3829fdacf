/** Beats that are remembered: a minute of ten in a second. */
const remembered = 600;

/** Tells how late each beat of an interval comes: the event loop was busy with something else for so long. */
export class LoopDelay {
  readonly #every: number;
  readonly #late: (milliseconds: number) => void;
  readonly #steady: () => number;
  #last: number | undefined;
  /** How late the last beats were, in milliseconds; the oldest is written over. */
  readonly #recent = new Float64Array(remembered);
  #place = 0;

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
    if (this.#last !== undefined) this.#note(Math.max(0, now - this.#last - this.#every));
    this.#last = now;
  }

  /** How late the beats of late were at most, in milliseconds, but for the worst hundredth of them. */
  get percentile99(): number {
    return this.#recent.toSorted()[Math.floor(remembered * 0.99)] ?? 0;
  }

  #note(late: number): void {
    this.#recent[this.#place] = late;
    this.#place = (this.#place + 1) % remembered;
    this.#late(late);
  }
}
