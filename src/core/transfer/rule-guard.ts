/** Workers remembered; who was told first is forgotten first. */
const bound = 10_000;
/** How often a worker is told in a period, in milliseconds. */
const times = 3;
const period = 3_600_000;

/**
 * Keeps a rule from sending a worker round and round: one that says not where it is, and is brought
 * back by its client to where it was, would be told at every join.
 */
export class RuleGuard {
  readonly #told = new Map<string, { count: number; readonly since: number }>();

  /** Whether a rule may move `jid` again; counts it if so. */
  allows(jid: string, now: number): boolean {
    const known = this.#told.get(jid);
    if (known !== undefined && now - known.since < period) {
      if (known.count >= times) return false;
      known.count += 1;
      return true;
    }
    this.#told.delete(jid);
    this.#told.set(jid, { count: 1, since: now });
    if (this.#told.size > bound) {
      const oldest = this.#told.keys().next();
      if (oldest.done !== true) this.#told.delete(oldest.value);
    }
    return true;
  }
}
