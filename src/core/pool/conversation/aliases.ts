import { domainOf } from '../../address/jid.ts';
import type { StoredAlias } from '../../durable-state.ts';
import type { WaitingRoom } from '../waiting.ts';

/** The name under which a pool's workers know a sender: it says nothing about him. */
export interface Alias {
  readonly pool: string;
  /** The sender's exact JID. */
  readonly sender: string;
  /** 128 random bits in lower-case base32. */
  readonly key: string;
  /** Epoch milliseconds of the last use. */
  at: number;
  /** Epoch milliseconds of the last use that the store knows. */
  storedAt: number;
  /** What waits for the alias to be stored; `undefined` once it is. */
  line: WaitingRoom | undefined;
}

interface PoolAliases {
  /** By sender, the one that was used longest ago first (to within `stale`). */
  readonly senders: Map<string, Alias>;
  readonly keys: Map<string, Alias>;
}

/** What an alias costs beside the sender's JID, in bytes: the record, two places in tables, the key. */
const overhead = 500;
/** How old the stored time of last use may become, in milliseconds. */
const stale = 3_600_000;

/**
 * The aliases of all pools, within a bound on bytes that no sender can lift; one domain gets half
 * of it at most. They are durable, and the table is the whole of them: none is evicted before its time.
 */
export class Aliases {
  readonly #pools = new Map<string, PoolAliases>();
  readonly #domains = new Map<string, number>();
  #bound: number;
  #used = 0;

  /** @param bound Bytes for all aliases. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /** Sets another bound, in bytes. What is held beyond a lower one stays until its time; nothing is added. */
  resize(bound: number): void {
    this.#bound = bound;
  }

  /** Bytes that all aliases take. */
  get used(): number {
    return this.#used;
  }

  find(pool: string, sender: string): Alias | undefined {
    return this.#pools.get(pool)?.senders.get(sender);
  }

  byKey(pool: string, key: string): Alias | undefined {
    return this.#pools.get(pool)?.keys.get(key);
  }

  /** Begins an alias, or returns `undefined` when there is no room for one more of that domain. */
  add(start: StoredAlias, line: WaitingRoom | undefined): Alias | undefined {
    const { pool, sender, key, at } = start;
    const domain = domainOf(sender);
    const cost = costOf(sender);
    const ofDomain = (this.#domains.get(domain) ?? 0) + cost;
    if (this.#used + cost > this.#bound || ofDomain > this.#bound / 2) return undefined;
    this.#used += cost;
    this.#domains.set(domain, ofDomain);
    const alias: Alias = { pool, sender, key, at, storedAt: at, line };
    const aliases = this.#ofPool(pool);
    aliases.senders.set(sender, alias);
    aliases.keys.set(key, alias);
    return alias;
  }

  /** Takes in what an earlier process stored; if there is too much, what was used last. */
  restore(stored: readonly StoredAlias[]): void {
    const kept: Alias[] = [];
    for (const row of [...stored].sort((a, b) => b.at - a.at)) {
      const alias = this.add(row, undefined);
      if (alias !== undefined) kept.push(alias);
    }
    for (const alias of kept.toReversed()) this.#moveToEnd(alias);
  }

  /** Notes a use. True when the store should hear of it: it does at most once an hour. */
  touch(alias: Alias, now: number): boolean {
    if (now - alias.storedAt <= stale) return false;
    alias.at = now;
    alias.storedAt = now;
    this.#moveToEnd(alias);
    return true;
  }

  remove(alias: Alias): void {
    const aliases = this.#pools.get(alias.pool);
    if (aliases?.senders.get(alias.sender) !== alias) return;
    aliases.senders.delete(alias.sender);
    aliases.keys.delete(alias.key);
    const domain = domainOf(alias.sender);
    const cost = costOf(alias.sender);
    const left = (this.#domains.get(domain) ?? 0) - cost;
    if (left > 0) this.#domains.set(domain, left);
    else this.#domains.delete(domain);
    this.#used -= cost;
  }

  /**
   * Removes what was not used for long and returns it.
   * @param retention How long an unused alias of a pool is kept, in milliseconds.
   */
  expire(now: number, retention: (pool: string) => number): readonly Alias[] {
    const expired: Alias[] = [];
    for (const [pool, { senders }] of this.#pools) {
      const before = now - retention(pool);
      for (const alias of senders.values()) {
        if (alias.at >= before) break;
        expired.push(alias);
      }
    }
    for (const alias of expired) this.remove(alias);
    return expired;
  }

  #ofPool(pool: string): PoolAliases {
    let aliases = this.#pools.get(pool);
    if (aliases === undefined) {
      aliases = { senders: new Map(), keys: new Map() };
      this.#pools.set(pool, aliases);
    }
    return aliases;
  }

  #moveToEnd(alias: Alias): void {
    const { senders } = this.#ofPool(alias.pool);
    senders.delete(alias.sender);
    senders.set(alias.sender, alias);
  }
}

/** UTF-16 text may hold two bytes a unit. */
function costOf(sender: string): number {
  return overhead + 2 * sender.length;
}
