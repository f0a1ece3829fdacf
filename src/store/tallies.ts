import type { StoredTally } from '../core/delivery-state.ts';

/** A tally that grows. */
type Counts = { -readonly [Name in keyof StoredTally]: StoredTally[Name] };

/** What a batch of changes adds to the tally of each pool whose deliveries it changes. */
export class Tallies {
  readonly #counts = new Map<string, Counts>();

  accept(pool: string, id: number): void {
    const counts = this.#of(pool);
    counts.accepted += 1;
    counts.last = Math.max(counts.last, id);
  }

  count(pool: string, how: 'acknowledged' | 'bounced' | 'purged', amount = 1): void {
    this.#of(pool)[how] += amount;
  }

  /** Notes that deliveries of `pool` were changed, though not how many there are. */
  touch(pool: string): void {
    this.#of(pool);
  }

  entries(): Iterable<[pool: string, counts: StoredTally]> {
    return this.#counts;
  }

  #of(pool: string): Counts {
    const known = this.#counts.get(pool);
    if (known !== undefined) return known;
    const counts = { accepted: 0, acknowledged: 0, bounced: 0, purged: 0, last: 0 };
    this.#counts.set(pool, counts);
    return counts;
  }
}
