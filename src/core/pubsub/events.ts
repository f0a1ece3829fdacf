import type { MessageEnvelope } from '../envelope.ts';
import { consumed, dropped, type Outcome, queued } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import { countWaited } from '../outcome/waited.ts';
import type { Dispatcher } from '../pool/dispatch/dispatch.ts';
import type { Pool } from '../pool/pool.ts';
import type { EventReader, PubSubMessage } from '../ports.ts';
import type { Service } from '../service.ts';
import type { NodeSubscription } from './node-subscription.ts';
import type { PubSub } from './pubsub.ts';

type NodeEvent = Extract<PubSubMessage, { about: 'node' }>;

/**
 * Knows the events that a pool has subscribed to among the messages to it, and has them shared. An
 * event is one only by its sender, its node and a subscription that the service has confirmed.
 */
export class Events {
  readonly #service: Service;
  readonly #pubsub: PubSub;
  readonly #dispatcher: Dispatcher;
  readonly #read: EventReader;

  /** @param read Reads what a message of a PubSub service says. */
  constructor(service: Service, pubsub: PubSub, dispatcher: Dispatcher, read: EventReader) {
    this.#service = service;
    this.#pubsub = pubsub;
    this.#dispatcher = dispatcher;
    this.#read = read;
  }

  /** Takes a message to `pool` to its end if it is an event of its PubSub services; `undefined` if it is an ordinary one. */
  take(pool: Pool, message: MessageEnvelope, now: number): Outcome | undefined {
    if (!this.#pubsub.concerns(pool, message.from)) return undefined;
    const read = this.#read(message.tail);
    if (read === undefined) return undefined;
    if (read.about === 'node') return this.#event(pool, message, read, now);
    const { node, jid } = read.subscription;
    const meant = pool.nodes.find((one) => one.service === message.from && one.node === node);
    if (meant === undefined || (jid ?? pool.jid) !== pool.jid) return dropped('event-not-subscribed');
    this.#pubsub.hear(meant, read.subscription, now);
    return consumed;
  }

  /** Lets the events go on that waited to know whether `subscription` exists, unless it is still being asked. */
  resume(subscription: NodeSubscription, now: number): void {
    if (!subscription.confirmed && subscription.isOpen) return;
    const pool = this.#service.pools.get(subscription.pool);
    for (const message of subscription.release()) {
      const outcome = pool === undefined || !subscription.confirmed ? undefined : this.take(pool, message, now);
      if (outcome?.kind === 'queued') continue;
      countWaited(this.#service, subscription.pool, outcome);
    }
  }

  /** Drops the events that wait, because the service is shutting down. */
  turnAway(): void {
    for (const pool of this.#service.pools.values()) {
      for (const subscription of pool.nodes) {
        const dropped = subscription.release().length;
        if (dropped > 0) this.#service.out.event('waited-dropped', pool.settings.name, dropped);
      }
    }
  }

  #event(pool: Pool, message: MessageEnvelope, event: NodeEvent, now: number): Outcome {
    const { node, collections, subids, deleted } = event;
    const by = pool.nodes.find(
      (one) => one.service === message.from && (one.node === node || collections.includes(one.node)),
    );
    if (by === undefined) return dropped('event-not-subscribed');
    if (!by.confirmed) return this.#unconfirmed(by, message, now);
    if (by.subid !== undefined && subids.length > 0 && !subids.includes(by.subid)) {
      this.#pubsub.ask(by, now);
      return dropped('event-not-subscribed');
    }
    // Neither hint nor reference is a sender's word to this pool.
    const shared = { ...message, hint: undefined, refersTo: undefined, event: event.shares(by.settings.split) };
    const outcome = this.#service.draining
      ? refuse(this.#service.out, shared, 'shutting-down')
      : (this.#dispatcher.arrive(pool, shared, now, () => undefined) ?? queued);
    if (deleted && node === by.node) this.#pubsub.lose(by, now);
    return outcome;
  }

  /** It may come before the answer that confirms its subscription: then it waits. */
  #unconfirmed(by: NodeSubscription, message: MessageEnvelope, now: number): Outcome {
    this.#pubsub.ask(by, now);
    if (!by.isOpen) return dropped('event-not-subscribed');
    return by.hold(message) ? queued : dropped('event-shed');
  }
}
