import { knowersOf } from '../delivery/follow-up.ts';
import type { Forward } from '../delivery/forward.ts';
import type { MessageEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors.ts';
import type { Instances } from '../instances/instances.ts';
import { bareOf, utf8Length } from '../jid.ts';
import { dropped, forwarded, type Outcome, queued, relayed } from '../outcome.ts';
import type { Sent } from '../ports.ts';
import { shareOut } from '../pubsub/share-out.ts';
import { refuseMessage, refuseOverRate, unsent } from '../refuse.ts';
import type { Service } from '../service.ts';
import type { AlgorithmName } from '../settings.ts';
import { endOfWaiting } from '../waited.ts';
import { audience } from './audience.ts';
import type { Conversation } from './conversations.ts';
import { hintedAlgorithm } from './hinted-algorithm.ts';
import type { Introductions } from './introductions.ts';
import type { Member } from './member.ts';
import type { Pool } from './pool.ts';
import { converse } from './stand-in.ts';
import { stickyKeyOf } from './sticky-key.ts';

/** How old the stored record of a live conversation may become, in milliseconds. */
const conversationStale = 3_600_000;
/** Longest id that goes out as it came. */
const idBytes = 128;

/** Gives messages to workers: the only caller of selection. */
export class Dispatcher {
  readonly #service: Service;
  readonly #holds: (pool: Pool, now: number) => boolean;
  readonly #introductions: Introductions;
  readonly #instances: Instances;
  readonly #newId: () => string;
  #dirty: Conversation[] = [];

  /**
   * @param holds Whether a pool's messages should wait for its members to be verified.
   * @param newId Makes ids for messages whose own will not do; nobody may be able to guess one.
   */
  constructor(
    service: Service,
    holds: (pool: Pool, now: number) => boolean,
    introductions: Introductions,
    instances: Instances,
    newId: () => string,
  ) {
    this.#service = service;
    this.#introductions = introductions;
    this.#holds = holds;
    this.#instances = instances;
    this.#newId = newId;
  }

  /** Routes a message of an entitled sender, or lets it wait for workers to be verified. */
  arrive(pool: Pool, message: MessageEnvelope, now: number): Outcome {
    const conversation = converse(this.#service, pool, message.from);
    if (conversation === undefined) return this.#introductions.wait(pool, message, now);
    if (pool.waiting.size > 0 || this.#mustWait(pool, now)) {
      return pool.waiting.admit(message) ? queued : refuseMessage(this.#service.out, message, 'overloaded');
    }
    return this.#route(pool, conversation, message, now);
  }

  /** Lets those who wait go on, once a worker is verified or there is nothing more to wait for. */
  wake(pool: Pool, now: number): void {
    if (pool.waiting.size === 0) return;
    if (this.#mustWait(pool, now)) return;
    const { out } = this.#service;
    for (const message of pool.waiting.release()) {
      const conversation = converse(this.#service, pool, message.from);
      // Nobody gets here without one: who waits has used his alias just now.
      const outcome =
        conversation === undefined
          ? refuseMessage(out, message, 'internal')
          : this.#route(pool, conversation, message, now);
      out.event(endOfWaiting(outcome), pool.settings.name);
    }
  }

  /**
   * Answers those who wait with an error, because there is nothing more to wait for. Returns how
   * many could not be told, for want of a link.
   */
  turnAway(pool: Pool, code: ErrorCode): number {
    const { out } = this.#service;
    let untold = 0;
    for (const message of pool.waiting.release()) {
      const outcome = refuseMessage(out, message, code);
      if (outcome.kind === 'dropped' && outcome.reason === 'link-down') untold += 1;
      out.event(endOfWaiting(outcome), pool.settings.name);
    }
    return untold;
  }

  /** Gives `message` to `member` and no other: the target of a label. */
  giveTo(pool: Pool, member: Member, message: MessageEnvelope, now: number): Outcome {
    const conversation = converse(this.#service, pool, message.from);
    if (conversation === undefined) return this.#introductions.wait(pool, message, now);
    return this.#toOne(pool, conversation, member, message, now);
  }

  /** Shows a signal to `members`. It is no work: nothing is remembered of it, and nothing counted. */
  show(pool: Pool, members: readonly Member[], message: MessageEnvelope): Outcome {
    const { out } = this.#service;
    const conversation = members.length === 0 ? undefined : converse(this.#service, pool, message.from);
    if (conversation === undefined) return dropped('signal-no-worker');
    let outcome: Outcome = relayed;
    for (const member of members) {
      const sent = out.forward(message, conversation.proxy, member.jid, pool);
      if (sent !== 'sent') outcome = unsent(out, message, sent);
    }
    return outcome;
  }

  /** Gives to another worker what one could not take; `undefined` when there is none that was not tried. */
  again(pool: Pool, forward: Forward, message: MessageEnvelope, now: number): Sent | undefined {
    const { conversation, failed, ours } = forward;
    const member = this.#pick(pool, hintedAlgorithm(pool, message) ?? pool.algorithm, message, now, failed);
    if (member === undefined) return undefined;
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

  /** Writes down the conversations that are new, or whose record has grown old. */
  flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const { pool, sender, worker, at } of dirty) {
      this.#service.out.commit({ op: 'put-conversation', pool, sender, worker: bareOf(worker), at });
      this.#introductions.used(pool, sender, at);
    }
  }

  /**
   * Right after an attach one verified worker is enough, but for `sticky`: a key would go to whoever
   * answers first, and leave it again when its own worker does.
   */
  #mustWait(pool: Pool, now: number): boolean {
    return (pool.candidates.verified === 0 || pool.algorithm === 'sticky') && this.#holds(pool, now);
  }

  #route(pool: Pool, conversation: Conversation, message: MessageEnvelope, now: number): Outcome {
    const { out } = this.#service;
    if (message.event !== undefined) {
      return shareOut(message, message.event, pool.settings.name, out, (part, toAll) =>
        toAll
          ? this.#toSeveral(pool, conversation, part, audience(pool, part), now)
          : this.#byAlgorithm(pool, conversation, pool.algorithm, part, now),
      );
    }
    if (message.refersTo !== undefined && message.type !== 'headline') {
      const knowers = knowersOf(pool, conversation, message, now);
      const [only] = knowers;
      if (knowers.length > 1) return this.#toSeveral(pool, conversation, message, knowers, now);
      if (only !== undefined) return this.#toOne(pool, conversation, only, message, now);
    }
    const algorithm = this.#algorithmFor(pool, message);
    if (algorithm === 'headline') return this.#toSeveral(pool, conversation, message, audience(pool, message), now);
    return this.#byAlgorithm(pool, conversation, algorithm, message, now);
  }

  #byAlgorithm(
    pool: Pool,
    conversation: Conversation,
    algorithm: AlgorithmName,
    message: MessageEnvelope,
    now: number,
  ): Outcome {
    if (algorithm === 'all') {
      const members = pool.candidates.pickAll(now).filter((member) => member.jid !== message.from);
      return this.#toSeveral(pool, conversation, message, members, now);
    }
    const member = this.#pick(pool, algorithm, message, now);
    if (member === undefined) return refuseMessage(this.#service.out, message, 'no-worker');
    return this.#toOne(pool, conversation, member, message, now);
  }

  /** A member's own message, where the pool routes it at all, never comes back to it; nor any to a worker that failed. */
  #pick(
    pool: Pool,
    algorithm: AlgorithmName,
    message: MessageEnvelope,
    now: number,
    failed?: readonly Member[],
  ): Member | undefined {
    const { memberMessages, stickyKey } = pool.settings;
    const exclude =
      memberMessages === 'reject' && failed === undefined
        ? undefined
        : (member: Member) => member.jid === message.from || failed?.includes(member) === true;
    const key = algorithm === 'sticky' ? stickyKeyOf(stickyKey, message, this.#service.readElement) : undefined;
    return pool.candidates.pick(algorithm, now, exclude, key);
  }

  #toOne(pool: Pool, conversation: Conversation, member: Member, message: MessageEnvelope, now: number): Outcome {
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

  #toSeveral(
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
        return others.length === 0 ? outcome : this.#toSeveral(pool, conversation, message, others, now);
      }
    }
    const ours = message.type === 'headline' ? undefined : this.#idFor(pool, conversation, message);
    const written = ours === undefined ? message : { ...message, id: ours };
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

  #algorithmFor(pool: Pool, message: MessageEnvelope): AlgorithmName | 'headline' {
    // Business rule 2 of XEP-0354: neither the state nor a hint touches headlines.
    if (message.type === 'headline' && pool.settings.headline === 'all') return 'headline';
    if (message.hint === undefined || message.type === 'headline') return pool.algorithm;
    const hinted = hintedAlgorithm(pool, message);
    this.#service.out.event(hinted === undefined ? 'hint-ignored' : 'hint-obeyed', pool.settings.name);
    return hinted ?? pool.algorithm;
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
    const sent = this.#service.out.forward(message, conversation.proxy, member.jid, pool);
    if (sent !== 'sent') return sent;
    member.served(now);
    conversation.worker = member.jid;
    conversation.at = now;
    if (now - conversation.storedAt > conversationStale) {
      conversation.storedAt = now;
      this.#dirty.push(conversation);
    }
    return sent;
  }
}

function fits(id: string): boolean {
  return id.length * 3 <= idBytes || utf8Length(id) <= idBytes;
}
