import type { QueueQuery } from '../delivery-state.ts';

/** What the queue may ask the store for. */
export type ReadyQuery = Extract<QueueQuery, { readonly want: 'ready' | 'key' | 'ids' }>;

/** A read that is under way. */
interface Read {
  readonly query: ReadyQuery;
  /** Deliveries that stopped waiting since it began: it may still say that they wait. */
  readonly gone: Set<number>;
  /** How many were counted only, since it began. */
  counted: number;
  /** First and last of its key that were passed over since it began. */
  skippedFrom: number;
  skippedTo: number;
}

/**
 * What of a pool waits in the store alone. Ids up to the cursor have been seen: of those, what is neither in memory nor
 * out was passed over, because its key was busy. Ids after it are only counted.
 */
export class Backlog {
  #cursor = 0;
  #beyond = 0;
  #skipped = 0;
  #read: Read | undefined;

  get size(): number {
    return this.#beyond + this.#skipped;
  }

  /** How many were passed over. */
  get skipped(): number {
    return this.#skipped;
  }

  /** How many wait after the cursor. */
  get beyond(): number {
    return this.#beyond;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** A read is under way. */
  get reading(): boolean {
    return this.#read !== undefined;
  }

  /** Counts `count` after the cursor. */
  count(count: number): void {
    this.#beyond += count;
    if (this.#read !== undefined) this.#read.counted += count;
  }

  /** The delivery `id` has been seen: a new one, or (`counted`) one of those after the cursor. */
  see(id: number, counted = false): void {
    this.#cursor = Math.max(this.#cursor, id);
    if (counted) this.#beyond = Math.max(0, this.#beyond - 1);
  }

  /** One that was seen waits in the store alone, behind others of `key`. */
  skip(key: string, id: number): void {
    this.#skipped += 1;
    const read = this.#read;
    if (read?.query.want !== 'key' || read.query.key !== key) return;
    read.skippedFrom = Math.min(read.skippedFrom, id);
    read.skippedTo = Math.max(read.skippedTo, id);
  }

  /** One that was passed over is in memory now. */
  fetched(): void {
    this.#skipped = Math.max(0, this.#skipped - 1);
  }

  /** Forgets one that was not in memory. */
  forget(id: number): void {
    if (id > this.#cursor) this.#beyond = Math.max(0, this.#beyond - 1);
    else this.fetched();
  }

  /** `id` no longer waits. */
  gone(id: number): void {
    this.#read?.gone.add(id);
  }

  begin(query: ReadyQuery): ReadyQuery {
    this.#read = {
      query,
      gone: new Set(),
      counted: 0,
      skippedFrom: Number.POSITIVE_INFINITY,
      skippedTo: 0,
    };
    return query;
  }

  /** Ends the read of `query`; `undefined` when that is not under way. */
  end(query: ReadyQuery): Read | undefined {
    const read = this.#read;
    if (read?.query !== query) return undefined;
    this.#read = undefined;
    return read;
  }

  /** Where the rest of its key begins, once `read` has told all up to `last`; `Infinity` for nowhere. */
  restOf({ skippedFrom, skippedTo }: Read, last: number, more: boolean): number {
    if (more && last < this.#cursor) return last + 1;
    return skippedTo > last ? Math.max(skippedFrom, last + 1) : Number.POSITIVE_INFINITY;
  }

  /** The store has nothing after the cursor but what was counted while it was read. */
  settleBeyond(counted: number): void {
    this.#beyond = Math.min(this.#beyond, counted);
  }

  /** No key has any that were passed over. */
  settleSkipped(): void {
    this.#skipped = 0;
  }
}
