import { parseAddress } from '../../address/address.ts';
import { knowersOf } from '../../delivery/follow-up.ts';
import type { Forward } from '../../delivery/forward.ts';
import { marked } from '../../delivery/trail.ts';
import type { Count } from '../../durable/acceptance.ts';
import type { Deliveries } from '../../durable/deliveries.ts';
import type { Attempted } from '../../durable/desk.ts';
import type { MessageEnvelope } from '../../envelope.ts';
import type { ErrorCode } from '../../errors/errors.ts';
import type { Instances } from '../../instances/instances.ts';
import { dropped, type Outcome, queued, relayed } from '../../outcome/outcome.ts';
import { refuseMessage, unsent } from '../../outcome/refuse.ts';
import { countWaited } from '../../outcome/waited.ts';
import type { Sent } from '../../ports.ts';
import { shareOut } from '../../pubsub/share-out.ts';
import type { Service } from '../../service.ts';
import type { AlgorithmName } from '../../settings.ts';
import type { Conversation } from '../conversation/conversations.ts';
import type { Introductions } from '../conversation/introductions.ts';
import { converse } from '../conversation/stand-in.ts';
import { addressOf, cameThrough } from '../far/far-address.ts';
import { sameAgain } from '../far/same-again.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { audience } from './audience.ts';
import type { Candidates } from './candidates.ts';
import { Handover } from './handover.ts';
import { hintedAlgorithm } from './hinted-algorithm.ts';
import { stickyKeyOf } from './sticky-key.ts';

/** Chooses the workers that get a message: the only caller of selection. */
export class Dispatcher {
  readonly #service: Service;
  readonly #holds: (pool: Pool, now: number) => boolean;
  readonly #introductions: Introductions;
  readonly #handover: Handover;
  readonly #deliveries: Deliveries;

  /**
   * @param holds Whether a pool's messages should wait for its members to be verified.
   * @param newId Makes ids for messages whose own will not do; nobody may be able to guess one.
   * @param deliveries Takes what may not be lost.
   */
  constructor(
    service: Service,
    holds: (pool: Pool, now: number) => boolean,
    introductions: Introductions,
    instances: Instances,
    newId: () => string,
    deliveries: Deliveries,
  ) {
    this.#service = service;
    this.#deliveries = deliveries;
    this.#introductions = introductions;
    this.#holds = holds;
    this.#handover = new Handover(service, introductions, instances, newId);
  }

  /**
   * Routes a message of an entitled sender, or lets it wait for workers to be verified.
   *
   * @param count Told the outcome of a message that has to be stored first; `undefined` is returned then.
   */
  arrive(pool: Pool, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const queue = this.#deliveries.queueFor(pool, message);
    const conversation = converse(this.#service, pool, message.from);
    if (conversation === undefined) return this.#introductions.wait(pool, message, queue !== undefined, now);
    if (queue !== undefined) {
      return message.event === undefined
        ? this.#deliveries.accept(queue, message, now, count)
        : this.#route(pool, conversation, message, now);
    }
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
      countWaited(this.#service, pool.settings.name, outcome);
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
      countWaited(this.#service, pool.settings.name, outcome);
    }
    return untold;
  }

  /** Gives `message` to `member` and no other: the target of a label. */
  giveTo(pool: Pool, member: Member, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const queue = this.#deliveries.queueFor(pool, message);
    const conversation = converse(this.#service, pool, message.from);
    if (conversation === undefined) return this.#introductions.wait(pool, message, queue !== undefined, now);
    if (queue !== undefined) return this.#deliveries.accept(queue, message, now, count);
    return this.#handover.toOne(pool, conversation, member, message, now);
  }

  /** Shows a signal to `members`. It is no work: nothing is remembered of it, and nothing counted. */
  show(pool: Pool, members: readonly Member[], message: MessageEnvelope): Outcome {
    const { out } = this.#service;
    const conversation = members.length === 0 ? undefined : converse(this.#service, pool, message.from);
    if (conversation === undefined) return dropped('signal-no-worker');
    let outcome: Outcome = relayed;
    const written = marked(message);
    for (const member of members) {
      const sent = out.forward(written, conversation.proxy, addressOf(member, conversation, message.to), pool);
      if (sent !== 'sent') outcome = unsent(out, message, sent);
    }
    return outcome;
  }

  /** Gives to another worker what one could not take; `undefined` when there is none that was not tried. */
  again(pool: Pool, forward: Forward, message: MessageEnvelope, now: number): Sent | undefined {
    const algorithm = hintedAlgorithm(pool, message) ?? pool.algorithm;
    const member = this.#pick(pool, pool.candidates, algorithm, message, now, forward.failed);
    return member === undefined ? undefined : this.#handover.again(pool, forward, member, message, now);
  }

  /**
   * The workers that get a durable message now: who has the label that it was sent to, or knows what it is
   * about, else whom the algorithm chooses. None while those that could are full, or have failed it, or while
   * nothing stands for its sender before workers.
   */
  choose(pool: Pool, message: MessageEnvelope, now: number, attempted: Attempted): readonly Member[] {
    const { takers } = pool;
    if (takers === undefined || takers.free === 0) return [];
    if (converse(this.#service, pool, message.from) === undefined) {
      // The pool hides its senders since it accepted this one's message.
      this.#introductions.introduce(pool, message.from, now);
      return [];
    }
    const same = sameAgain(pool, attempted);
    // It may start slowly, and be full for a moment.
    if (same !== undefined) return takers.mayTake(same) ? [same] : [];
    const meant = this.#meant(pool, message, now).find((member) => attempted?.wasFailedBy(member.jid) !== true);
    if (meant !== undefined) return [meant];
    const chosen = this.#algorithmFor(pool, message);
    if (chosen === 'all') return takers.pickAll(now).filter((member) => !isAway(member, message));
    const algorithm = chosen === 'headline' ? pool.algorithm : chosen;
    const failed = attempted === undefined || attempted.history.length === 0 ? undefined : failedIn(pool, attempted);
    const picked = this.#pick(pool, takers, algorithm, message, now, failed);
    if (picked !== undefined) return [picked];
    // One that has failed it gets it again only where nobody else ever could.
    if (failed === undefined || takers.some((member) => !failed.includes(member))) return [];
    const again = this.#pick(pool, takers, algorithm, message, now);
    return again === undefined ? [] : [again];
  }

  /** Notes that `worker` has a message of the sender. */
  serve(conversation: Conversation, worker: string, now: number): void {
    this.#handover.serve(conversation, worker, now);
  }

  /** Writes down the conversations that are new, or whose record has grown old: all, or `most` of them. */
  flush(most = Number.POSITIVE_INFINITY): void {
    this.#handover.flush(most);
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
      const queue = this.#deliveries.queueFor(pool, message);
      return shareOut(message, message.event, pool.settings.name, out, (part, toAll) => {
        if (toAll) return this.#handover.toSeveral(pool, conversation, part, audience(pool, part), now);
        return queue === undefined
          ? this.#byAlgorithm(pool, conversation, pool.algorithm, part, now)
          : this.#deliveries.acceptPart(queue, part, now);
      });
    }
    if (message.refersTo !== undefined && message.type !== 'headline') {
      const knowers = knowersOf(pool, conversation, message, now);
      const [only] = knowers;
      if (knowers.length > 1) return this.#handover.toSeveral(pool, conversation, message, knowers, now);
      if (only !== undefined) return this.#handover.toOne(pool, conversation, only, message, now);
    }
    const algorithm = this.#algorithmFor(pool, message);
    if (algorithm === 'headline')
      return this.#handover.toSeveral(pool, conversation, message, audience(pool, message), now);
    return this.#byAlgorithm(pool, conversation, algorithm, message, now);
  }

  /** Whom a message is for by what it names, as far as they may get it now. */
  #meant(pool: Pool, message: MessageEnvelope, now: number): readonly Member[] {
    if (message.to !== pool.jid) {
      const address = parseAddress(message.to, this.#service.domain);
      const member = address?.kind === 'label' ? pool.roster.byLabel(address.label) : undefined;
      if (member !== undefined && !isAway(member, message) && pool.takers?.mayTake(member) === true) return [member];
    }
    if (message.refersTo === undefined) return [];
    const conversation = this.#service.conversations.find(pool.settings.name, message.from);
    if (conversation === undefined) return [];
    return knowersOf(pool, conversation, message, now).filter((member) => pool.takers?.mayTake(member) === true);
  }

  #byAlgorithm(
    pool: Pool,
    conversation: Conversation,
    algorithm: AlgorithmName,
    message: MessageEnvelope,
    now: number,
  ): Outcome {
    if (algorithm === 'all') {
      const members = pool.candidates.pickAll(now).filter((member) => !isAway(member, message));
      return this.#handover.toSeveral(pool, conversation, message, members, now);
    }
    const member = this.#pick(pool, pool.candidates, algorithm, message, now);
    if (member === undefined) return refuseMessage(this.#service.out, message, 'no-worker');
    return this.#handover.toOne(pool, conversation, member, message, now);
  }

  /** A member's own message, where the pool routes it at all, never comes back to it; nor any to a worker that failed. */
  #pick(
    pool: Pool,
    candidates: Candidates,
    algorithm: AlgorithmName,
    message: MessageEnvelope,
    now: number,
    failed?: readonly Member[],
  ): Member | undefined {
    const { memberMessages, stickyKey } = pool.settings;
    const passed = message.hops !== undefined && pool.roster.far.length > 0;
    const exclude =
      memberMessages === 'reject' && failed === undefined && !passed
        ? undefined
        : (member: Member) => isAway(member, message) || failed?.includes(member) === true;
    const key = algorithm === 'sticky' ? stickyKeyOf(stickyKey, message, this.#service.readElement) : undefined;
    return candidates.pick(algorithm, now, exclude, key);
  }

  #algorithmFor(pool: Pool, message: MessageEnvelope): AlgorithmName | 'headline' {
    // Business rule 2 of XEP-0354: neither the state nor a hint touches headlines.
    if (message.type === 'headline' && pool.settings.headline === 'all') return 'headline';
    if (message.hint === undefined || message.type === 'headline') return pool.algorithm;
    const hinted = hintedAlgorithm(pool, message);
    this.#service.out.event(hinted === undefined ? 'hint-ignored' : 'hint-obeyed', pool.settings.name);
    return hinted ?? pool.algorithm;
  }
}

/** Whether a message came from `member`, or through it. */
function isAway(member: Member, message: MessageEnvelope): boolean {
  return member.jid === message.from || cameThrough(member, message);
}

/** Those of the pool's members that have failed a delivery. */
function failedIn(pool: Pool, { history }: Exclude<Attempted, undefined>): readonly Member[] {
  return history.map(({ worker }) => pool.roster.get(worker)).filter((member) => member !== undefined);
}
