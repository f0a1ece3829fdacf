import type { OwnAddress } from '../address/address.ts';
import { knowersOf } from '../delivery/follow-up.ts';
import { passesOn } from '../delivery/trail.ts';
import type { Count } from '../durable/acceptance.ts';
import { termsRefusal } from '../durable/guarantee.ts';
import type { MessageEnvelope } from '../envelope.ts';
import { dropped, type Outcome } from '../outcome/outcome.ts';
import { refuseMessage, refuseOverRate } from '../outcome/refuse.ts';
import type { Dispatcher } from '../pool/dispatch/dispatch.ts';
import { reachable } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Events } from '../pubsub/events.ts';
import { refuseMoved } from '../requests/moved.ts';
import type { Service } from '../service.ts';
import type { Relay } from './relay.ts';

/** Decides where an inbound message goes, by the kind of address it was sent to. */
export class Messages {
  readonly #service: Service;
  readonly #dispatcher: Dispatcher;
  readonly #relay: Relay;
  readonly #events: Events;

  constructor(service: Service, dispatcher: Dispatcher, relay: Relay, events: Events) {
    this.#service = service;
    this.#dispatcher = dispatcher;
    this.#relay = relay;
    this.#events = events;
  }

  /** @param count Told the outcome of a message that has to be stored first; `undefined` is returned then. */
  on(message: MessageEnvelope, address: OwnAddress, now: number, count: Count): Outcome | undefined {
    if (message.type === 'error') return this.#relay.error(message, address, now);
    switch (address.kind) {
      case 'service':
      case 'service-resource':
        return refuseMessage(this.#service.out, message, 'service-address');
      case 'pool':
        return this.#toAddress(this.#service.pools.get(address.pool), message, now, count);
      case 'label':
        return this.#toLabel(address.pool, address.label, message, now, count);
      case 'proxy':
      case 'alias':
        return this.#relay.reply(message, address, now);
    }
  }

  /** Routes what has waited for its sender's alias; what lets it in was asked when it came. */
  resume(message: MessageEnvelope, address: OwnAddress, now: number, count: Count): Outcome | undefined {
    const pool = 'pool' in address ? this.#service.pools.get(address.pool) : undefined;
    if (pool === undefined) return refuseMessage(this.#service.out, message, 'unreachable');
    const member = address.kind === 'label' ? pool.roster.byLabel(address.label) : undefined;
    return member === undefined || member.state === 'checking' || !reachable(member) || member.jid === message.from
      ? this.#dispatcher.arrive(pool, message, now, count)
      : this.#dispatcher.giveTo(pool, member, message, now, count);
  }

  /** To the pool itself: an event that it has subscribed to, or a message to it. */
  #toAddress(pool: Pool | undefined, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const taken =
      pool === undefined
        ? undefined
        : (this.#events.take(pool, message, now) ?? this.#relay.atPool(pool, message, now));
    return taken ?? this.#toPool(pool, message, now, count);
  }

  #toPool(pool: Pool | undefined, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const refusal = this.#refusal(pool, message);
    if (refusal !== undefined) return refusal;
    if (pool === undefined) return refuseMessage(this.#service.out, message, 'unreachable');
    const over = pool.rates.sender(message.from, 1, now);
    if (over !== undefined) return refuseOverRate(this.#service.out, message, over);
    return message.signal ? this.#signal(pool, message, now) : this.#dispatcher.arrive(pool, message, now, count);
  }

  /** RFC 6121 8.5.3: to the worker that has the label; once it is gone, to the pool again. */
  #toLabel(name: string, label: string, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const pool = this.#service.pools.get(name);
    const heard = pool === undefined ? undefined : this.#relay.atPool(pool, message, now);
    if (heard !== undefined) return heard;
    const refusal = this.#refusal(pool, message);
    if (refusal !== undefined) return refusal;
    const labelled = pool?.roster.byLabel(label);
    // A worker's own message never comes back to it.
    const member = labelled?.jid === message.from ? undefined : labelled;
    if (pool === undefined || member === undefined || member.state === 'checking' || !reachable(member)) {
      return this.#toPool(pool, message, now, count);
    }
    const over = pool.rates.sender(message.from, 1, now);
    if (over !== undefined) return refuseOverRate(this.#service.out, message, over);
    return message.signal
      ? this.#dispatcher.show(pool, [member], message)
      : this.#dispatcher.giveTo(pool, member, message, now, count);
  }

  /** Why this message gets no further than the pool's door, if it does not. */
  #refusal(pool: Pool | undefined, message: MessageEnvelope): Outcome | undefined {
    const { out } = this.#service;
    if (pool === undefined) return refuseMessage(out, message, 'unreachable');
    if (pool.settings.memberMessages === 'reject' && pool.roster.get(message.from) !== undefined) {
      return message.signal ? dropped('signal-misaddressed') : refuseMessage(out, message, 'member-message');
    }
    if (!pool.senders.allows(message.from)) {
      return refuseMessage(
        out,
        message,
        pool.visibleTo(message.from) || this.#service.admins.allows(message.from) ? 'send-forbidden' : 'unreachable',
      );
    }
    const { moved } = pool.settings;
    if (moved !== undefined) return refuseMoved(this.#service, message, moved);
    if (message.hops !== undefined && loops(message.hops, pool)) return this.#goesRound(pool, message);
    if (this.#service.draining) return refuseMessage(out, message, 'shutting-down');
    const terms = message.terms === undefined ? undefined : termsRefusal(pool, message);
    if (terms !== undefined) return refuseMessage(out, message, terms);
    if (message.type === 'groupchat') return refuseMessage(out, message, 'groupchat');
    if (message.instance === 'ping' && message.id === undefined) return refuseMessage(out, message, 'ping-without-id');
    if (message.type === 'headline' && pool.settings.headline === 'reject') {
      return refuseMessage(out, message, 'headline-refused');
    }
    return undefined;
  }

  /** What has been here before comes from somebody who passes on what he gets. */
  #goesRound(pool: Pool, message: MessageEnvelope): Outcome {
    const conversation = this.#service.conversations.find(pool.settings.name, message.from);
    if (conversation !== undefined) passesOn(conversation);
    return refuseMessage(this.#service.out, message, 'loop');
  }

  /** Chat states, receipts and markers belong to the worker that knows what they are about. */
  #signal(pool: Pool, message: MessageEnvelope, now: number): Outcome {
    const conversation = this.#service.conversations.find(pool.settings.name, message.from);
    const members = conversation === undefined ? [] : knowersOf(pool, conversation, message, now);
    if (members.length === 0 && pool.mayAnswer(message.from, now)) return dropped('signal-misaddressed');
    return this.#dispatcher.show(pool, members, message);
  }
}

/** Most pools that a message may pass. */
const hopsMax = 3;

/** Whether a message has been here before, or in so many pools that it seems to go round. */
function loops(hops: readonly string[], pool: Pool): boolean {
  return hops.length >= hopsMax || hops.includes(pool.jid);
}
