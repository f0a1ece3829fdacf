import type { EventName } from '../core/ports.ts';
import { eventMeanings } from './event-meanings.ts';
import { keysOf } from './keys-of.ts';

const names = keysOf(eventMeanings);
const indexes = new Map<string, number>(names.map((name, index) => [name, index]));

/** Counts of events by pool, in one fixed row for each pool. */
export class EventCounts {
  readonly #rows = new Map<string, Float64Array>();
  readonly #poolless = new Float64Array(names.length);

  /** Opens a row for `pool`. */
  addPool(pool: string): void {
    if (pool !== '' && !this.#rows.has(pool)) this.#rows.set(pool, new Float64Array(names.length));
  }

  dropPool(pool: string): void {
    this.#rows.delete(pool);
  }

  /** A pool that was never added counts as none. */
  add(name: EventName, pool: string | undefined, amount: number): void {
    const row = (pool === undefined ? undefined : this.#rows.get(pool)) ?? this.#poolless;
    const index = indexes.get(name);
    if (index !== undefined) row[index] = (row[index] ?? 0) + amount;
  }

  /** What occurred at least once. */
  table(): { readonly event: EventName; readonly pool: string; readonly count: number }[] {
    return [['', this.#poolless] as const, ...this.#rows].flatMap(([pool, row]) =>
      names.map((event, index) => ({ event, pool, count: row[index] ?? 0 })).filter(({ count }) => count > 0),
    );
  }
}
