import type { MessageEnvelope } from '../envelope.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import type { Delivery } from './delivery.ts';
import { KeyLines } from './key-lines.ts';
import { Residents } from './residents.ts';
import { Standing } from './standing.ts';
import { Waiting, waitingCost } from './waiting.ts';

/** With less room than this, in bytes, nothing more is read while something can go. */
const roomLeast = 8 * 1024;
/** Which part of the heads may be of one key. */
const keyPart = 16;

/** What bounds the part of a queue that is in memory. */
export interface HeadBounds {
  /** Most deliveries that are kept in memory without having been begun. */
  readonly heads: number;
  /** For their text, and what they cost beside it. */
  readonly memory: MemoryBudget;
  /** Whether ordering keys count. */
  readonly ordered: boolean;
}

/** The part of a queue that is in memory: who waits there, who of them can go, and for how many more there is room. */
export class Heads {
  readonly #bound: number;
  readonly #ordered: boolean;
  readonly #standing = new Standing();
  readonly #residents: Residents;
  readonly keys: KeyLines;
  /** Most of one key. */
  readonly perKey: number;
  /** Bytes that the last one needed that did not fit; 0 when the last one did. */
  #needed = 0;

  constructor({ heads, memory, ordered }: HeadBounds) {
    this.#bound = heads;
    this.#ordered = ordered;
    this.#residents = new Residents(memory);
    this.keys = new KeyLines(this.#standing, memory);
    this.perKey = Math.max(1, Math.floor(heads / keyPart));
  }

  get size(): number {
    return this.#residents.size;
  }

  /** How many more may be kept that were never begun. */
  get places(): number {
    return Math.max(0, this.#bound - this.#residents.fresh);
  }

  /** Bytes that are left. */
  get room(): number {
    return this.#residents.room;
  }

  /** How many wait for their time. */
  get later(): number {
    return this.#standing.later;
  }

  /** How many of those wait for an alias of their sender. */
  get nameless(): number {
    return this.#standing.nameless;
  }

  /** How many wait behind another of their key. */
  get behind(): number {
    const { readyAgain, readyFresh, later, unread } = this.#standing;
    return this.size - readyAgain - readyFresh - later - unread.size;
  }

  /** Whether one could go at once. */
  get movable(): boolean {
    return !this.idleAgain || (this.begins && !this.idle);
  }

  get oldest(): Delivery | undefined {
    return this.#residents.oldest;
  }

  get dueAt(): number {
    return this.#standing.dueAt;
  }

  /** Those that are due, but whose text is to be read again. */
  get unread(): ReadonlySet<Waiting> {
    return this.#standing.unread;
  }

  /**
   * Whether one may go that was never begun: not while as many as there are heads wait to be tried again, and half of
   * the memory is used. Those stay in memory, so there must not be ever more of them.
   */
  get begins(): boolean {
    return this.#standing.begun < this.#bound || this.#residents.halfEmpty;
  }

  /** Nothing can go at once. */
  get idle(): boolean {
    return this.#standing.readyAgain + this.#standing.readyFresh === 0;
  }

  /** Nothing can go at once that was begun before. */
  get idleAgain(): boolean {
    return this.#standing.readyAgain === 0;
  }

  /** Whether it is worth while to read more rows. */
  get wantsRows(): boolean {
    if (!this.begins || this.places === 0) return false;
    return this.idle || (2 * this.places > this.#bound && this.room >= Math.max(roomLeast, this.#needed));
  }

  get(id: number): Waiting | undefined {
    return this.#residents.get(id);
  }

  /** The key by which `delivery` is ordered. */
  keyOf(delivery: Delivery): string | undefined {
    return this.#ordered ? delivery.key : undefined;
  }

  /** Whether deliveries of this one's key are not in memory, or as many as may be, so that it must not be either. */
  mustSkip(key: string): boolean {
    return this.keys.skipsIn(key) || this.keys.lengthOf(key) >= this.perKey;
  }

  /** Keeps one that was never begun; false when there is no room. @param overdraw Whether it may be one more than fits. */
  admit(delivery: Delivery, overdraw: boolean): boolean {
    const waiting = new Waiting(delivery, true);
    const admitted = this.places > 0 && this.#residents.admit(waiting, overdraw);
    this.#needed = admitted ? 0 : waitingCost + waiting.text;
    if (admitted) this.#enter(waiting);
    return admitted;
  }

  /** Keeps one that was begun. Its text may be let go of. */
  keep(delivery: Delivery): void {
    const waiting = new Waiting(delivery, false);
    this.#residents.keep(waiting);
    this.#enter(waiting);
  }

  leave(waiting: Waiting): void {
    const key = this.keyOf(waiting.delivery);
    if (key === undefined) this.#standing.leave(waiting);
    else this.keys.leave(key, waiting);
    this.#residents.remove(waiting);
  }

  /** Gives `waiting` the text that was read again. Without room it stays as it is. */
  restoreText(waiting: Waiting, message: MessageEnvelope): void {
    if (this.#residents.restoreText(waiting, message, this.idleAgain)) this.#standing.wasRead(waiting);
  }

  next(now: number, allowed: ((delivery: Delivery) => boolean) | undefined): Delivery | undefined {
    this.#standing.advance(now);
    return this.#standing.oldest(this.begins, allowed);
  }

  /** Takes out those that have expired, at most `limit`. */
  expired(now: number, limit: number): readonly Waiting[] {
    const expired = this.#residents.expired(now, limit);
    for (const waiting of expired) this.leave(waiting);
    return expired;
  }

  /** Where nothing can go for want of room, lets go of what waits behind others of its key. Returns how many. */
  makeRoom(): readonly Waiting[] {
    if (!this.idle) return [];
    const evicted: Waiting[] = [];
    const enough = Math.max(roomLeast, this.#needed);
    while (this.room < enough || this.places === 0) {
      const some = this.keys.evict();
      if (some.length === 0) break;
      for (const waiting of some) {
        this.#residents.remove(waiting);
        evicted.push(waiting);
      }
    }
    return evicted;
  }

  #enter(waiting: Waiting): void {
    const key = this.keyOf(waiting.delivery);
    if (key === undefined) this.#standing.enter(waiting);
    else this.keys.enter(key, waiting);
  }
}
