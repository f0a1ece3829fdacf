import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import { Forward } from './forward.ts';

const fewest = 16;

/**
 * The forwards of one ring in the order in which they came, each under a number of its own. Their
 * records are used again: new ones for every message, which live for a while and then go, are what a
 * garbage collector of generations is slowest with.
 */
export class Places {
  #records: (Forward | undefined)[] = emptyPlaces(fewest);
  #first = 0;
  #next = 0;

  get size(): number {
    return this.#next - this.#first;
  }

  /** How many it has room for. */
  get capacity(): number {
    return this.#records.length;
  }

  get oldest(): Forward | undefined {
    return this.at(this.#first);
  }

  /** The forward with this number; `undefined` when it is gone. */
  at(number: number): Forward | undefined {
    return number >= this.#first && number < this.#next ? this.#records[this.#placeOf(number)] : undefined;
  }

  /** A record for the next one, with whatever an earlier one left in it. */
  push(conversation: Conversation, worker: Member): Forward {
    if (this.size === this.capacity) this.#resize(2 * this.capacity);
    const place = this.#placeOf(this.#next);
    let record = this.#records[place];
    if (record === undefined) {
      record = new Forward(conversation, worker);
      this.#records[place] = record;
    }
    record.number = this.#next;
    this.#next += 1;
    return record;
  }

  /** Removes the oldest, if there is one. Its record must not be looked at again. */
  drop(): void {
    if (this.size > 0) this.#first += 1;
  }

  /** Gives back the memory of most places, when most have not been used of late; true if it did. */
  trim(): boolean {
    if (this.size * 4 > this.capacity || (this.capacity === fewest && this.#records[0] === undefined)) return false;
    this.#resize(Math.max(fewest, this.capacity / 2));
    return true;
  }

  *[Symbol.iterator](): Generator<Forward> {
    for (let number = this.#first; number < this.#next; number += 1) {
      const record = this.at(number);
      if (record !== undefined) yield record;
    }
  }

  #placeOf(number: number): number {
    return number & (this.#records.length - 1);
  }

  #resize(capacity: number): void {
    const before = [...this];
    this.#records = emptyPlaces(capacity);
    for (const record of before) this.#records[this.#placeOf(record.number)] = record;
  }
}

function emptyPlaces(count: number): undefined[] {
  return Array.from({ length: count });
}
