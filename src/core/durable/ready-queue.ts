import { Backlog, type ReadyQuery } from './backlog.ts';
import type { Delivery } from './delivery.ts';
import { type HeadBounds, Heads } from './heads.ts';

/** Most rows, and bytes, of one read; and the fewest bytes. */
const pageRows = 512;
const pageBytes = 1024 * 1024;
const pageLeast = 64 * 1024;
/** Most deliveries whose text is read again at a time. */
const textsRead = 64;

/** Whose queue it is, and what bounds the part of it that is in memory. */
export interface QueueBounds extends HeadBounds {
  /** The pool's configured name. */
  readonly pool: string;
}

/** What those in a queue wait for. */
export interface Census {
  /** Whether one could go at once, if there were a worker for it. */
  readonly movable: boolean;
  /** How many wait for the time of their next attempt. */
  readonly later: number;
  /** How many of those wait for an alias of their sender. */
  readonly nameless: number;
  /** How many are known to wait behind another of their ordering key. */
  readonly behind: number;
  /** Whether the store is being asked for what comes next. */
  readonly reading: boolean;
}

/**
 * The deliveries of one durable pool that wait for a worker, the oldest first. What does not fit into memory waits
 * in the store, and is read when its turn comes near. Nothing here waits or writes: who owns it asks the store what
 * `wanted` says, and hands the answer to `fill`.
 */
export class ReadyQueue {
  readonly #pool: string;
  readonly #heads: Heads;
  readonly #backlog = new Backlog();

  constructor(bounds: QueueBounds) {
    this.#pool = bounds.pool;
    this.#heads = new Heads(bounds);
  }

  /** How many wait, in memory or not. */
  get size(): number {
    return this.#heads.size + this.#backlog.size;
  }

  /** How many of them are in memory. */
  get resident(): number {
    return this.#heads.size;
  }

  /**
   * A new delivery waits: its row is committed, never begun, and its id is higher than all that were added before. It
   * is kept in memory while nothing older waits in the store alone and there is room.
   */
  add(delivery: Delivery): void {
    if (this.#backlog.beyond === 0 && this.#admit(delivery)) this.#backlog.see(delivery.id);
    else this.#backlog.count(1);
  }

  /** Counts rows that an earlier process left: ready, and never begun. */
  restore(count: number): void {
    this.#backlog.count(count);
  }

  /**
   * A delivery waits that was begun: given back by its worker, found so at start, or redriven. It waits until its
   * `notBefore`, in memory; its text may be let go of. If it was out, its key no longer is, but nothing younger of the key goes before it. Only one that is redriven may go
   * before older ones of its key, which are still to be read.
   */
  back(delivery: Delivery): void {
    if (this.#heads.get(delivery.id) !== undefined) return;
    this.#heads.keep(delivery);
    const key = this.#heads.keyOf(delivery);
    if (key !== undefined) this.#heads.keys.free(key, delivery.id);
  }

  /**
   * The oldest delivery that is due and whose key is free, as far as is in memory; `undefined` for none now. It goes
   * on waiting until `take`. It may have expired a moment ago. While as many as there are heads wait to be tried
   * again, and memory is short, only those go.
   *
   * @param allowed Which may go. Asked about those that are older than the answer, and a few more: it should refuse few.
   */
  next(now: number, allowed?: (delivery: Delivery) => boolean): Delivery | undefined {
    return this.#heads.next(now, allowed);
  }

  /**
   * A worker gets it: it no longer waits, or never did, and its key is busy until `free` or `back`. The memory of its
   * text is the caller's to count from now on.
   */
  take(delivery: Delivery): void {
    this.#backlog.gone(delivery.id);
    const key = this.#heads.keyOf(delivery);
    if (key !== undefined) this.#heads.keys.take(key, delivery.id);
    const waiting = this.#heads.get(delivery.id);
    if (waiting !== undefined) this.#heads.leave(waiting);
  }

  /** The delivery of `key` that was out has ended for good. */
  free(key: string): void {
    this.#heads.keys.free(key);
  }

  /** Whether a new one of `key` may be given to a worker at once: none of the key is out, and no older one waits. */
  keyFree(key: string): boolean {
    return this.#backlog.beyond === 0 && !this.#heads.keys.knows(key);
  }

  /** What those that wait are waiting for; as of the last `next`, which notes whose time has come. */
  census(): Census {
    const { movable, later, nameless, behind } = this.#heads;
    return { movable, later, nameless, behind: behind + this.#backlog.skipped, reading: this.#backlog.reading };
  }

  /**
   * One that waits ends for good: cancelled, or acknowledged late. To be called when that is decided, before its row goes.
   * @returns It, if it was in memory; else it is only counted.
   */
  remove(id: number): Delivery | undefined {
    this.#backlog.gone(id);
    const waiting = this.#heads.get(id);
    if (waiting === undefined) this.#backlog.forget(id);
    else this.#heads.leave(waiting);
    return waiting?.delivery;
  }

  /** Takes out those in memory that have expired, at most `limit`; noticed up to a second late. */
  expired(now: number, limit: number): Delivery[] {
    return this.#heads.expired(now, limit).map(({ delivery }) => {
      this.#backlog.gone(delivery.id);
      return delivery;
    });
  }

  /** Epoch milliseconds when the next one becomes due by time alone; `Infinity` for none. */
  dueAt(): number {
    return this.#heads.dueAt;
  }

  /** The oldest in memory; `undefined` for none there. */
  get oldest(): Delivery | undefined {
    return this.#heads.oldest;
  }

  /** Since when the oldest in memory has waited, in epoch milliseconds; `undefined` for none there. */
  oldestSince(): number | undefined {
    return this.#heads.oldest?.since;
  }

  /**
   * What to read from the store now; `undefined` for nothing. What it returns counts as asked until `fill` or `failed`:
   * one read at a time.
   */
  wanted(): ReadyQuery | undefined {
    if (this.#backlog.reading) return undefined;
    if (this.#backlog.size > 0) {
      for (const { delivery } of this.#heads.makeRoom()) {
        const key = this.#heads.keyOf(delivery);
        if (key !== undefined) this.#backlog.skip(key, delivery.id);
      }
    }
    const query = this.#wantedTexts() ?? this.#wantedKey() ?? this.#wantedRows();
    return query === undefined ? undefined : this.#backlog.begin(query);
  }

  /** The read failed. It may be wanted again at once: the caller waits a little before asking. */
  failed(query: ReadyQuery): void {
    this.#backlog.end(query);
  }

  /**
   * Takes the answer to a read.
   * @param more Whether the store has more rows than these.
   * @returns What waits here and the store no longer has: it can never be sent, and is still to be removed.
   */
  fill(query: ReadyQuery, rows: readonly Delivery[], more: boolean): Delivery[] {
    const read = this.#backlog.end(query);
    if (read === undefined) return [];
    const waits = rows.filter(({ id }) => !read.gone.has(id) && this.#heads.get(id) === undefined);
    if (query.want === 'ids') return this.#fillTexts(query.ids, rows);
    if (query.want === 'ready') {
      // One that came meanwhile may have moved the cursor.
      const refused = this.#fillRows(waits.filter(({ id }) => id > this.#backlog.cursor));
      if (refused !== undefined) return [];
      const last = rows.at(-1)?.id;
      if (last !== undefined) this.#backlog.see(last);
      if (!more) this.#backlog.settleBeyond(read.counted);
      return [];
    }
    const refused = this.#fillKey(query.key, waits);
    this.#heads.keys.wasRead(query.key, refused ?? this.#backlog.restOf(read, rows.at(-1)?.id ?? query.after, more));
    if (!this.#heads.keys.skips) this.#backlog.settleSkipped();
    return [];
  }

  /** Keeps a new one in memory, or passes it over behind others of its key; false when it is only to be counted. */
  #admit(delivery: Delivery): boolean {
    const key = this.#heads.keyOf(delivery);
    if (key === undefined || !this.#heads.mustSkip(key)) return this.#keep(delivery);
    this.#skip(key, delivery.id);
    return true;
  }

  /** Keeps one in memory; one more than fits, if it could go at once and nothing else can. */
  #keep(delivery: Delivery): boolean {
    const key = this.#heads.keyOf(delivery);
    const leads = key === undefined || this.#heads.keys.leads(key, delivery.id);
    return this.#heads.admit(delivery, this.#heads.idle && leads);
  }

  #skip(key: string, id: number): void {
    this.#heads.keys.skip(key, id);
    this.#backlog.skip(key, id);
  }

  #wantedTexts(): ReadyQuery | undefined {
    // Asked twice for each message that ends, nearly always for nothing.
    if (this.#heads.unread.size === 0) return undefined;
    const ids: number[] = [];
    let bytes = 0;
    for (const waiting of this.#heads.unread) {
      bytes += waiting.text;
      const fits = this.#heads.room >= bytes || (ids.length === 0 && this.#heads.idleAgain);
      if (!fits || ids.length >= textsRead) break;
      ids.push(waiting.id);
    }
    return ids.length === 0 ? undefined : { want: 'ids', pool: this.#pool, ids };
  }

  #wantedKey(): ReadyQuery | undefined {
    const unread = this.#heads.keys.unread();
    if (unread === undefined || !this.#heads.wantsRows) return undefined;
    const limit = Math.min(this.#heads.perKey, this.#heads.places);
    return { want: 'key', pool: this.#pool, key: unread.key, after: unread.from - 1, limit, bytes: this.#pageBytes };
  }

  #wantedRows(): ReadyQuery | undefined {
    if (this.#backlog.beyond === 0 || !this.#heads.wantsRows) return undefined;
    const limit = Math.min(pageRows, this.#heads.places);
    return { want: 'ready', pool: this.#pool, after: this.#backlog.cursor, limit, bytes: this.#pageBytes };
  }

  get #pageBytes(): number {
    return Math.max(pageLeast, Math.min(pageBytes, Math.floor(this.#heads.room / 2)));
  }

  #fillTexts(ids: readonly number[], rows: readonly Delivery[]): Delivery[] {
    const read = new Map(rows.map((row) => [row.id, row]));
    const lost: Delivery[] = [];
    for (const id of ids) {
      const waiting = this.#heads.get(id);
      if (waiting?.standing !== 'unread') continue;
      const message = read.get(id)?.message;
      if (message === undefined) lost.push(waiting.delivery);
      else this.#heads.restoreText(waiting, message);
    }
    return lost;
  }

  /** Returns the first for which there was no room. */
  #fillRows(rows: readonly Delivery[]): number | undefined {
    for (const row of rows) {
      const key = this.#heads.keyOf(row);
      if (!this.#admit(row)) {
        // What cannot go anyway must not keep the others from being read, when nothing else can go.
        if (key === undefined || !this.#heads.idle || !this.#heads.keys.knows(key)) return row.id;
        this.#skip(key, row.id);
      }
      this.#backlog.see(row.id, true);
    }
    return undefined;
  }

  /** Returns the first for which there was no room. */
  #fillKey(key: string, rows: readonly Delivery[]): number | undefined {
    for (const row of rows) {
      // What comes after the cursor comes with the others.
      if (row.id > this.#backlog.cursor) return undefined;
      this.#heads.keys.wasRead(key, row.id + 1);
      if (!this.#keep(row)) return row.id;
      this.#backlog.fetched();
    }
    return undefined;
  }
}
