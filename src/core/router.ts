import type { Caller, CommandResult } from './commands/command.ts';
import { perform } from './commands/perform.ts';
import type { Deliveries } from './durable/deliveries.ts';
import type { Snapshot } from './durable-state.ts';
import type { Inbound } from './envelope.ts';
import { type Means, Parts } from './parts.ts';
import type { Pool } from './pool/pool.ts';
import type { Out } from './ports.ts';
import type { ServiceSettings } from './settings.ts';
import type { Transfers } from './transfer/transfers.ts';

/** How often writes that failed are tried again, in milliseconds. */
const rewriteEvery = 5_000;
/** Records of conversations that are written at a tick. */
const conversationsAtOnce = 2_000;
/** How long after a (re)connect members have shown whether they live, in milliseconds. */
const settling = 2_000;

/** What `held` counts: `memory`, `rings` and `aliases` in bytes. */
type HeldKind =
  | 'memory'
  | 'commands'
  | 'rings'
  | 'aliases'
  | 'introductions'
  | 'pings'
  | 'pubsub'
  | 'sessions'
  | 'subscriptions'
  | 'requests'
  | 'outages'
  | 'questions'
  | 'announcements';

/**
 * The whole of Switchyard's decisions. Stanzas, the clock and the link's state go in; calls on
 * `Out` come out, in order, before the call returns. It keeps no timers, and `now` is always the
 * caller's: epoch milliseconds, never going back.
 */
export class Router {
  readonly #parts: Parts;
  #rewrittenAt = 0;
  #attached = false;

  /** @param snapshot What an earlier process stored. */
  constructor(settings: ServiceSettings, snapshot: Snapshot, out: Out, means: Means) {
    this.#parts = new Parts(settings, snapshot, out, means);
  }

  /** The pools, for gauges and `explain`; to be read only. */
  get pools(): ReadonlyMap<string, Pool> {
    return this.#parts.service.pools;
  }

  /** What is held beside the pools' own members, by kind: nothing of it may stay for ever. */
  get held(): Readonly<Record<HeldKind, number>> {
    const { memory, aliases, rings, pending } = this.#parts.service;
    return {
      ...this.#parts.membership.held,
      memory: memory.used,
      rings: rings.used,
      aliases: aliases.used,
      introductions: this.#parts.introductions.open,
      pings: this.#parts.membership.watch.verification.pending,
      sessions: this.#parts.instances.open,
      pubsub: this.#parts.pubsub.pending,
      subscriptions: this.#parts.service.subscriptions.size,
      requests: pending.size,
      announcements: this.#parts.announcements.open,
      commands: this.#parts.adhoc.open,
    };
  }

  /** What durable pools have accepted and not ended, for gauges; to be read only. */
  get deliveries(): Deliveries {
    return this.#parts.deliveries;
  }

  /** Connection transfers, for gauges; to be read only. */
  get transfers(): Transfers {
    return this.#parts.transfers;
  }

  /**
   * Gives an operator's command.
   * @param given What was given with it, by the names of its fields: texts of a form, or JSON values.
   */
  perform(name: string, caller: Caller, given: Readonly<Record<string, unknown>>, now: number): CommandResult {
    return perform(this.#parts.house, name, caller, given, now);
  }

  /** Takes one inbound stanza to its end. Its outcome is counted once, here or on a commit. */
  on(stanza: Inbound, now: number): void {
    this.#parts.intake.on(stanza, now);
  }

  /** The server has taken us: members may have left unseen, so each is asked. */
  linkUp(now: number): void {
    this.#attached = true;
    this.#parts.service.startedAt ??= now;
    this.#parts.membership.linkUp(this.#parts.service.pools.values(), now);
    this.#parts.subscribing.linkUp(now);
    this.#parts.availability.linkUp(now + settling);
    this.#parts.instances.linkUp(now);
    this.#parts.introductions.linkUp(now);
    this.#parts.transfers.linkUp(now);
    this.#parts.announcements.linkUp();
    this.#parts.reload.linkUp();
    this.#parts.proxying.linkUp();
    this.#parts.deliveries.linkUp(now);
    this.#parts.pubsub.linkUp(now);
  }

  /** The link passes its self-test again: what members answered before may have gone to another connection. */
  linkTrusted(now: number): void {
    this.#parts.membership.watch.linkTrusted(this.#parts.service.pools.values(), now);
  }

  /** The server is gone; what waits is told nothing until it is back. */
  linkDown(): void {
    this.#attached = false;
    this.#parts.membership.linkDown();
    this.#parts.subscribing.linkDown();
    this.#parts.availability.linkDown();
    this.#parts.introductions.linkDown();
    this.#parts.proxying.linkDown();
    this.#parts.deliveries.linkDown();
    this.#parts.transfers.linkDown();
    this.#parts.announcements.linkDown();
    this.#parts.pubsub.linkDown();
  }

  /** To be called about ten times a second. */
  tick(now: number): void {
    this.#parts.service.startedAt ??= now;
    this.#parts.membership.tick(now);
    this.#parts.proxying.tick(now);
    this.#parts.transfers.tick(now);
    this.#parts.announcements.tick();
    this.#parts.subscribing.tick(now);
    this.#parts.availability.tick(this.#parts.service.pools.values(), now);
    if (this.#attached) this.#parts.instances.tick(now);
    for (const pool of this.#parts.service.pools.values()) {
      if (pool.roster.size > 0) pool.occupiedAt = now;
      if (pool.eligible > 0) pool.availableAt = now;
      // Without a link nobody could be told; who waits goes on when it is back.
      if (this.#attached) this.#parts.dispatcher.wake(pool, now);
    }
    this.#parts.deliveries.tick(now);
    this.#parts.service.rings.tick(now, this.#parts.service.out);
    this.#parts.dispatcher.flush(conversationsAtOnce);
    this.#parts.introductions.tick(now);
    this.#parts.pubsub.tick(now);
    this.#parts.adhoc.tick(now);
    if (now - this.#rewrittenAt < rewriteEvery) return;
    this.#rewrittenAt = now;
    for (const pool of this.#parts.service.pools.values()) {
      pool.store.again();
      pool.boundLabels.expire(now);
    }
    this.#parts.service.subscriptions.storeAgain();
  }

  /**
   * Goes on with other settings of the same domain, from the next message on: opens, changes and
   * closes pools. Members, messages that wait and answers that are due stay where they are.
   */
  reload(settings: ServiceSettings, now: number): void {
    this.#parts.reload.to(settings, now, this.#attached);
    this.#parts.deliveries.review();
    this.#parts.pubsub.review(now);
    // Without a link there is nobody to tell; all are looked at when there is one.
    if (this.#attached) this.#parts.subscribing.review(now);
  }

  /** The end, after `drain`: who asked a worker that has not answered yet is told that nobody will. */
  end(): void {
    const untold = this.#parts.proxying.turnAway();
    if (untold === 0) return;
    const text = `requests that workers had are lost: ${untold}. There is no link over which to tell who asked.`;
    this.#parts.service.out.notice({
      level: 'error',
      event: 'waiting-lost',
      pool: undefined,
      text,
      detail: { untold },
    });
  }

  /** Takes no more work; who waits is answered. Replies of workers still go through. */
  drain(): void {
    this.#parts.service.draining = true;
    let untold = this.#parts.introductions.turnAway() + this.#parts.reload.end();
    this.#parts.instances.drain();
    this.#parts.announcements.drain();
    for (const pool of this.#parts.service.pools.values())
      untold += this.#parts.dispatcher.turnAway(pool, 'shutting-down');
    this.#parts.events.turnAway();
    this.#parts.dispatcher.flush();
    if (untold === 0) return;
    const text = `messages that waited are lost: ${untold}. There is no link over which to tell their senders.`;
    this.#parts.service.out.notice({
      level: 'error',
      event: 'waiting-lost',
      pool: undefined,
      text,
      detail: { untold },
    });
  }
}
