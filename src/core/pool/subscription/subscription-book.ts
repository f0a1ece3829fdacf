import { domainOf } from '../../address/jid.ts';
import type { StoredSubscription } from '../../durable-state.ts';
import type { MemoryBudget } from '../../memory/memory.ts';
import type { Out } from '../../ports.ts';
import { isSeenBy, restoredState, type SubscriptionState, sees, storedState } from './subscriptions.ts';

/** A subscription that is anything but `none`. */
export interface Subscription {
  /** Name of the pool. */
  readonly pool: string;
  /** Bare JID, or a domain. */
  readonly peer: string;
  state: SubscriptionState;
  /** When the pool last sent `subscribe`, in epoch milliseconds. */
  askedAt: number;
  /** Whether the peer was last shown the pool as available; `undefined` when it does not know. */
  shown: boolean | undefined;
}

/** Most subscriptions of one pool. */
const perPool = 10_000;
/** Most subscriptions of one domain, over all pools. */
const perDomain = 10_000;
/** What a record costs in bytes beside its peer's JID: the object, and its place in two tables. */
const overhead = 300;

const nobody: ReadonlyMap<string, Subscription> = new Map();

/** All subscriptions, by pool and peer: bounded, and written down. */
export class SubscriptionBook {
  readonly #out: Out;
  readonly #memory: MemoryBudget;
  readonly #pools = new Map<string, Map<string, Subscription>>();
  readonly #domains = new Map<string, number>();
  /** Records that the store did not take. */
  readonly #unwritten = new Map<string, Pick<Subscription, 'pool' | 'peer'>>();

  constructor(out: Out, memory: MemoryBudget) {
    this.#out = out;
    this.#memory = memory;
  }

  stateOf(pool: string, peer: string): SubscriptionState {
    return this.#pools.get(pool)?.get(peer)?.state ?? 'none';
  }

  /** Whether the pool sees the presence of an account, or the account that of the pool. */
  isAcquainted(pool: string, account: string): boolean {
    const state = this.stateOf(pool, account);
    return sees(state) || isSeenBy(state);
  }

  get(pool: string, peer: string): Subscription | undefined {
    return this.#pools.get(pool)?.get(peer);
  }

  /** The subscriptions of one pool by peer; may change while it is walked. */
  ofPool(pool: string): ReadonlyMap<string, Subscription> {
    return this.#pools.get(pool) ?? nobody;
  }

  /** Records of all pools. */
  get size(): number {
    let size = 0;
    for (const peers of this.#pools.values()) size += peers.size;
    return size;
  }

  *[Symbol.iterator](): IterableIterator<Subscription> {
    for (const peers of this.#pools.values()) yield* peers.values();
  }

  /** Takes in a stored row. One that finds no room is left in the store, and not used. */
  restore(stored: StoredSubscription): void {
    const state = restoredState(stored);
    if (state !== 'none' && this.hasRoom(stored.pool, stored.peer)) this.#add(stored.pool, stored.peer, state);
  }

  /** Whether one more subscription is allowed, or this one is known. */
  hasRoom(pool: string, peer: string): boolean {
    const peers = this.ofPool(pool);
    if (peers.has(peer)) return true;
    if (peers.size >= perPool || (this.#domains.get(domainOf(peer)) ?? 0) >= perDomain) return false;
    if (!this.#memory.take(costOf(peer))) return false;
    this.#memory.give(costOf(peer));
    return true;
  }

  /**
   * Changes a state, and writes it down. `hasRoom` must have allowed it.
   * @param done Runs on a later turn, when the change is on disk or could not be written.
   */
  set(pool: string, peer: string, state: SubscriptionState, done: () => void): void {
    const known = this.get(pool, peer);
    if (state === 'none') this.#forget(pool, peer);
    else if (known === undefined) this.#add(pool, peer, state);
    else known.state = state;
    this.#write(pool, peer, done);
  }

  /** Writes what the store did not take before, as it stands now. */
  storeAgain(): void {
    const records = [...this.#unwritten.values()];
    this.#unwritten.clear();
    for (const { pool, peer } of records) this.#write(pool, peer, () => undefined);
  }

  #add(pool: string, peer: string, state: SubscriptionState): void {
    let peers = this.#pools.get(pool);
    if (peers === undefined) {
      peers = new Map();
      this.#pools.set(pool, peers);
    }
    peers.set(peer, { pool, peer, state, askedAt: 0, shown: undefined });
    const domain = domainOf(peer);
    this.#domains.set(domain, (this.#domains.get(domain) ?? 0) + 1);
    this.#memory.take(costOf(peer));
  }

  #forget(pool: string, peer: string): void {
    const peers = this.#pools.get(pool);
    if (peers?.delete(peer) !== true) return;
    if (peers.size === 0) this.#pools.delete(pool);
    const domain = domainOf(peer);
    const left = (this.#domains.get(domain) ?? 1) - 1;
    if (left > 0) this.#domains.set(domain, left);
    else this.#domains.delete(domain);
    this.#memory.give(costOf(peer));
  }

  #write(pool: string, peer: string, done: () => void): void {
    const state = this.stateOf(pool, peer);
    const report = (error: Error | undefined): void => {
      if (error !== undefined) {
        this.#unwritten.set(`${pool}\0${peer}`, { pool, peer });
        this.#out.event('write-failed', pool);
      }
      done();
    };
    if (state === 'none') this.#out.commit({ op: 'remove-subscription', pool, peer }, report);
    else this.#out.commit({ op: 'put-subscription', pool, peer, ...storedState(state) }, report);
  }
}

function costOf(peer: string): number {
  return overhead + 2 * peer.length;
}
