import { MemoryBudget } from '../memory/memory.ts';
import type { Out } from '../ports.ts';

/** What one pool holds of the common memory. */
export interface SharedRing {
  readonly size: number;
  /** When its oldest was forwarded; `undefined` when it is empty. */
  readonly oldestAt: number | undefined;
  /** Lets go of the oldest. */
  evict(): void;
  /** Lets go of what is too old, and counts what had to go before its time. */
  expire(now: number, out: Out): void;
}

/** The rings of all pools, which share one bound on memory. */
export class Rings {
  readonly #budget: MemoryBudget;
  readonly #filled = new Set<SharedRing>();

  /** @param limit Bytes, for all rings together. */
  constructor(limit: number) {
    this.#budget = new MemoryBudget(limit);
  }

  /** Changes the limit; what is over it goes when something comes. */
  resize(limit: number): void {
    this.#budget.resize(limit);
  }

  /** Bytes held now. */
  get used(): number {
    return this.#budget.used;
  }

  /** Reserves `bytes` for `ring`. For them its own oldest go, else the oldest of all; false when that does not do. */
  take(ring: SharedRing, bytes: number): boolean {
    while (!this.#budget.take(bytes)) {
      const victim = ring.size > 0 ? ring : this.#oldest();
      if (victim === undefined) return false;
      victim.evict();
    }
    if (ring.size === 0) this.#filled.add(ring);
    return true;
  }

  /** Gives back what `take` reserved. */
  give(bytes: number): void {
    this.#budget.give(bytes);
  }

  /** Lets go of what is too old. A ring that is used no more empties by itself. */
  tick(now: number, out: Out): void {
    for (const ring of this.#filled) {
      ring.expire(now, out);
      if (ring.size === 0) this.#filled.delete(ring);
    }
  }

  #oldest(): SharedRing | undefined {
    let oldest: SharedRing | undefined;
    for (const ring of this.#filled) {
      if (ring.oldestAt !== undefined && ring.oldestAt < (oldest?.oldestAt ?? Number.POSITIVE_INFINITY)) oldest = ring;
    }
    return oldest;
  }
}
