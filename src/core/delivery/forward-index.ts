import type { Conversation } from '../pool/conversations.ts';
import type { Forward } from './forward.ts';

const firstBuckets = 64;
/** How far a look-up goes: ids that were made to collide lose their own sender's messages, and no time. */
const reach = 32;

/**
 * Finds forwards by conversation and id. A table with chains in the forwards themselves: unlike a
 * map it makes no key of the two, and on the way of every message that is what costs.
 */
export class ForwardIndex {
  #buckets: (Forward | undefined)[] = emptyBuckets(firstBuckets);
  #size = 0;

  /** What went out last with `id` in `conversation`. */
  find(conversation: Conversation, id: string): Forward | undefined {
    let forward = this.#buckets[hashOf(conversation, id) & (this.#buckets.length - 1)];
    for (let step = 0; step < reach && forward !== undefined; step += 1) {
      if (forward.conversation === conversation && forward.id === id) return forward;
      forward = forward.older;
    }
    return undefined;
  }

  add(forward: Forward): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#size += 1;
    forward.hash = hashOf(forward.conversation, forward.id);
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
    this.#size -= 1;
  }

  #link(forward: Forward): void {
    const bucket = forward.hash & (this.#buckets.length - 1);
    const first = this.#buckets[bucket];
    forward.older = first;
    forward.newer = undefined;
    if (first !== undefined) first.newer = forward;
    this.#buckets[bucket] = forward;
  }

  #grow(): void {
    const buckets = this.#buckets;
    this.#buckets = emptyBuckets(2 * buckets.length);
    for (const first of buckets) {
      // From the oldest on, so that the newest comes to stand first again.
      let forward = first;
      while (forward?.older !== undefined) forward = forward.older;
      while (forward !== undefined) {
        const next: Forward | undefined = forward.newer;
        this.#link(forward);
        forward = next;
      }
    }
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
