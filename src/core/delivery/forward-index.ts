import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Forward } from './forward.ts';

const fewest = 64;
/** How far a look-up goes: ids that were made to collide lose their own sender's messages, and no time. */
const reach = 32;

/**
 * Finds forwards by conversation and id. A table with chains in the forwards themselves: unlike a
 * map it makes no key of the two, and on the way of every message that is what costs.
 */
export class ForwardIndex {
  #buckets: (Forward | undefined)[] = emptyBuckets(fewest);
  /** What was hashed last: a message is looked up just before it is added. */
  #conversation: Conversation | undefined;
  #id = '';
  #hash = 0;

  /** For how many forwards it is made; more cost time. */
  get capacity(): number {
    return this.#buckets.length;
  }

  /** What went out last with `id` in `conversation`. */
  find(conversation: Conversation, id: string): Forward | undefined {
    let forward = this.#buckets[this.#hashOf(conversation, id) & (this.#buckets.length - 1)];
    for (let step = 0; step < reach && forward !== undefined; step += 1) {
      if (forward.conversation === conversation && forward.id === id) return forward;
      forward = forward.older;
    }
    return undefined;
  }

  add(forward: Forward): void {
    forward.hash = this.#hashOf(forward.conversation, forward.id);
    this.#link(forward);
  }

  /** Removes what `add` was given. */
  remove(forward: Forward): void {
    const { newer, older } = forward;
    if (older !== undefined) older.newer = newer;
    if (newer !== undefined) newer.older = older;
    else this.#buckets[forward.hash & (this.#buckets.length - 1)] = older;
    forward.newer = undefined;
    forward.older = undefined;
  }

  /** Makes the table fit for `count` forwards, which are these, the oldest first. */
  refill(count: number, forwards: Iterable<Forward>): void {
    this.#buckets = emptyBuckets(Math.max(fewest, count));
    for (const forward of forwards) this.#link(forward);
  }

  #link(forward: Forward): void {
    const bucket = forward.hash & (this.#buckets.length - 1);
    const first = this.#buckets[bucket];
    forward.older = first;
    forward.newer = undefined;
    if (first !== undefined) first.newer = forward;
    this.#buckets[bucket] = forward;
  }

  #hashOf(conversation: Conversation, id: string): number {
    if (conversation === this.#conversation && id === this.#id) return this.#hash;
    this.#conversation = conversation;
    this.#id = id;
    this.#hash = hashOf(conversation, id);
    return this.#hash;
  }
}

function hashOf(conversation: Conversation, id: string): number {
  let hash = conversation.serial;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 15);
}

function emptyBuckets(count: number): undefined[] {
  return Array.from({ length: count });
}
