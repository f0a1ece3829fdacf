import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Out } from '../ports.ts';
import type { Forward } from './forward.ts';
import { ForwardIndex } from './forward-index.ts';
import { OpenWork } from './open-work.ts';
import { Places } from './places.ts';
import type { Rings, SharedRing } from './rings.ts';

/** How long a forward is remembered, in milliseconds. */
export const ringAge = 30_000;
/**
 * Most forwards of a pool that are remembered. Ten times as many cost a fifth of all time a message takes under
 * full load, as the garbage collector copies them; what bounces at all does so within some milliseconds.
 */
export const ringCount = 1_000;
/** Most bytes that the forwards of a pool may take. */
export const ringBytes = 4 * 1024 * 1024;

/** What a record costs without its message, in bytes: objects, key, places in lines and table. */
const recordCost = 600;
/** What each copy costs beside that. */
const copyCost = 100;

/** What remembering `message` counts for, in bytes, without its content. */
function costOf(message: MessageEnvelope, ours: string | undefined): number {
  const original = message.id?.length ?? 0;
  return recordCost + 2 * (ours === undefined ? original : ours.length + original);
}

/**
 * The recent forwards of one pool: 30 seconds, 1 000 messages, 4 MiB at most, the oldest out
 * first (design.md, "Plain and at-least-once"). By it a bounce finds its message, a receipt its
 * worker, and a correction the worker that knows what it corrects.
 */
export class Ring implements SharedRing {
  readonly #pool: string;
  readonly #rings: Rings;
  readonly #places = new Places();
  readonly #index = new ForwardIndex();
  readonly #work = new Map<Member, OpenWork>();
  #bytes = 0;
  #lost = 0;

  constructor(pool: string, rings: Rings) {
    this.#pool = pool;
    this.#rings = rings;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Bytes that count for it. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldestAt(): number | undefined {
    return this.#places.oldest?.at;
  }

  /** What went out with `id` in `conversation`, while it is remembered. */
  find(conversation: Conversation, id: string): Forward | undefined {
    return this.#index.find(conversation, id);
  }

  /**
   * Remembers that `message` was given to `worker`.
   *
   * @param ours The id that it went out with, if not with its own.
   * @param keep Whether it may have to be sent again, and is kept for that.
   */
  add(
    conversation: Conversation,
    worker: Member,
    message: MessageEnvelope,
    ours: string | undefined,
    keep: boolean,
    now: number,
  ): void {
    const bare = costOf(message, ours);
    const whole = bare + 2 * message.size;
    const kept = keep && whole <= ringBytes;
    const cost = kept ? whole : bare;
    if (!this.#makeRoom(cost)) return;
    const forward = this.#places.push(conversation, worker);
    forward.begin(conversation, worker, undefined, message, ours, now);
    if (!kept) forward.release();
    this.#admit(forward, cost);
    this.give(forward, worker);
  }

  /** Remembers that copies of `message` were given to `worker` and to `others`. They are not sent again. */
  addCopies(
    conversation: Conversation,
    worker: Member,
    others: readonly Member[],
    message: MessageEnvelope,
    ours: string | undefined,
    now: number,
  ): void {
    const cost = costOf(message, ours) + copyCost * (others.length + 1);
    if (!this.#makeRoom(cost)) return;
    const forward = this.#places.push(conversation, worker);
    forward.begin(conversation, worker, others, message, ours, now);
    forward.release();
    this.#admit(forward, cost);
    this.give(forward, worker);
    for (const other of others) this.give(forward, other);
  }

  /** Notes that `worker` has it now. */
  give(forward: Forward, worker: Member): void {
    let work = this.#work.get(worker);
    if (work === undefined) {
      work = new OpenWork();
      this.#work.set(worker, work);
    }
    work.add(forward);
  }

  /** Notes the worker's progress; true when the message was open until now. */
  advance(forward: Forward, worker: Member, progress: 'received' | 'over'): boolean {
    return this.#work.get(worker)?.advance(worker, this.#places, forward, progress) === true;
  }

  /** Of `conversation` the oldest that `worker` has not replied to. */
  oldestOf(worker: Member, conversation: Conversation): Forward | undefined {
    return this.#work.get(worker)?.oldestOf(worker, this.#places, conversation);
  }

  /** How many messages `worker` has and was not heard of. */
  openOf(worker: Member): number {
    return this.#work.get(worker)?.open ?? 0;
  }

  /** Lets go of the message, which need not be sent again. */
  release(forward: Forward): void {
    if (forward.message === undefined) return;
    const payload = 2 * forward.message.size;
    forward.release();
    forward.cost -= payload;
    this.#bytes -= payload;
    this.#rings.give(payload);
  }

  expire(now: number, out: Out): void {
    while (this.oldestAt !== undefined && now - this.oldestAt >= ringAge) this.#forgetOldest();
    if (this.#places.trim()) this.#index.refill(this.#places.capacity, this.#places);
    if (this.#lost > 0) out.event('ring-evicted', this.#pool, this.#lost);
    this.#lost = 0;
  }

  evict(): void {
    if (this.#places.oldest?.open === true) this.#lost += 1;
    this.#forgetOldest();
  }

  /** Makes room for a forward that counts for so much; false when there is none. */
  #makeRoom(cost: number): boolean {
    while (this.size > 0 && (this.size >= ringCount || this.#bytes + cost > ringBytes)) this.evict();
    if (!this.#rings.take(this, cost)) {
      this.#lost += 1;
      return false;
    }
    return true;
  }

  /** Takes in a forward for which there is room, the last that came. */
  #admit(forward: Forward, cost: number): void {
    forward.cost = cost;
    this.#bytes += cost;
    this.#index.add(forward);
    if (this.#places.capacity > this.#index.capacity) this.#index.refill(this.#places.capacity, this.#places);
  }

  #forgetOldest(): void {
    const forward = this.#places.oldest;
    if (forward === undefined) return;
    this.#index.remove(forward);
    this.#bytes -= forward.cost;
    this.#rings.give(forward.cost);
    forward.message = undefined;
    this.#places.drop();
    if (forward.copies === undefined) this.#takeFrom(forward.worker, forward);
    else for (const worker of forward.copies) this.#takeFrom(worker, forward);
  }

  #takeFrom(worker: Member, forward: Forward): void {
    const work = this.#work.get(worker);
    if (work === undefined) return;
    work.advance(worker, this.#places, forward, 'over');
    if (work.size === 0) this.#work.delete(worker);
  }
}
