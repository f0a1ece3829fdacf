import type { MemoryBudget } from '../memory/memory.ts';
import { DigestTable } from './digest-table.ts';

/** Bytes for one key: itself, its id, its pool, and its places in the index. */
const bytesPerKey = 36;
/** Keys that there is room for whatever the budget. */
const smallest = 64;
/** What ids are divided by to get the time of acceptance, in epoch milliseconds. */
const idsPerMillisecond = 2_048;

/**
 * What a message is told from others by (delivery.md 4.2): the account that sent it, the sender's own
 * XEP-0359 origin-id, and its payload. Its digest is the key. No part can hold the character between them.
 * @param sender Bare JID, or a domain.
 * @param payload What its children say, however servers have written it.
 */
export function duplicateText(sender: string, originId: string, payload: string): string {
  return `${sender}\0${originId}\0${payload}`;
}

/**
 * What a message is told from others by that a pool passes on: the id that it has there.
 * @param pool Bare JID of that pool.
 */
export function passedOnText(pool: string, id: string): string {
  return `${pool}\0\0${id}`;
}

/**
 * The messages that were accepted of late, so that one that is sent again is known. One table for
 * all pools, the oldest first: within its memory every pool's window is kept whole, and beyond it the
 * oldest are forgotten, whosever they are. A key costs 36 bytes and no object.
 */
export class Duplicates {
  readonly #memory: MemoryBudget;
  readonly #pools = new Map<string, number>();
  /** By number of the pool: ids below it are forgotten. */
  readonly #horizons: number[] = [];
  #table = new DigestTable(smallest);
  /** Entries that came since the table was last looked through for what is over. */
  #sinceReview = 0;
  #evicted = 0;
  #evictedUpTo = 0;

  /** @param memory For keys alone; what one pool takes is lost to the others. */
  constructor(memory: MemoryBudget) {
    this.#memory = memory;
    memory.hold(smallest * bytesPerKey);
  }

  /** Keys that are held; some may be over, and not let go of yet. */
  get size(): number {
    return this.#table.size;
  }

  /** Keys that were forgotten before their time, for want of memory. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Epoch milliseconds: a message accepted at or before it may be forgotten already, whatever the window of its pool; 0 for none. */
  get forgottenUpTo(): number {
    return this.#evictedUpTo;
  }

  /**
   * The delivery that was accepted under `key`, if its pool's window still holds it.
   * @param key At least 32 hexadecimal digits; the first 32 count.
   */
  find(pool: string, key: string): number | undefined {
    const number = this.#pools.get(pool);
    if (number === undefined) return undefined;
    const id = this.#table.find(number, key);
    return id !== undefined && id >= this.#horizon(number) ? id : undefined;
  }

  /**
   * Remembers a delivery by its key.
   * @param id Greater than every id before it, of whatever pool. Throws `RangeError` otherwise.
   */
  add(pool: string, key: string, id: number): void {
    const number = this.#numberOf(pool);
    if (this.#table.size === this.#table.capacity) this.#makeRoom();
    this.#table.add(number, key, id);
    this.#sinceReview += 1;
  }

  /** Forgets the key of one delivery: its sender was told that it failed, and may send it again. */
  forget(pool: string, id: number): void {
    const number = this.#pools.get(pool);
    if (number !== undefined) this.#table.forget(number, id);
  }

  /** Forgets what `pool` accepted under ids below `before`: its window is over. */
  expire(pool: string, before: number): void {
    const number = this.#pools.get(pool);
    if (number === undefined || before <= this.#horizon(number)) return;
    this.#horizons[number] = before;
    while (this.#isOver(0)) this.#table.dropOldest();
    this.#shrink();
  }

  #horizon(number: number): number {
    return this.#horizons[number] ?? 0;
  }

  #numberOf(pool: string): number {
    let number = this.#pools.get(pool);
    if (number === undefined) {
      number = this.#pools.size;
      this.#pools.set(pool, number);
      this.#horizons.push(0);
    }
    return number;
  }

  /** Whether the entry at this place, counted from the oldest, need not be kept. */
  #isOver(place: number): boolean {
    const entry = this.#table.at(place);
    return entry !== undefined && (entry.forgotten || entry.id < this.#horizon(entry.pool));
  }

  #makeRoom(): void {
    const { capacity } = this.#table;
    // What is over in a short window may stand behind what is not in a longer one.
    if (this.#sinceReview >= capacity / 4) {
      this.#sinceReview = 0;
      this.#table = this.#table.resized(capacity, (place) => !this.#isOver(place));
      if (this.#table.size <= (3 * capacity) / 4) return;
    }
    if (this.#memory.take(capacity * bytesPerKey)) {
      this.#table = this.#table.resized(2 * capacity, () => true);
      return;
    }
    if (this.#table.size < capacity) return;
    const oldest = this.#table.at(0);
    if (oldest !== undefined && !this.#isOver(0)) {
      this.#evicted += 1;
      this.#evictedUpTo = Math.floor(oldest.id / idsPerMillisecond);
    }
    this.#table.dropOldest();
  }

  /** Gives memory back once three quarters of it are not needed. */
  #shrink(): void {
    const { capacity, size } = this.#table;
    let wanted = capacity;
    while (wanted > smallest && 4 * size <= wanted) wanted /= 2;
    if (wanted === capacity) return;
    this.#table = this.#table.resized(wanted, () => true);
    this.#memory.give((capacity - wanted) * bytesPerKey);
  }
}
