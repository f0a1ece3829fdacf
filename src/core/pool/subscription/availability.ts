import { capsOf } from '../../discovery/caps.ts';
import type { Sent } from '../../ports.ts';
import type { Service } from '../../service.ts';
import type { Pool } from '../pool.ts';
import type { Subscription, SubscriptionBook } from './subscription-book.ts';
import { isSeenBy } from './subscriptions.ts';

/** The least time between two presences of a pool to one subscriber that it did not ask for, in milliseconds. */
const changeAgain = 1_000;
/** Most such presences in one tick, over all pools. */
const perTick = 100;

/** Most of them that one pool may send before it is another pool's turn. */
const perTurn = 20;

/** The last round of a pool. */
interface Round {
  /** When it began, in epoch milliseconds. */
  readonly begunAt: number;
  /** What the pool looked like then. */
  readonly picture: string;
}

/** A round that goes on. */
interface Turn {
  readonly pool: Pool;
  /** Who is still to be looked at; `undefined` when all have been told. */
  rest: Iterator<Subscription> | undefined;
}

/**
 * Shows subscribers whether a pool is available: while it has an eligible worker. Changes are
 * told to all, in rounds: at most one round a second, and what is told is what holds when a
 * subscriber's turn comes, so that a flapping worker makes no storm.
 */
export class Availability {
  readonly #service: Service;
  readonly #book: SubscriptionBook;
  readonly #rounds = new Map<string, Round>();
  #line: Turn[] = [];
  #quietUntil = Number.POSITIVE_INFINITY;

  constructor(service: Service, book: SubscriptionBook) {
    this.#service = service;
    this.#book = book;
  }

  /**
   * Sends the pool's present state to one peer, which asked.
   * @param to The peer, or the resource of it that asked.
   * @param probed Whether it asked by a probe: the answer `unavailable` says since when (RFC 6121 section 4.3.2).
   */
  show(pool: Pool, peer: string, to: string, id: string | undefined, probed = false): Sent {
    const shown = isAvailable(pool, peer);
    const subscription = this.#book.get(pool.settings.name, peer);
    const sent = this.#send(pool, to, id, shown, probed ? pool.availableAt : undefined);
    if (sent === 'sent' && subscription !== undefined) subscription.shown = shown;
    return sent;
  }

  /** @param settled When the members have been verified and rounds may begin, in epoch milliseconds. */
  linkUp(settled: number): void {
    this.#rounds.clear();
    this.#line = [];
    this.#quietUntil = settled;
  }

  linkDown(): void {
    this.#quietUntil = Number.POSITIVE_INFINITY;
  }

  tick(pools: Iterable<Pool>, now: number): void {
    if (now < this.#quietUntil) return;
    for (const pool of pools) if (this.#book.ofPool(pool.settings.name).size > 0) this.#begin(pool, now);
    for (let left = perTick; left > 0; ) {
      const turn = this.#line.shift();
      if (turn === undefined) return;
      left -= this.#tell(turn, Math.min(left, perTurn));
      if (turn.rest !== undefined) this.#line.push(turn);
    }
  }

  /** Begins a round if there is something new to tell. */
  #begin(pool: Pool, now: number): void {
    const { name } = pool.settings;
    const round = this.#rounds.get(name) ?? { begunAt: 0, picture: '' };
    const eligible = pool.roster.far.length === 0 ? pool.eligible > 0 : pool.eligible;
    const picture = `${eligible} ${pool.roster.version}`;
    const busy = this.#line.some((turn) => turn.pool === pool);
    if (busy || picture === round.picture || now - round.begunAt < changeAgain) return;
    this.#rounds.set(name, { begunAt: now, picture });
    this.#line.push({ pool, rest: this.#book.ofPool(name).values() });
  }

  /** Goes on with a round. Returns how many were told. */
  #tell(turn: Turn, most: number): number {
    const { pool, rest } = turn;
    for (let told = 0; told < most; ) {
      const next = rest?.next();
      if (next === undefined || next.done === true) {
        turn.rest = undefined;
        return told;
      }
      const { peer, state, shown } = next.value;
      if (!isSeenBy(state) || shown === isAvailable(pool, peer)) continue;
      // Who could not be told is told in the next round.
      if (this.show(pool, peer, peer, undefined) !== 'sent') this.#rounds.delete(pool.settings.name);
      told += 1;
    }
    return most;
  }

  #send(pool: Pool, to: string, id: string | undefined, available: boolean, since: number | undefined): Sent {
    const { out, capsVersion } = this.#service;
    const presence = { from: pool.jid, to, id, status: undefined, error: undefined };
    return available
      ? out.presence({ ...presence, type: 'available', caps: capsOf(pool, capsVersion) })
      : out.presence({ ...presence, type: 'unavailable', since });
  }
}

/**
 * Whether `peer` is shown the pool as available. To those who work in it, it always is: a
 * server may take `unavailable` as our wish not to hear any more of a worker's presence.
 */
function isAvailable(pool: Pool, peer: string): boolean {
  const far = pool.roster.farBehind(peer);
  // What this pool could only give back to it is nothing to come here for.
  return far === undefined ? pool.eligible > 0 || pool.roster.hasAccount(peer) : pool.hasEligibleBeside(far);
}
