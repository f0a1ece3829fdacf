/**
 * How much the router holds for later, against `limits.memory`. Every holder takes before it
 * keeps and gives back when it lets go.
 */
export class MemoryBudget {
  #limit: number;
  #used = 0;

  /** @param limit Bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that may be held. */
  get limit(): number {
    return this.#limit;
  }

  /** Bytes held now. */
  get used(): number {
    return this.#used;
  }

  /** Sets another limit. What is held beyond a lower one stays; nothing more is taken until it fits. */
  resize(limit: number): void {
    this.#limit = limit;
  }

  /** Reserves `bytes`, or returns false and reserves nothing. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false;
    this.#used += bytes;
    return true;
  }

  /** Reserves `bytes` even where they do not fit: what is there already must be counted. */
  hold(bytes: number): void {
    this.#used += bytes;
  }

  /** Gives back what `take` or `hold` reserved. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
