/** What waits for an alarm: it keeps the time, so that an alarm that was set anew is told from the old one. */
export interface Alarmed {
  /** When the alarm goes off; `Infinity` for none. Kept by `Alarms`. */
  alarm: number;
}

/**
 * Wakes entries when their load falls with time, so that nobody has to look at all of them. Loads
 * fall at the edges of a few parts of the work window, so there are few different times.
 */
export class Alarms<T extends Alarmed> {
  readonly #byTime = new Map<number, T[]>();
  #next = Number.POSITIVE_INFINITY;

  /** Wakes `entry` at `at` (epoch milliseconds; `Infinity` for never) unless it is woken earlier anyway. */
  set(entry: T, at: number): void {
    // An earlier alarm stands: whoever it wakes looks, and sets the next one.
    if (at >= entry.alarm || at === Number.POSITIVE_INFINITY) return;
    entry.alarm = at;
    const entries = this.#byTime.get(at);
    if (entries === undefined) this.#byTime.set(at, [entry]);
    else entries.push(entry);
    this.#next = Math.min(this.#next, at);
  }

  /** Calls `wake` for each entry whose alarm is due; it has none after that, until one is set. */
  ring(now: number, wake: (entry: T) => void): void {
    if (now < this.#next) return;
    const due = [...this.#byTime].filter(([at]) => at <= now);
    for (const [at] of due) this.#byTime.delete(at);
    this.#next = Math.min(Number.POSITIVE_INFINITY, ...this.#byTime.keys());
    for (const [at, entries] of due) {
      for (const entry of entries) {
        if (entry.alarm !== at) continue;
        entry.alarm = Number.POSITIVE_INFINITY;
        wake(entry);
      }
    }
  }
}
