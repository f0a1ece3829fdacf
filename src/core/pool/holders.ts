import type { MemoryBudget } from '../memory/memory.ts';

/** What an account costs beside its name, in bytes: a number and a place in a table. */
const overhead = 100;

/**
 * The accounts that a pool gave messages to within its reply window: they may answer the senders
 * though no resource of theirs is a member any more (servers hand messages to sibling resources).
 * Bounded: the one that was served longest ago goes first.
 */
export class Holders {
  readonly #at = new Map<string, number>();
  readonly #bound: number;
  readonly #memory: MemoryBudget;

  /**
   * @param bound Most accounts.
   * @param memory What they take is taken from it.
   */
  constructor(bound: number, memory: MemoryBudget) {
    this.#bound = bound;
    this.#memory = memory;
  }

  /** Notes that `bare` was given a message at `at`. Where there is no room, others are forgotten for it. */
  note(bare: string, at: number): void {
    // A resource that leaves after a sibling may have been served before it.
    if ((this.#at.get(bare) ?? Number.NEGATIVE_INFINITY) > at) return;
    this.#forget(bare);
    while (this.#at.size >= this.#bound || !this.#memory.take(costOf(bare))) {
      const oldest = this.#at.keys().next();
      if (oldest.done === true) return;
      this.#forget(oldest.value);
    }
    this.#at.set(bare, at);
  }

  /** Forgets everybody. */
  clear(): void {
    for (const bare of this.#at.keys()) this.#forget(bare);
  }

  /** When `bare` was last given a message, in epoch milliseconds; `undefined` when not remembered. */
  lastServed(bare: string): number | undefined {
    return this.#at.get(bare);
  }

  #forget(bare: string): void {
    if (this.#at.delete(bare)) this.#memory.give(costOf(bare));
  }
}

function costOf(bare: string): number {
  return overhead + 2 * bare.length;
}
