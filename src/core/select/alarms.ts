/** A time at which entries wake. One object for all of them: a time in each would be an object each. */
export interface Alarm {
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What waits for an alarm: it knows which, so that one that was set anew is told from the old one. */
export interface Alarmed {
  /** Kept by `Alarms`. */
  alarm: Alarm | undefined;
}

interface Waiting<T> extends Alarm {
  readonly entries: T[];
}

/**
 * Wakes entries when their load falls with time, so that nobody has to look at all of them. Loads
 * fall at the edges of a few parts of the work window, so there are few different times.
 */
export class Alarms<T extends Alarmed> {
  readonly #byTime = new Map<number, Waiting<T>>();
  #next = Number.POSITIVE_INFINITY;

  /** Wakes `entry` at `at` (epoch milliseconds; `Infinity` for never) unless it is woken earlier anyway. */
  set(entry: T, at: number): void {
    // An earlier alarm stands: whoever it wakes looks, and sets the next one.
    if (at === Number.POSITIVE_INFINITY || (entry.alarm !== undefined && at >= entry.alarm.at)) return;
    let waiting = this.#byTime.get(at);
    if (waiting === undefined) {
      waiting = { at, entries: [] };
      this.#byTime.set(at, waiting);
    }
    entry.alarm = waiting;
    waiting.entries.push(entry);
    this.#next = Math.min(this.#next, at);
  }

  /** Calls `wake` for each entry whose alarm is due; it has none after that, until one is set. */
  ring(now: number, wake: (entry: T) => void): void {
    if (now < this.#next) return;
    const due = [...this.#byTime.values()].filter(({ at }) => at <= now);
    for (const { at } of due) this.#byTime.delete(at);
    this.#next = Math.min(Number.POSITIVE_INFINITY, ...this.#byTime.keys());
    for (const waiting of due) {
      for (const entry of waiting.entries) {
        if (entry.alarm !== waiting) continue;
        entry.alarm = undefined;
        wake(entry);
      }
    }
  }
}
