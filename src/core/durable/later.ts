/** Pause before something is tried again, in milliseconds. */
const pause = 1_000;

interface Waiting {
  readonly run: () => void;
  readonly at: number;
}

/** What could not be done, because the store failed or there was no link: it is tried again until it can. */
export class Later {
  #waiting: Waiting[] = [];

  get size(): number {
    return this.#waiting.length;
  }

  add(run: () => void, now: number): void {
    this.#waiting.push({ run, at: now + pause });
  }

  /** At the next tick: what was written before has left by then. */
  addSoon(run: () => void, now: number): void {
    this.#waiting.push({ run, at: now });
  }

  tick(now: number): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ at }) => at <= now);
    this.#waiting = this.#waiting.filter(({ at }) => at > now);
    for (const { run } of due) run();
  }
}
