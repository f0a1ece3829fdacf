import type { MessageEnvelope, ReceivedSubscription } from '../envelope.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import { ownCopy } from '../memory/own-copy.ts';
import { WaitingRoom } from '../pool/waiting.ts';
import type { PubSubRequest } from '../ports.ts';
import type { NodeSettings } from '../settings.ts';
import { pauseAfter, pauseWhileWell } from './back-off.ts';

/** Most events of one subscription that wait for it to be confirmed. */
const heldMost = 1_000;
/** How long a subscription has to stand until its next failure counts as the first, in milliseconds. */
const firm = 60_000;

/**
 * How a pool's subscription stands. `checking`: nothing is known yet. `pending`: an owner of the node
 * has to approve it. `unconfigured`: the service wants options first. `refused`: the service said no.
 * `unreachable`: it said nothing, or there is none.
 */
export type NodeState = 'checking' | 'subscribed' | 'pending' | 'unconfigured' | 'refused' | 'unreachable';

/** Why there is no subscription that works. */
export type NodeFailure = Exclude<NodeState, 'checking' | 'subscribed'>;

/** All states there are. */
export const nodeStates: readonly NodeState[] = [
  'checking',
  'subscribed',
  'pending',
  'unconfigured',
  'refused',
  'unreachable',
];

/** The subscription of one pool to one node: what is known of it, and when to look again. */
export class NodeSubscription {
  /** Name of the pool. */
  readonly pool: string;
  /** The pool's bare JID, which is subscribed. */
  readonly jid: string;
  settings: NodeSettings;
  /** Why it is as it is, in words or as the condition of an error; `''` when there is nothing to say. */
  reason = '';
  /** The id that the service gave the subscription, if it has ids. */
  subid: string | undefined;
  /** Whether the service took the options that are configured. */
  optionsSet = false;
  /** Whether the service has accepted it since the last (re)connect: then lists of it are believed. */
  sure = false;
  /** The question that is open. */
  asking: PubSubRequest['name'] | undefined;
  /** When to ask next, in epoch milliseconds. */
  dueAt = 0;
  /** When the last question was sent, in epoch milliseconds. */
  askedAt = 0;
  #state: NodeState = 'checking';
  #failures = 0;
  #confirmed = false;
  #confirmedAt = 0;
  readonly #held: WaitingRoom;

  /** @param memory For events that wait; shared. */
  constructor(pool: string, jid: string, settings: NodeSettings, memory: MemoryBudget) {
    this.pool = pool;
    this.jid = jid;
    this.settings = settings;
    this.#held = new WaitingRoom(memory);
  }

  get service(): string {
    return this.settings.service;
  }

  get node(): string {
    return this.settings.node;
  }

  get state(): NodeState {
    return this.#state;
  }

  /**
   * Whether the service has said that the subscription exists, and nothing to the contrary since: its
   * events are the pool's. A service that cannot be asked has said nothing.
   */
  get confirmed(): boolean {
    return this.#confirmed;
  }

  /** Whether the service still has to say how it stands: it is being asked, or will be in its turn. */
  get isOpen(): boolean {
    return this.asking !== undefined || this.#state === 'checking';
  }

  /** Whether the configuration sets options that the service was not told yet. */
  get owesOptions(): boolean {
    return !this.optionsSet && Object.keys(this.settings.options).length > 0;
  }

  /** Takes what the service says of it. A subscription with another id is another one. */
  adopt(received: ReceivedSubscription, now: number): void {
    if (received.subid !== this.subid) this.optionsSet = false;
    // A piece of the answer would keep all of it in memory.
    this.subid = received.subid === undefined ? undefined : ownCopy(received.subid);
    if (received.state === 'none') {
      this.fail('refused', 'the service ended the subscription', now);
    } else if (received.state === 'subscribed') {
      if (!this.#confirmed) this.#confirmedAt = now;
      else if (now - this.#confirmedAt >= firm) this.#failures = 0;
      this.#confirmed = true;
      this.#become('subscribed', '');
      this.dueAt = now + pauseWhileWell(this.#name, now);
    } else {
      const pending = received.state === 'pending';
      this.#confirmed = !pending;
      this.#become(received.state, pending ? 'an owner of the node has to approve it' : 'the service wants options');
      this.#again(now);
    }
  }

  /** Notes why there is no subscription, or none that is known of, and when to try again. */
  fail(state: NodeFailure, reason: string, now: number): void {
    // Who cannot be reached may still count us among its subscribers.
    if (state !== 'unreachable') {
      this.#confirmed = false;
      this.subid = undefined;
      this.optionsSet = false;
      this.sure = false;
    }
    this.#become(state, reason);
    this.#again(now);
  }

  /** The link was lost or the settings changed: what is known has to be asked again, at once. */
  doubt(now: number): void {
    this.asking = undefined;
    this.sure = false;
    this.#failures = 0;
    this.dueAt = now;
  }

  /** Keeps an event until the subscription is confirmed; false when there is no room. */
  hold(message: MessageEnvelope): boolean {
    return this.#held.size < heldMost && this.#held.admit(message);
  }

  /** The events that waited, oldest first; nothing waits any more. */
  release(): readonly MessageEnvelope[] {
    return this.#held.release();
  }

  get #name(): string {
    return `${this.jid} ${this.service} ${this.node}`;
  }

  #become(state: NodeState, reason: string): void {
    this.#state = state;
    this.reason = reason;
  }

  #again(now: number): void {
    this.#failures += 1;
    this.dueAt = now + pauseAfter(this.#failures, this.#name, now);
  }
}
