import type { Clock } from '../../src/xmpp/link/clock.ts';

/** A clock that a test moves by hand. */
export class FakeClock implements Clock {
  readonly #timers = new Set<{ at: number; run: () => void }>();
  #now = 1_000_000;

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers set and not yet run or cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves the time on to the next timer and runs what is due then. */
  advanceToNext(): void {
    this.advance(Math.min(...[...this.#timers].map((timer) => timer.at)) - this.#now);
  }

  /** Moves the time on by `ms` and runs what becomes due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}
