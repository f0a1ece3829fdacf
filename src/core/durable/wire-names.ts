import type { Delivery } from './delivery.ts';

/** What tells a delivery from all others that are out: its sender, and the id that it went out with. */
interface Named {
  readonly sender: string;
  readonly wire: string;
  /** The hash of `wire`; kept by `WireNames`. */
  wireHash: number;
}

/** Slots that there are at least; a power of two, as is every size. */
const least = 64;
/** The hash of no id. */
const none = 0;

/**
 * Deliveries by the id that they went out with, and their sender. A table of numbers, which stays in the processor's
 * caches: in a `Map` every step leads to memory that was last used when the message went out, and for as many as come
 * and go it is copied again and again. No text is made for a look-up, and none is kept but that of the deliveries.
 */
export class WireNames<T extends Named = Delivery> {
  /** The slot of a delivery is that of its hash, or the next that is free. */
  #hashes = new Int32Array(least);
  #things = freeSlots<T>(least);
  #size = 0;
  readonly #seed: number;
  /** What was hashed last: an id is looked for before it is taken. */
  #lastText = '';
  #lastHash: number;

  /** @param seed A whole number that nobody outside knows: senders choose ids, and shall not choose where they stand. */
  constructor(seed: number) {
    this.#seed = seed | 0;
    this.#lastHash = hashOf('', this.#seed);
  }

  get(sender: string, wire: string): T | undefined {
    return this.#things[this.#slotOf(sender, wire, this.#hash(wire))];
  }

  /** Notes `delivery`; one of the same name makes place for it. */
  set(delivery: T): void {
    const hash = this.#hash(delivery.wire);
    const slot = this.#slotOf(delivery.sender, delivery.wire, hash);
    delivery.wireHash = hash;
    this.#things[slot] = delivery;
    if (this.#hashes[slot] !== none) return;
    this.#hashes[slot] = hash;
    this.#size += 1;
    // Half of the slots are free at least, so that searches stay short.
    if (2 * this.#size > this.#hashes.length) this.#resize(2 * this.#hashes.length);
  }

  /** Forgets `delivery`, unless another has its name by now. */
  delete(delivery: T): void {
    const mask = this.#hashes.length - 1;
    let free = delivery.wireHash & mask;
    while (this.#things[free] !== delivery) {
      if (this.#hashes[free] === none) return;
      free = (free + 1) & mask;
    }
    this.#size -= 1;
    // Those behind it move up that would not be found any more.
    for (let at = (free + 1) & mask; ; at = (at + 1) & mask) {
      const next = this.#hashes[at] ?? none;
      if (next === none) break;
      if (((at - next) & mask) < ((at - free) & mask)) continue;
      this.#hashes[free] = next;
      this.#things[free] = this.#things[at];
      free = at;
    }
    this.#hashes[free] = none;
    this.#things[free] = undefined;
    if (this.#hashes.length > least && 16 * this.#size < this.#hashes.length) this.#resize(this.#hashes.length / 2);
  }

  /** Where the delivery of this name stands, or would stand. */
  #slotOf(sender: string, wire: string, hash: number): number {
    const mask = this.#hashes.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const there = this.#hashes[at];
      if (there === none) return at;
      if (there !== hash) continue;
      const thing = this.#things[at];
      if (thing !== undefined && thing.wire === wire && thing.sender === sender) return at;
    }
  }

  #hash(text: string): number {
    if (text !== this.#lastText) {
      this.#lastText = text;
      this.#lastHash = hashOf(text, this.#seed);
    }
    return this.#lastHash;
  }

  #resize(slots: number): void {
    const hashes = this.#hashes;
    const things = this.#things;
    this.#hashes = new Int32Array(slots);
    this.#things = freeSlots<T>(slots);
    for (const [from, thing] of things.entries()) {
      if (thing === undefined) continue;
      let at = thing.wireHash & (slots - 1);
      while (this.#hashes[at] !== none) at = (at + 1) & (slots - 1);
      this.#hashes[at] = hashes[from] ?? none;
      this.#things[at] = thing;
    }
  }
}

/** A hash of 32 bits in the manner of MurmurHash3, over UTF-16 code units; never `none`. */
function hashOf(text: string, seed: number): number {
  let hash = seed ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0xcc9e2d51);
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash === none ? 1 : hash;
}

function freeSlots<T>(count: number): (T | undefined)[] {
  return Array.from<T | undefined>({ length: count });
}
