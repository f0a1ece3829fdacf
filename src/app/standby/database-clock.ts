/** Answers whose time is looked at: the one that was quickest tells it best. */
const samples = 8;

interface Sample {
  /** What is to be added to the steady clock. */
  readonly offset: number;
  /** Milliseconds from question to answer. */
  readonly trip: number;
}

/**
 * The clock of a database that instances share: whatever the clocks of their machines say, a deadline that one
 * of them sets is the same for the next. Epoch milliseconds.
 */
export class DatabaseClock {
  readonly #steady: () => number;
  #samples: readonly Sample[] = [];
  #offset: number | undefined;

  /** @param steady Milliseconds of a clock that nobody sets. */
  constructor(steady: () => number) {
    this.#steady = steady;
  }

  /** The database said `now` when it was asked at `asked` and had answered at `answered`, both of the steady clock. */
  note(now: number, asked: number, answered: number): void {
    const sample = { offset: now - (asked + answered) / 2, trip: answered - asked };
    this.#samples = [...this.#samples, sample].slice(-samples);
    this.#offset = this.#samples.reduce((best, each) => (each.trip < best.trip ? each : best)).offset;
  }

  /** Before the database has said anything, this machine's clock. */
  now(): number {
    return this.#offset === undefined ? Date.now() : this.#offset + this.#steady();
  }
}
