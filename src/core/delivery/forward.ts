import type { MessageEnvelope } from '../envelope.ts';
import { ownCopy } from '../memory/own-copy.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import { Copies, type Progress } from './copies.ts';

const nobody: readonly Member[] = [];

/** One message that was given to a worker, or as copies to several. The record of one that is forgotten is used again. */
export class Forward {
  /** Its place in the order of all that its pool forwards. */
  number = 0;
  conversation: Conversation;
  /** The id that it went out with. */
  id = '';
  /** By conversation and id, for the index. */
  hash = 0;
  /** Others in the chain of the index. */
  newer: Forward | undefined = undefined;
  older: Forward | undefined = undefined;
  /** The id that we put in place of the sender's; `undefined` where he keeps his own. */
  ours: string | undefined = undefined;
  /** The sender's own id, known only where it was replaced. */
  original: string | undefined = undefined;
  /** Epoch milliseconds of the first attempt. */
  at = 0;
  /** Bytes that it counts for, the message included. */
  cost = 0;
  /** As it came from the sender, kept while it may have to be sent again. */
  message: MessageEnvelope | undefined = undefined;
  /** Workers that could not take it. */
  failed = nobody;
  /** How far each worker is, where copies went to several. */
  copies: Copies | undefined = undefined;
  #worker: Member;
  #progress: Progress = 'open';
  #sentAt = 0;

  constructor(conversation: Conversation, worker: Member) {
    this.conversation = conversation;
    this.#worker = worker;
  }

  /**
   * Begins with another message; nothing is left of the one before.
   *
   * @param worker Who has it, or the first of those who have a copy.
   * @param others Who else has a copy.
   * @param ours The id that stands in place of the sender's.
   */
  begin(
    conversation: Conversation,
    worker: Member,
    others: readonly Member[] | undefined,
    message: MessageEnvelope,
    ours: string | undefined,
    now: number,
  ): void {
    this.conversation = conversation;
    this.id = ours ?? message.id ?? '';
    this.ours = ours;
    this.original = ours === undefined || message.id === undefined ? undefined : ownCopy(message.id);
    this.at = now;
    this.message = message;
    this.failed = nobody;
    this.copies = others === undefined ? undefined : new Copies([worker, ...others]);
    this.#worker = worker;
    this.#progress = 'open';
    this.#sentAt = now;
  }

  /** The worker that has it; of several the first. */
  get worker(): Member {
    return this.#worker;
  }

  /** Epoch milliseconds of the last attempt. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** Whether some worker was not heard of it yet. */
  get open(): boolean {
    return this.copies === undefined ? this.#progress === 'open' : this.copies.open;
  }

  progressOf(worker: Member): Progress {
    if (this.copies !== undefined) return this.copies.of(worker);
    return worker === this.#worker ? this.#progress : 'over';
  }

  /** Notes progress of a worker that has it. */
  advance(worker: Member, progress: Progress): void {
    if (this.copies !== undefined) this.copies.note(worker, progress);
    else if (worker === this.#worker) this.#progress = progress;
  }

  /** Lets go of the message, and of its text. */
  release(): void {
    this.message = undefined;
    this.id = ownCopy(this.id);
  }

  /** Notes that a worker could not take it. */
  fail(worker: Member): void {
    this.failed = [...this.failed, worker];
  }

  /** Another worker has it now. */
  passTo(worker: Member, now: number): void {
    this.#worker = worker;
    this.#progress = 'open';
    this.#sentAt = now;
  }

  /**
   * Whose an error from `jid` is: that of the worker with this full JID, else, as servers answer
   * for the account, of the resource of this bare JID that got the message last.
   */
  workerAt(jid: string): Member | undefined {
    let newest: Member | undefined;
    for (const worker of this.workers()) {
      if (worker.jid === jid) return worker;
      if (worker.bare === jid && this.progressOf(worker) !== 'over') newest = worker;
    }
    return newest;
  }

  /** The workers that have or had it, the failed ones of several attempts excepted. */
  workers(): Iterable<Member> {
    return this.copies === undefined ? [this.#worker] : this.copies;
  }
}
