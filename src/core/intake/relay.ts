import type { OwnAddress } from '../address/address.ts';
import { bareOf } from '../address/jid.ts';
import type { Bounces } from '../delivery/bounces.ts';
import { renamingFor } from '../delivery/renaming.ts';
import { settle } from '../delivery/settle.ts';
import type { Deliveries } from '../durable/deliveries.ts';
import type { MessageEnvelope } from '../envelope.ts';
import type { Instances } from '../instances/instances.ts';
import { consumed, dropped, type Outcome, relayed } from '../outcome/outcome.ts';
import { refuseMessage, refuseOverRate, unsent } from '../outcome/refuse.ts';
import { lastAnswered, noteAnswered } from '../pool/conversation/answered.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import { licenceFor, licenceOf, type PartyAddress, partyOf } from '../pool/conversation/licence.ts';
import { answererBehind, asOfMember, noteAnswerer } from '../pool/far/far-address.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Renaming } from '../ports.ts';
import type { Service } from '../service.ts';

/**
 * Passes on what workers write to the proxies of senders, and nothing else: to relay for
 * anybody, or to anybody, would make us an open relay (design.md, "Relay to a proxy").
 */
export class Relay {
  readonly #service: Service;
  readonly #bounces: Bounces;
  readonly #instances: Instances;
  readonly #deliveries: Deliveries;
  readonly #alive: (pool: Pool, member: Member, now: number) => void;

  /**
   * @param bounces Knows what becomes of a message that a worker returns.
   * @param deliveries Knows what workers say of durable messages.
   * @param alive Told of every member that writes: it lives.
   */
  constructor(
    service: Service,
    bounces: Bounces,
    instances: Instances,
    deliveries: Deliveries,
    alive: (pool: Pool, member: Member, now: number) => void,
  ) {
    this.#service = service;
    this.#bounces = bounces;
    this.#instances = instances;
    this.#deliveries = deliveries;
    this.#alive = alive;
  }

  /** A worker's answer to a sender. It arrives from the worker's label (RFC 6121 5.1). */
  reply(received: MessageEnvelope, address: PartyAddress, now: number): Outcome {
    const { out } = this.#service;
    const pool = this.#service.pools.get(address.pool);
    if (pool === undefined || !pool.mayAnswer(received.from, now)) return refuseMessage(out, received, 'unreachable');
    if (received.type === 'groupchat') return refuseMessage(out, received, 'groupchat');
    const message = asOfMember(pool, received);
    const sender = partyOf(this.#service, pool, address);
    if (sender !== undefined && this.#deliveries.hear(pool, sender, message, now)) {
      this.#heard(pool, message.from, now);
      return consumed;
    }
    const conversation = licenceFor(this.#service, pool, address, now);
    if (conversation === undefined) {
      return message.signal ? dropped('signal-no-worker') : refuseMessage(out, received, 'relay-refused');
    }
    const member = pool.roster.get(message.from);
    const over = pool.rates.worker(member?.jid ?? bareOf(message.from), now);
    if (over !== undefined) return refuseOverRate(out, received, over);
    // Servers hand messages to sibling resources, which are no members and have no label.
    const from = member === undefined ? pool.jid : `${pool.jid}/~${member.label}`;
    // The client has to know the instance before it hears of it (specs.md 3.1, D6).
    if (message.instance === 'pong' && member !== undefined) this.#instances.show(pool, conversation, member, now);
    const sent = out.relay(message, from, conversation.sender, this.#renaming(pool, conversation, message));
    if (sent !== 'sent') return unsent(out, received, sent);
    if (member !== undefined) {
      const first = member.duty !== undefined && member.repliedIn.length === 0;
      noteAnswered(member, conversation);
      noteAnswerer(conversation, member, received.from);
      // Who has answered a message may be trusted to send receipts.
      if (first) pool.refresh(member);
      this.#alive(pool, member, now);
      settle(pool, conversation, member, message, now);
    }
    return relayed;
  }

  /**
   * What a worker says of deliveries at an address of the pool itself. It belongs to where the message came from, but
   * a token names the delivery anywhere, and so does an id while the worker has only one message of it. `undefined`
   * when there is more, or nothing, in it.
   */
  atPool(pool: Pool, message: MessageEnvelope, now: number): Outcome | undefined {
    const { controls, receipt, from } = message;
    if ((controls === undefined && receipt === undefined) || !pool.mayAnswer(from, now)) return undefined;
    if (!this.#deliveries.hear(pool, undefined, message, now)) return undefined;
    this.#heard(pool, from, now);
    return consumed;
  }

  #heard(pool: Pool, from: string, now: number): void {
    const member = pool.roster.get(from);
    if (member !== undefined) this.#alive(pool, member, now);
  }

  #renaming(pool: Pool, conversation: Conversation, message: MessageEnvelope): Renaming | undefined {
    const renaming = renamingFor(pool, conversation, message);
    const from = message.refersTo;
    if (renaming !== undefined || from === undefined) return renaming;
    const to = this.#deliveries.originalOf(pool, conversation.sender, from);
    return to === undefined ? undefined : { from, to };
  }

  /** An error never gets an answer (RFC 6120 8.3.1); the one who should know is told. */
  error(message: MessageEnvelope, address: OwnAddress, now: number): Outcome {
    if (address.kind === 'service' || address.kind === 'service-resource') return dropped('error-to-service');
    const pool = this.#service.pools.get(address.pool);
    if (pool === undefined) return dropped('error-unmatched');
    if (address.kind === 'label') return this.#errorToWorker(pool, address.label, message, now);
    return address.kind === 'pool' ? dropped('error-unmatched') : this.#bounce(pool, address, message, now);
  }

  /** A worker, or its server, could not take a message. */
  #bounce(pool: Pool, address: PartyAddress, received: MessageEnvelope, now: number): Outcome {
    const message = asOfMember(pool, received);
    if (!pool.mayAnswer(message.from, now)) return dropped('error-unmatched');
    const sender = partyOf(this.#service, pool, address);
    if (sender !== undefined && this.#deliveries.bounced(pool, sender, message, now)) return consumed;
    const conversation = licenceFor(this.#service, pool, address, now);
    if (conversation === undefined) return dropped('error-unmatched');
    const name =
      message.id === undefined ? undefined : this.#deliveries.originalOf(pool, conversation.sender, message.id);
    return this.#bounces.on(pool, conversation, name === undefined ? message : { ...message, id: name }, now);
  }

  /** The worker's reply could not be delivered: it hears it from the sender's proxy. */
  #errorToWorker(pool: Pool, label: string, message: MessageEnvelope, now: number): Outcome {
    const member = pool.roster.byLabel(label);
    if (member === undefined) return dropped('error-unmatched');
    const conversation =
      licenceOf(this.#service, pool, message.from, now) ??
      licenceOf(this.#service, pool, lastAnswered(member, message.from) ?? '', now);
    if (conversation === undefined) return dropped('error-unmatched');
    if (pool.rates.sender(message.from, 1, now) !== undefined) return dropped('over-rate');
    const { out } = this.#service;
    // What the sender's server says of him may name him.
    const sent = pool.hidesSenders
      ? out.report(message, conversation.proxy, answererBehind(member, conversation))
      : out.relay(message, conversation.proxy, answererBehind(member, conversation));
    return sent === 'sent' ? relayed : dropped(sent === 'congested' ? 'shed' : 'link-down');
  }
}
