import type { StoredTally } from '../core/durable-state.ts';

/** A tally that grows. */
type Counts = { -readonly [Name in keyof StoredTally]: StoredTally[Name] };

/** What a batch of changes adds to the tally of each pool. */
export class Tallies {
  readonly #counts = new Map<string, Counts>();

  count(pool: string, what: keyof StoredTally): void {
    const known = this.#counts.get(pool);
    const counts = known ?? { accepted: 0, acknowledged: 0, bounced: 0, purged: 0 };
    counts[what] += 1;
    if (known === undefined) this.#counts.set(pool, counts);
  }

  entries(): Iterable<[pool: string, counts: StoredTally]> {
    return this.#counts;
  }
}
