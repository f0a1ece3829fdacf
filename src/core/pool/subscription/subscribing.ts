import { bareOf } from '../../address/jid.ts';
import type { PresenceEnvelope } from '../../envelope.ts';
import { errors } from '../../errors/errors.ts';
import { bounced, consumed, dropped, type Outcome } from '../../outcome/outcome.ts';
import type { PresenceOut, Sent } from '../../ports.ts';
import type { Service } from '../../service.ts';
import type { Pool } from '../pool.ts';
import type { Availability } from './availability.ts';
import type { Subscription, SubscriptionBook } from './subscription-book.ts';
import {
  isSeenBy,
  type SubscriptionAct,
  type SubscriptionEvent,
  type SubscriptionState,
  sees,
  stepSubscription,
} from './subscriptions.ts';

/** Subscriptions taken up a second after a (re)connect. */
const pace = 200;
/** How long a request to see a peer's presence may be unanswered before it is sent again (RFC 6121 3.1.2), and how often it is looked at. */
const remindAfter = 86_400_000;
const remindEvery = 3_600_000;
/** The least time between two requests of a pool to see one peer's presence, in milliseconds. */
const askAgain = 60_000;

/** A presence about a subscription. */
export type SubscriptionPresence = PresenceEnvelope & {
  readonly type: 'subscribe' | 'subscribed' | 'unsubscribe' | 'unsubscribed' | 'probe';
};

/** Whose membership depends on subscriptions. */
interface Members {
  /** The resources of an account are members no longer. */
  leaveAccount(pool: Pool, account: string): void;
  /** The state of an account's subscription is another one. */
  reconsiderAccount(pool: Pool, account: string, now: number): void;
}

/** Whom the acts of one step are for. */
interface Peer {
  /** Name of the pool, which may be gone from the configuration. */
  readonly pool: string;
  /** Bare JID: the other side of the subscription. */
  readonly bare: string;
  /** Who is answered: the prober itself, else the bare JID. */
  readonly to: string;
  /** `id` of a probe, which its answers carry too. */
  readonly id: string | undefined;
}

/**
 * Plays a pool's part, as client and as server, in subscriptions (RFC 6121 sections 3 and 4.3):
 * workers that join by subscription, and everybody who wants to see whether a pool is available.
 */
export class Subscribing {
  readonly #service: Service;
  readonly #book: SubscriptionBook;
  readonly #availability: Availability;
  readonly #newId: () => string;
  readonly #members: Members;
  #line: Subscription[] = [];
  #pacedAt = 0;
  #remindedAt = 0;
  #attached = false;

  constructor(
    service: Service,
    book: SubscriptionBook,
    availability: Availability,
    newId: () => string,
    members: Members,
  ) {
    this.#service = service;
    this.#book = book;
    this.#availability = availability;
    this.#newId = newId;
    this.#members = members;
  }

  /**
   * Whether presence of the account's resources makes them members: the pool is here, and sees it, or takes
   * directed presence too.
   */
  admits(pool: Pool, jid: string): boolean {
    if (pool.settings.moved !== undefined) return false;
    return pool.settings.join !== 'subscription' || sees(this.#book.stateOf(pool.settings.name, bareOf(jid)));
  }

  /** Whether the account of `jid` has subscribed to the pool's presence. */
  isWatchedBy(pool: Pool, jid: string): boolean {
    return isSeenBy(this.#book.stateOf(pool.settings.name, bareOf(jid)));
  }

  /** Whether the pool waits for the account's answer: `unavailable` from it only says that it was asked. */
  isPending(pool: Pool, account: string): boolean {
    const state = this.#book.stateOf(pool.settings.name, account);
    return state === 'none+ask' || state === 'from+ask';
  }

  /** A presence that asks for, grants, ends or probes a subscription. `pool` is `undefined` when there is none. */
  on(presence: SubscriptionPresence, pool: Pool | undefined, now: number): Outcome {
    const bare = bareOf(presence.from);
    const event = presence.type === 'subscribe' ? this.#kindOf(pool, bare) : presence.type;
    const probe = presence.type === 'probe';
    const peer: Peer = {
      pool: bareOf(presence.to).slice(0, presence.to.indexOf('@')),
      bare,
      to: probe ? presence.from : bare,
      id: probe ? presence.id : undefined,
    };
    const known = this.#book.stateOf(peer.pool, bare);
    if (event.startsWith('subscribe-by') && event !== 'subscribe-by-stranger' && !this.#book.hasRoom(peer.pool, bare)) {
      return this.#refuse(peer, 'subscribe-full');
    }
    const { next, acts } = stepSubscription(known, event);
    if (acts.length === 1 && acts[0] === 'unsubscribed' && next === known)
      return this.#refuse(peer, 'subscribe-refused');
    if (acts.length === 0 && next === known) return dropped('presence-ignored');
    this.#step(pool, peer, event, now);
    return consumed;
  }

  /** Takes up all subscriptions again, a few at a time: what the configuration forbids ends, members are probed. */
  linkUp(now: number): void {
    this.#attached = true;
    this.#line = [...this.#book];
    for (const subscription of this.#line) subscription.shown = undefined;
    this.#pacedAt = now;
    this.#remindedAt = now;
    this.#takeUp(pace / 10, now);
  }

  /** Takes up all subscriptions again after a reload, a few at a time, for what the configuration forbids now. */
  review(now: number): void {
    this.#line = [...this.#book];
    this.#takeUp(pace / 10, now);
  }

  /** There is nobody to talk to. */
  linkDown(): void {
    this.#attached = false;
    this.#line = [];
  }

  tick(now: number): void {
    const due = Math.floor(((now - this.#pacedAt) * pace) / 1_000);
    if (due === 0) return;
    this.#pacedAt = now;
    this.#takeUp(due, now);
    if (this.#attached && now - this.#remindedAt >= remindEvery) this.#remind(now);
  }

  /** Who has not answered for a day is asked again. */
  #remind(now: number): void {
    this.#remindedAt = now;
    for (const subscription of this.#book) {
      const { state, askedAt } = subscription;
      const waits = state === 'none+ask' || state === 'from+ask';
      if (waits && now - askedAt >= remindAfter) this.#line.push(subscription);
    }
  }

  #takeUp(count: number, now: number): void {
    for (const { pool: name, peer: bare } of this.#line.splice(0, count)) {
      const pool = this.#service.pools.get(name);
      const peer: Peer = { pool: name, bare, to: bare, id: undefined };
      this.#endForbidden(pool, peer, now);
      this.#step(pool, peer, 'link-up', now);
    }
  }

  #endForbidden(pool: Pool | undefined, peer: Peer, now: number): void {
    if (!this.#mayWork(pool, peer.bare)) this.#step(pool, peer, 'work-forbidden', now);
    if (!this.#maySee(pool, peer.bare)) this.#step(pool, peer, 'watch-forbidden', now);
  }

  #kindOf(pool: Pool | undefined, bare: string): SubscriptionEvent {
    if (this.#mayWork(pool, bare)) return 'subscribe-by-worker';
    return this.#maySee(pool, bare) ? 'subscribe-by-watcher' : 'subscribe-by-stranger';
  }

  #mayWork(pool: Pool | undefined, bare: string): boolean {
    if (pool?.settings.moved !== undefined) return false;
    return pool !== undefined && pool.settings.join !== 'presence' && bare.includes('@') && pool.workers.allows(bare);
  }

  #maySee(pool: Pool | undefined, bare: string): boolean {
    return pool !== undefined && (pool.visibleTo(bare) || this.#service.admins.allows(bare));
  }

  /** A change of state is answered once it is on disk: what we grant, we remember. */
  #step(pool: Pool | undefined, peer: Peer, event: SubscriptionEvent, now: number): void {
    const before = this.#book.stateOf(peer.pool, peer.bare);
    const { next, acts } = stepSubscription(before, event);
    const perform = (): void => {
      for (const act of acts) this.#perform(act, pool, peer, event, now);
    };
    if (next === before) {
      perform();
      return;
    }
    this.#book.set(peer.pool, peer.bare, next, perform);
    this.#tell(peer, before, next);
    if (pool !== undefined) this.#members.reconsiderAccount(pool, peer.bare, now);
  }

  #perform(act: SubscriptionAct, pool: Pool | undefined, peer: Peer, event: SubscriptionEvent, now: number): void {
    switch (act) {
      case 'expel':
        if (pool !== undefined) this.#members.leaveAccount(pool, peer.bare);
        break;
      case 'show':
        if (pool !== undefined) this.#availability.show(pool, peer.bare, peer.to, peer.id, event === 'probe');
        break;
      case 'hide':
        // A server may take `unavailable` as our wish not to hear of its account's directed presence any more.
        if (pool?.roster.hasWorkerOf(peer.bare) !== true) this.#send(peer, 'unavailable');
        break;
      case 'subscribe':
        this.#ask(peer, event, now);
        break;
      default:
        this.#send(peer, act);
    }
  }

  /** Two sides that answer each request with one must not keep each other busy. */
  #ask(peer: Peer, event: SubscriptionEvent, now: number): void {
    const subscription = this.#book.get(peer.pool, peer.bare);
    if (subscription === undefined) return;
    if (event !== 'link-up' && now - subscription.askedAt < askAgain) return;
    if (this.#send(peer, 'subscribe') === 'sent') subscription.askedAt = now;
  }

  #refuse(peer: Peer, code: 'subscribe-refused' | 'subscribe-full'): Outcome {
    const sent = this.#send(peer, 'unsubscribed', errors[code].text);
    return sent === 'sent' ? bounced(code) : dropped('link-down');
  }

  /** RFC 6121 3.1.5: an answer has an id of its own; that of a probe goes back. */
  #send(peer: Peer, type: PresenceOut['type'], status?: string): Sent {
    const from = `${peer.pool}@${this.#service.domain}`;
    const id = peer.id ?? this.#newId();
    return this.#service.out.presence({ from, to: peer.to, id, type, status, error: undefined });
  }

  #tell(peer: Peer, before: SubscriptionState, after: SubscriptionState): void {
    if (sees(before) === sees(after) && isSeenBy(before) === isSeenBy(after)) return;
    const words = { none: 'none', to: 'worker', from: 'watcher', both: 'worker and watcher' };
    const role = (state: SubscriptionState): string =>
      words[sees(state) ? (isSeenBy(state) ? 'both' : 'to') : isSeenBy(state) ? 'from' : 'none'];
    this.#service.out.notice({
      level: 'info',
      event: 'subscription-changed',
      pool: peer.pool,
      text: `subscription of ${peer.bare}: ${role(before)} -> ${role(after)}`,
      detail: { peer: peer.bare, before, after },
    });
  }
}
