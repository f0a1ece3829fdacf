import { type Address, parseAddress } from './address.ts';
import { Bounces } from './delivery/bounces.ts';
import type { Inbound, IqRequestEnvelope, MessageEnvelope, PresenceEnvelope, RefusedStanza } from './envelope.ts';
import { faultNotice } from './fault-notice.ts';
import { domainOf, isPlausibleJid } from './jid.ts';
import { Memo } from './memo.ts';
import { Messages } from './messages.ts';
import { consumed, dropped, type Outcome } from './outcome.ts';
import { type Peer, peerOf } from './peer.ts';
import { Availability } from './pool/availability.ts';
import { Dispatcher } from './pool/dispatch.ts';
import { Introductions } from './pool/introductions.ts';
import { Membership } from './pool/membership.ts';
import type { Pool } from './pool/pool.ts';
import { Preferences } from './pool/preferences.ts';
import { converse } from './pool/stand-in.ts';
import { Subscribing } from './pool/subscribing.ts';
import { SubscriptionBook } from './pool/subscription-book.ts';
import type { CapsVersion, ElementReader, Out, Snapshot } from './ports.ts';
import { Presences } from './presence.ts';
import { refuse, refuseMessage } from './refuse.ts';
import { Relay } from './relay.ts';
import { Reload } from './reload.ts';
import { Requests } from './requests.ts';
import { createService, type Service } from './service.ts';
import type { ServiceSettings } from './settings.ts';

/** How often writes that failed are tried again, in milliseconds. */
const rewriteEvery = 5_000;
/** How long after a (re)connect members have shown whether they live, in milliseconds. */
const settling = 2_000;

/** Addresses of each kind whose reading is remembered. */
const remembered = 4_096;

/**
 * The whole of Switchyard's decisions. Stanzas, the clock and the link's state go in; calls on
 * `Out` come out, in order, before the call returns. It keeps no timers, and `now` is always the
 * caller's: epoch milliseconds, never going back.
 */
export class Router {
  readonly #service: Service;
  readonly #dispatcher: Dispatcher;
  readonly #introductions: Introductions;
  readonly #membership: Membership;
  readonly #messages: Messages;
  readonly #presences: Presences;
  readonly #requests: Requests;
  readonly #book: SubscriptionBook;
  readonly #availability: Availability;
  readonly #subscribing: Subscribing;
  readonly #reload: Reload;
  #rewrittenAt = 0;
  #attached = false;
  /** The pool that the stanza at hand was sent to. */
  #named: string | undefined;
  readonly #addresses: Memo<Address | 'nowhere'>;
  readonly #peers: Memo<Peer>;

  /**
   * @param newId Makes ids for our own requests; nobody may be able to guess one.
   * @param newKey Makes keys of aliases: 128 random bits in lower-case base32.
   * @param readElement Finds what a pool may be sticky by.
   */
  constructor(
    settings: ServiceSettings,
    snapshot: Snapshot,
    out: Out,
    newId: () => string,
    newKey: () => string,
    readElement: ElementReader,
    capsVersion: CapsVersion,
  ) {
    const service = createService(settings, out, readElement, capsVersion);
    const membership = new Membership(service, newId, (pool, now) => {
      this.#dispatcher.wake(pool, now);
    });
    this.#service = service;
    const { domain } = service;
    this.#addresses = new Memo(remembered, (to) => parseAddress(to, domain) ?? 'nowhere');
    this.#peers = new Memo(remembered, (from) => peerOf(from, domain));
    this.#membership = membership;
    this.#introductions = new Introductions(service, newKey, (message, now) => this.#resume(message, now));
    const holds = (pool: Pool, now: number): boolean => membership.verification.holds(pool, now);
    this.#dispatcher = new Dispatcher(service, holds, this.#introductions, newId);
    const bounces = new Bounces(service, this.#dispatcher, (pool, member, condition, now) =>
      membership.suspect(pool, member, condition, now),
    );
    const relay = new Relay(service, bounces, (pool, member, now) => membership.alive(pool, member, now));
    const preferences = new Preferences(out);
    this.#messages = new Messages(service, this.#dispatcher, relay);
    this.#book = new SubscriptionBook(out, service.memory);
    this.#availability = new Availability(service, this.#book);
    this.#subscribing = new Subscribing(service, this.#book, this.#availability, newId, (pool, account) => {
      membership.leaveAccount(pool, account);
    });
    this.#presences = new Presences(service, membership, this.#subscribing);
    this.#requests = new Requests(service, preferences);
    this.#reload = new Reload(service, membership, this.#dispatcher, preferences, (pool, jid) =>
      this.#subscribing.admits(pool, jid),
    );
    this.#restore(snapshot, preferences);
  }

  /** The pools, for gauges and `explain`; to be read only. */
  get pools(): ReadonlyMap<string, Pool> {
    return this.#service.pools;
  }

  /** What is held beside the pools' own members, by kind: nothing of it may stay for ever. */
  get held(): Readonly<Record<'memory' | 'aliases' | 'introductions' | 'pings' | 'subscriptions', number>> {
    const { memory, aliases } = this.#service;
    return {
      memory: memory.used,
      aliases: aliases.used,
      introductions: this.#introductions.open,
      pings: this.#membership.verification.pending,
      subscriptions: this.#book.size,
    };
  }

  /** Takes one inbound stanza to its end. Its outcome is counted once, here or on a commit. */
  on(stanza: Inbound, now: number): void {
    this.#named = undefined;
    let outcome: Outcome | undefined;
    try {
      outcome = this.#handle(stanza, now);
    } catch (error) {
      outcome = this.#survive(stanza, error);
    }
    if (outcome !== undefined) this.#service.out.outcome(outcome, this.#named ?? this.#poolName(stanza.to));
  }

  /** The server has taken us: members may have left unseen, so each is asked. */
  linkUp(now: number): void {
    this.#attached = true;
    this.#service.startedAt ??= now;
    this.#membership.linkUp(this.#service.pools.values(), now);
    this.#subscribing.linkUp(now);
    this.#availability.linkUp(now + settling);
    this.#introductions.linkUp(now);
  }

  /** The server is gone; what waits is told nothing until it is back. */
  linkDown(): void {
    this.#attached = false;
    this.#membership.linkDown();
    this.#subscribing.linkDown();
    this.#availability.linkDown();
    this.#introductions.linkDown();
  }

  /** To be called about ten times a second. */
  tick(now: number): void {
    this.#service.startedAt ??= now;
    this.#membership.tick(now);
    this.#subscribing.tick(now);
    this.#availability.tick(this.#service.pools.values(), now);
    for (const pool of this.#service.pools.values()) {
      if (pool.roster.size > 0) pool.occupiedAt = now;
      // Without a link nobody could be told; who waits goes on when it is back.
      if (this.#attached) this.#dispatcher.wake(pool, now);
    }
    this.#service.rings.tick(now, this.#service.out);
    this.#dispatcher.flush();
    this.#introductions.tick(now);
    if (now - this.#rewrittenAt < rewriteEvery) return;
    this.#rewrittenAt = now;
    for (const pool of this.#service.pools.values()) {
      pool.storeAgain();
      pool.boundLabels.expire(now);
    }
    this.#book.storeAgain();
  }

  /**
   * Goes on with other settings of the same domain, from the next message on: opens, changes and
   * closes pools. Members, messages that wait and answers that are due stay where they are.
   */
  reload(settings: ServiceSettings, now: number): void {
    this.#reload.to(settings, now);
    // Without a link there is nobody to tell; all are looked at when there is one.
    if (this.#attached) this.#subscribing.review(now);
  }

  /** Takes no more work; who waits is answered. Replies of workers still go through. */
  drain(): void {
    this.#service.draining = true;
    for (const pool of this.#service.pools.values()) this.#dispatcher.turnAway(pool, 'shutting-down');
    this.#introductions.turnAway();
    this.#dispatcher.flush();
  }

  /** The end of a stanza that met a fault of ours; no other is touched by it. */
  #survive(stanza: Inbound, error: unknown): Outcome {
    const { out } = this.#service;
    out.notice(faultNotice(stanza, this.#poolName(stanza.to), error));
    if (stanza.kind === 'iq-request') return refuse(out, stanza, 'internal');
    const answerable = stanza.kind === 'message' && stanza.type !== 'error' && stanza.type !== 'headline';
    return answerable ? refuse(out, stanza, 'internal') : dropped('fault');
  }

  #handle(stanza: Inbound, now: number): Outcome | undefined {
    if (stanza.kind === 'refused') return this.#refused(stanza);
    const peer = this.#peers.of(stanza.from);
    if (peer === 'invalid') return dropped('invalid-from');
    if (stanza.kind === 'iq-response') {
      return this.#membership.answer(stanza, now) ? consumed : dropped('response-unmatched');
    }
    // What our own addresses send comes from us by way of the server: a loop.
    if (peer === 'own') return dropped('own-address');
    const address = this.#addresses.of(stanza.to);
    if (address === 'nowhere') return this.#nowhere(stanza, now);
    if (address.kind === 'foreign') return dropped('foreign-address');
    if ('pool' in address && this.#service.pools.has(address.pool)) this.#named = address.pool;
    switch (stanza.kind) {
      case 'message':
        return this.#messages.on(stanza, address, now);
      case 'presence':
        return this.#presences.on(stanza, address, now);
      case 'iq-request':
        return this.#requests.on(stanza, address, now);
    }
  }

  /** To something of our domain that can be no address. */
  #nowhere(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, now: number): Outcome {
    if (stanza.kind === 'presence') return this.#presences.onOddResource(stanza, now);
    if (stanza.kind === 'iq-request') return refuse(this.#service.out, stanza, 'invalid-address');
    if (stanza.type === 'error') return dropped('error-unmatched');
    return refuseMessage(this.#service.out, stanza, 'invalid-address');
  }

  /** A message whose sender has an alias now. */
  #resume(message: MessageEnvelope, now: number): Outcome {
    try {
      const address = parseAddress(message.to, this.#service.domain);
      return address === undefined || address.kind === 'foreign'
        ? this.#nowhere(message, now)
        : this.#messages.resume(message, address, now);
    } catch (error) {
      return this.#survive(message, error);
    }
  }

  /** A stanza that was no envelope: answered where RFC 6120 8.3.1 allows an answer. */
  #refused(stanza: RefusedStanza): Outcome {
    if (stanza.why === 'unknown-element') return dropped('unknown-element');
    if (stanza.why === 'no-address' || stanza.from === undefined || stanza.to === undefined)
      return dropped('no-address');
    // An error from an address that is not ours would cost us the link.
    if (parseAddress(stanza.to, this.#service.domain)?.kind === 'foreign') return dropped('foreign-address');
    const silent =
      stanza.type === 'error' ||
      stanza.type === 'result' ||
      (stanza.stanza === 'message' && stanza.type === 'headline') ||
      stanza.stanza === 'presence' ||
      !isPlausibleJid(stanza.from) ||
      domainOf(stanza.from) === this.#service.domain;
    return silent ? dropped('shed') : refuse(this.#service.out, stanza, stanza.why);
  }

  #poolName(to: string | undefined): string | undefined {
    const at = to === undefined ? -1 : to.indexOf('@');
    if (to === undefined || at < 0) return undefined;
    const name = to.slice(0, at);
    return this.#service.pools.has(name) ? name : undefined;
  }

  #restore(snapshot: Snapshot, preferences: Preferences): void {
    const { pools, aliases, conversations } = this.#service;
    aliases.restore(snapshot.aliases);
    for (const label of snapshot.labels) pools.get(label.pool)?.boundLabels.restore(label);
    for (const subscription of snapshot.subscriptions) this.#book.restore(subscription);
    for (const pool of pools.values()) {
      const { name } = pool.settings;
      preferences.restore(
        pool,
        snapshot.preferences.find((stored) => stored.pool === name),
      );
      this.#membership.restore(
        pool,
        snapshot.members.filter((stored) => stored.pool === name),
        (_, jid) => this.#subscribing.admits(pool, jid),
      );
    }
    for (const stored of [...snapshot.conversations].sort((a, b) => a.at - b.at)) {
      const pool = pools.get(stored.pool);
      const conversation = pool === undefined ? undefined : converse(this.#service, pool, stored.sender);
      if (pool === undefined || conversation === undefined) continue;
      conversations.restore(conversation, stored);
      pool.holders.note(stored.worker, stored.at);
    }
  }
}
