import type { CapsVersion } from './answer.ts';
import type { CommandResult, Role } from './commands/command.ts';
import { perform } from './commands/perform.ts';
import { type Steering, steeringOf } from './commands/steering.ts';
import { Bounces } from './delivery/bounces.ts';
import type { Snapshot } from './durable-state.ts';
import type { Inbound } from './envelope.ts';
import { Instances } from './instances/instances.ts';
import { Intake } from './intake.ts';
import { Messages } from './messages.ts';
import { consumed } from './outcome.ts';
import { Availability } from './pool/availability.ts';
import { Dispatcher } from './pool/dispatch.ts';
import { Introductions } from './pool/introductions.ts';
import type { Member } from './pool/member.ts';
import { Membership } from './pool/membership.ts';
import type { Pool } from './pool/pool.ts';
import { Preferences } from './pool/preferences.ts';
import { Subscribing } from './pool/subscribing.ts';
import { SubscriptionBook } from './pool/subscription-book.ts';
import type { ElementReader, EventReader, Out } from './ports.ts';
import { Presences } from './presence.ts';
import { Events } from './pubsub/events.ts';
import { PubSub } from './pubsub/pubsub.ts';
import { Relay } from './relay.ts';
import { Reload } from './reload.ts';
import { Passing } from './requests/passing.ts';
import { Proxying } from './requests/proxying.ts';
import { Requests } from './requests.ts';
import { restore } from './restore.ts';
import { createService, type Service } from './service.ts';
import type { ServiceSettings } from './settings.ts';
import { Transfers } from './transfer/transfers.ts';

/** How often writes that failed are tried again, in milliseconds. */
const rewriteEvery = 5_000;
/** How long after a (re)connect members have shown whether they live, in milliseconds. */
const settling = 2_000;

/** What `held` counts: `memory`, `rings` and `aliases` in bytes. */
type HeldKind =
  | 'memory'
  | 'rings'
  | 'aliases'
  | 'introductions'
  | 'pings'
  | 'pubsub'
  | 'sessions'
  | 'subscriptions'
  | 'requests'
  | 'outages'
  | 'questions';

/**
 * The whole of Switchyard's decisions. Stanzas, the clock and the link's state go in; calls on
 * `Out` come out, in order, before the call returns. It keeps no timers, and `now` is always the
 * caller's: epoch milliseconds, never going back.
 */
export class Router {
  readonly #service: Service;
  readonly #dispatcher: Dispatcher;
  readonly #instances: Instances;
  readonly #introductions: Introductions;
  readonly #membership: Membership;
  readonly #intake: Intake;
  readonly #book: SubscriptionBook;
  readonly #availability: Availability;
  readonly #subscribing: Subscribing;
  readonly #proxying: Proxying;
  readonly #reload: Reload;
  readonly #transfers: Transfers;
  readonly #pubsub: PubSub;
  readonly #events: Events;
  readonly #steering: Steering;
  #rewrittenAt = 0;
  #attached = false;

  /**
   * @param newId Makes ids for our own requests; nobody may be able to guess one.
   * @param newKey Makes keys of aliases: 128 random bits in lower-case base32.
   * @param readElement Finds what a pool may be sticky by.
   * @param readEvent Reads what PubSub services send.
   */
  constructor(
    settings: ServiceSettings,
    snapshot: Snapshot,
    out: Out,
    newId: () => string,
    newKey: () => string,
    readElement: ElementReader,
    capsVersion: CapsVersion,
    readEvent: EventReader,
  ) {
    const service = createService(settings, out, readElement, capsVersion);
    const wake = (pool: Pool, now: number): void => this.#dispatcher.wake(pool, now);
    const suspect = (pool: Pool, member: Member, condition: string, now: number): void =>
      this.#membership.watch.suspect(pool, member, condition, now);
    const transfers = new Transfers(service, newId, { wake, suspect });
    this.#transfers = transfers;
    const membership = new Membership(service, newId, transfers, wake);
    this.#service = service;
    this.#membership = membership;
    this.#introductions = new Introductions(service, newKey, (message, now) => this.#intake.resume(message, now));
    const holds = (pool: Pool, now: number): boolean => membership.watch.verification.holds(pool, now);
    this.#instances = new Instances(service);
    this.#dispatcher = new Dispatcher(service, holds, this.#introductions, this.#instances, newId);
    const alive = (pool: Pool, member: Member, now: number): void => membership.watch.alive(pool, member, now);
    const relay = new Relay(service, new Bounces(service, this.#dispatcher, suspect), this.#instances, alive);
    this.#proxying = new Proxying(service, newId, { alive, suspect });
    const preferences = new Preferences(out);
    this.#book = new SubscriptionBook(out, service.memory);
    this.#availability = new Availability(service, this.#book);
    this.#subscribing = new Subscribing(service, this.#book, this.#availability, newId, (pool, account) => {
      membership.leaveAccount(pool, account);
    });
    this.#pubsub = new PubSub(service, newId, (subscription, now) => this.#events.resume(subscription, now));
    this.#events = new Events(service, this.#pubsub, this.#dispatcher, readEvent);
    this.#intake = new Intake(service, {
      messages: new Messages(service, this.#dispatcher, relay, this.#events),
      presences: new Presences(service, membership, this.#subscribing, this.#instances),
      requests: new Requests(service, preferences, new Passing(service, this.#proxying)),
      responses: {
        answer: (response, now) =>
          membership.answer(response, now) || transfers.answer(response, now) || this.#pubsub.answer(response, now)
            ? consumed
            : this.#proxying.answer(response, now),
      },
    });
    const admits = (pool: Pool, jid: string): boolean => this.#subscribing.admits(pool, jid);
    this.#reload = new Reload(service, membership, this.#dispatcher, preferences, admits);
    this.#steering = steeringOf(preferences, membership);
    restore(snapshot, service, { membership, preferences, book: this.#book, admits });
  }

  /** The pools, for gauges and `explain`; to be read only. */
  get pools(): ReadonlyMap<string, Pool> {
    return this.#service.pools;
  }

  /** What is held beside the pools' own members, by kind: nothing of it may stay for ever. */
  get held(): Readonly<Record<HeldKind, number>> {
    const { memory, aliases, rings, pending } = this.#service;
    return {
      ...this.#membership.held,
      memory: memory.used,
      rings: rings.used,
      aliases: aliases.used,
      introductions: this.#introductions.open,
      pings: this.#membership.watch.verification.pending,
      sessions: this.#instances.open,
      pubsub: this.#pubsub.pending,
      subscriptions: this.#book.size,
      requests: pending.size,
    };
  }

  /** Connection transfers, for gauges; to be read only. */
  get transfers(): Transfers {
    return this.#transfers;
  }

  /**
   * Gives an operator's command.
   * @param given What was given with it, by the names of its fields: texts of a form, or JSON values.
   */
  perform(name: string, caller: Role, given: Readonly<Record<string, unknown>>, now: number): CommandResult {
    const house = { pools: this.pools, transfers: this.#transfers, steering: this.#steering, queues: undefined };
    return perform(house, name, caller, given, now);
  }

  /** Takes one inbound stanza to its end. Its outcome is counted once, here or on a commit. */
  on(stanza: Inbound, now: number): void {
    this.#intake.on(stanza, now);
  }

  /** The server has taken us: members may have left unseen, so each is asked. */
  linkUp(now: number): void {
    this.#attached = true;
    this.#service.startedAt ??= now;
    this.#membership.linkUp(this.#service.pools.values(), now);
    this.#subscribing.linkUp(now);
    this.#availability.linkUp(now + settling);
    this.#instances.linkUp(now);
    this.#introductions.linkUp(now);
    this.#transfers.linkUp(now);
    this.#reload.linkUp();
    this.#proxying.linkUp();
    this.#pubsub.linkUp(now);
  }

  /** The server is gone; what waits is told nothing until it is back. */
  linkDown(): void {
    this.#attached = false;
    this.#membership.linkDown();
    this.#subscribing.linkDown();
    this.#availability.linkDown();
    this.#introductions.linkDown();
    this.#proxying.linkDown();
    this.#transfers.linkDown();
    this.#pubsub.linkDown();
  }

  /** To be called about ten times a second. */
  tick(now: number): void {
    this.#service.startedAt ??= now;
    this.#membership.tick(now);
    this.#proxying.tick(now);
    this.#transfers.tick(now);
    this.#subscribing.tick(now);
    this.#availability.tick(this.#service.pools.values(), now);
    if (this.#attached) this.#instances.tick(now);
    for (const pool of this.#service.pools.values()) {
      if (pool.roster.size > 0) pool.occupiedAt = now;
      if (pool.candidates.size > 0) pool.availableAt = now;
      // Without a link nobody could be told; who waits goes on when it is back.
      if (this.#attached) this.#dispatcher.wake(pool, now);
    }
    this.#service.rings.tick(now, this.#service.out);
    this.#dispatcher.flush();
    this.#introductions.tick(now);
    this.#pubsub.tick(now);
    if (now - this.#rewrittenAt < rewriteEvery) return;
    this.#rewrittenAt = now;
    for (const pool of this.#service.pools.values()) {
      pool.store.again();
      pool.boundLabels.expire(now);
    }
    this.#book.storeAgain();
  }

  /**
   * Goes on with other settings of the same domain, from the next message on: opens, changes and
   * closes pools. Members, messages that wait and answers that are due stay where they are.
   */
  reload(settings: ServiceSettings, now: number): void {
    this.#reload.to(settings, now, this.#attached);
    this.#pubsub.review(now);
    // Without a link there is nobody to tell; all are looked at when there is one.
    if (this.#attached) this.#subscribing.review(now);
  }

  /** The end, after `drain`: who asked a worker that has not answered yet is told that nobody will. */
  end(): void {
    const untold = this.#proxying.turnAway();
    if (untold === 0) return;
    const text = `requests that workers had are lost: ${untold}. There is no link over which to tell who asked.`;
    this.#service.out.notice({ level: 'error', event: 'waiting-lost', pool: undefined, text, detail: { untold } });
  }

  /** Takes no more work; who waits is answered. Replies of workers still go through. */
  drain(): void {
    this.#service.draining = true;
    let untold = this.#introductions.turnAway() + this.#reload.end();
    this.#instances.drain();
    for (const pool of this.#service.pools.values()) untold += this.#dispatcher.turnAway(pool, 'shutting-down');
    this.#events.turnAway();
    this.#dispatcher.flush();
    if (untold === 0) return;
    const text = `messages that waited are lost: ${untold}. There is no link over which to tell their senders.`;
    this.#service.out.notice({ level: 'error', event: 'waiting-lost', pool: undefined, text, detail: { untold } });
  }
}
