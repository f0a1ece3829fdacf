import { bareOf, utf8Length } from '../../address/jid.ts';
import type { Forward } from '../../delivery/forward.ts';
import { marked, withTrail } from '../../delivery/trail.ts';
import type { MessageEnvelope } from '../../envelope.ts';
import type { Instances } from '../../instances/instances.ts';
import { forwarded, type Outcome } from '../../outcome/outcome.ts';
import { refuseMessage, refuseOverRate, unsent } from '../../outcome/refuse.ts';
import type { Sent } from '../../ports.ts';
import type { Service } from '../../service.ts';
import type { Conversation } from '../conversation/conversations.ts';
import type { Introductions } from '../conversation/introductions.ts';
import { addressOf } from '../far/far-address.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** How old the stored record of a live conversation may become, in milliseconds. */
const conversationStale = 3_600_000;
/** Pause before a record is written again that the store did not take, in milliseconds. */
const writeAgain = 10_000;
/** Longest id that goes out as it came. */
const idBytes = 128;

/** Hands messages to the workers that were chosen, and remembers who has them. */
export class Handover {
  readonly #service: Service;
  readonly #introductions: Introductions;
  readonly #instances: Instances;
  readonly #newId: () => string;
  #dirty: Conversation[] = [];

  /** @param newId Makes ids for messages whose own will not do; nobody may be able to guess one. */
  constructor(service: Service, introductions: Introductions, instances: Instances, newId: () => string) {
    this.#service = service;
    this.#introductions = introductions;
    this.#instances = instances;
    this.#newId = newId;
  }

  /** Gives `message` to `member`. */
  toOne(pool: Pool, conversation: Conversation, member: Member, message: MessageEnvelope, now: number): Outcome {
    const { out } = this.#service;
    if (message.instance === 'ping' && !this.#instances.answersItself(member)) {
      return this.#instances.pong(pool, conversation, [member], message, now);
    }
    if (message.type === 'headline' && message.event === undefined) {
      const sent = this.#forward(pool, conversation, member, message, now);
      return sent === 'sent' ? forwarded : unsent(out, message, sent);
    }
    const ours = this.#idFor(pool, conversation, message);
    const written = ours === undefined ? message : { ...message, id: ours };
    const sent = this.#forward(pool, conversation, member, written, now);
    if (sent !== 'sent') return unsent(out, message, sent);
    pool.ring.add(conversation, member, message, ours, pool.settings.plainRetry === 'bounce', now);
    return forwarded;
  }

  /** Gives a copy of `message` to each of `members`. */
  toSeveral(
    pool: Pool,
    conversation: Conversation,
    message: MessageEnvelope,
    members: readonly Member[],
    now: number,
  ): Outcome {
    const { out } = this.#service;
    if (members.length === 0) return refuseMessage(out, message, 'no-worker');
    if (message.event === undefined) {
      if (members.length > pool.settings.fanoutMax) return refuseMessage(out, message, 'fan-out');
      const over = pool.rates.copies(message.from, members.length, now);
      if (over !== undefined) return refuseOverRate(out, message, over);
    }
    if (message.instance === 'ping') {
      const plain = members.filter((member) => !this.#instances.answersItself(member));
      if (plain.length > 0) {
        const outcome = this.#instances.pong(pool, conversation, plain, message, now);
        const others = members.filter((member) => !plain.includes(member));
        return others.length === 0 ? outcome : this.toSeveral(pool, conversation, message, others, now);
      }
    }
    const ours = message.type === 'headline' ? undefined : this.#idFor(pool, conversation, message);
    const written = marked(ours === undefined ? message : { ...message, id: ours });
    const served: Member[] = [];
    let failure: Exclude<Sent, 'sent'> = 'link-down';
    for (const member of members) {
      const sent = this.#forward(pool, conversation, member, written, now);
      if (sent === 'sent') served.push(member);
      else failure = sent;
    }
    const [first, ...others] = served;
    if (first === undefined) return unsent(out, message, failure);
    if (others.length > 0) out.event('copies', pool.settings.name, others.length);
    // A headline is never answered, and so never returned (RFC 6121 8.5.2.2.1).
    if (message.type !== 'headline') pool.ring.addCopies(conversation, first, others, message, ours, now);
    return forwarded;
  }

  /** Gives to `member` what another could not take. */
  again(pool: Pool, forward: Forward, member: Member, message: MessageEnvelope, now: number): Sent {
    const { conversation, ours } = forward;
    if (message.instance === 'ping' && !this.#instances.answersItself(member)) {
      const { kind } = this.#instances.pong(pool, conversation, [member], message, now);
      return kind === 'answered' ? 'sent' : 'link-down';
    }
    const written = ours === undefined ? message : { ...message, id: ours };
    const sent = this.#forward(pool, conversation, member, written, now);
    if (sent === 'sent') {
      forward.passTo(member, now);
      pool.ring.give(forward, member);
    }
    return sent;
  }

  /** Notes that `worker` was given a message of the sender, which somebody else keeps account of. */
  serve(conversation: Conversation, worker: string, now: number): void {
    this.#note(conversation, worker, now);
  }

  /**
   * Writes down conversations that are new, or whose record has grown old; one that the store does not take, with a
   * later message. @param most So many at a time: the store takes only so much at once.
   */
  flush(most: number): void {
    for (const conversation of this.#dirty.splice(0, most)) {
      const { pool, sender, worker, at } = conversation;
      this.#service.out.commit({ op: 'put-conversation', pool, sender, worker: bareOf(worker), at }, (error) => {
        if (error !== undefined) conversation.storedAt += writeAgain - conversationStale;
      });
      this.#introductions.used(pool, sender, at);
    }
  }

  /** An id of ours for a message whose own is absent, over 128 bytes, that of one that is open, or tells who sends it. */
  #idFor(pool: Pool, conversation: Conversation, message: MessageEnvelope): string | undefined {
    const { id } = message;
    const telling = id !== undefined && pool.hidesSenders && id.includes(bareOf(message.from));
    if (id !== undefined && !telling && fits(id) && pool.ring.find(conversation, id)?.open !== true) return undefined;
    this.#service.out.event('id-replaced', pool.settings.name);
    return this.#newId();
  }

  #forward(pool: Pool, conversation: Conversation, member: Member, message: MessageEnvelope, now: number): Sent {
    const trailed = withTrail(conversation, message);
    // Between pools nothing goes without its trail: whoever passes it on may be passed it by us.
    const written = member.far === undefined ? trailed : marked(trailed);
    const to = addressOf(member, conversation, message.to);
    const sent = this.#service.out.forward(written, conversation.proxy, to, pool);
    if (sent !== 'sent') return sent;
    member.served(now);
    member.delivered += 1;
    pool.counts.delivered += 1;
    this.#note(conversation, member.jid, now);
    return sent;
  }

  #note(conversation: Conversation, worker: string, now: number): void {
    conversation.worker = worker;
    conversation.at = now;
    if (now - conversation.storedAt <= conversationStale) return;
    conversation.storedAt = now;
    this.#dirty.push(conversation);
  }
}

function fits(id: string): boolean {
  return id.length * 3 <= idBytes || utf8Length(id) <= idBytes;
}
