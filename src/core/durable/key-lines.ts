import type { MemoryBudget } from '../memory/memory.ts';
import type { Standing } from './standing.ts';
import type { Waiting } from './waiting.ts';

/** What a key costs beside its text, in bytes. */
const keyCost = 250;

/** The deliveries of one ordering key. */
interface KeyLine {
  readonly key: string;
  /** The one that a worker has; `undefined` for none. */
  out: number | undefined;
  /** Those in memory, the oldest first. */
  readonly line: Waiting[];
  /** The first whom the queue has passed over in the store; `Infinity` for none. */
  skippedFrom: number;
  /** Who stands for the key: the oldest, while none is out and no older one is to be read first. */
  head: Waiting | undefined;
}

/**
 * Order by key: of each key at most one delivery is with a worker, and only the oldest that waits may be the
 * next, even while it waits for its time.
 */
export class KeyLines {
  readonly #standing: Standing;
  readonly #memory: MemoryBudget;
  readonly #lines = new Map<string, KeyLine>();
  /** Keys whose next delivery has to be read from the store. */
  readonly #unread = new Set<KeyLine>();
  /** Keys with deliveries in memory that wait behind another. */
  readonly #spare = new Set<KeyLine>();
  #skipping = 0;

  constructor(standing: Standing, memory: MemoryBudget) {
    this.#standing = standing;
    this.#memory = memory;
  }

  /** Whether any key has deliveries that were passed over. */
  get skips(): boolean {
    return this.#skipping > 0;
  }

  /** How many of `key` are in memory. */
  lengthOf(key: string): number {
    return this.#lines.get(key)?.line.length ?? 0;
  }

  /** Whether something of `key` waits, or is out, as far as the queue has seen. */
  knows(key: string): boolean {
    return this.#lines.has(key);
  }

  /** Whether the delivery `id` would stand for `key`, as far as the queue has seen. */
  leads(key: string, id: number): boolean {
    const line = this.#lines.get(key);
    return (
      line === undefined || (line.out === undefined && id < Math.min(line.line[0]?.id ?? id + 1, line.skippedFrom))
    );
  }

  /** Whether deliveries of `key` were passed over: what comes after them must not come before them. */
  skipsIn(key: string): boolean {
    const line = this.#lines.get(key);
    return line !== undefined && line.skippedFrom !== Number.POSITIVE_INFINITY;
  }

  enter(key: string, waiting: Waiting): void {
    const line = this.#lineOf(key);
    let index = line.line.length;
    while (index > 0 && (line.line[index - 1]?.id ?? 0) > waiting.id) index -= 1;
    line.line.splice(index, 0, waiting);
    this.#arrange(line);
  }

  leave(key: string, waiting: Waiting): void {
    const line = this.#lineOf(key);
    const index = line.line.indexOf(waiting);
    if (index >= 0) line.line.splice(index, 1);
    this.#arrange(line);
  }

  /** A worker has the delivery `id` of `key` now. */
  take(key: string, id: number): void {
    const line = this.#lineOf(key);
    line.out = id;
    this.#arrange(line);
  }

  /** No worker has one of `key` any more; if `id` is given, not that one. */
  free(key: string, id?: number): void {
    const line = this.#lines.get(key);
    if (line?.out === undefined || (id !== undefined && line.out !== id)) return;
    line.out = undefined;
    this.#arrange(line);
  }

  /** Passes over the deliveries of `key` from `id` on. */
  skip(key: string, id: number): void {
    const line = this.#lineOf(key);
    this.#skipFrom(line, Math.min(line.skippedFrom, id));
    this.#arrange(line);
  }

  /** What was passed over of `key` has been read, up to `from`; `Infinity` for all. */
  wasRead(key: string, from: number): void {
    const line = this.#lineOf(key);
    this.#skipFrom(line, from);
    this.#arrange(line);
  }

  /** A key that waits for nothing but a read, and from where on it is to be read; `undefined` for none. */
  unread(): { readonly key: string; readonly from: number } | undefined {
    if (this.#unread.size === 0) return undefined;
    for (const { key, skippedFrom } of this.#unread) return { key, from: skippedFrom };
    return undefined;
  }

  /** Lets go of fresh deliveries that wait behind another, all of one key; they count as passed over. */
  evict(): readonly Waiting[] {
    for (const line of this.#spare) {
      const evicted = line.line.filter((waiting) => waiting !== line.head && waiting.fresh);
      this.#spare.delete(line);
      const first = evicted[0];
      if (first === undefined) continue;
      const kept = line.line.filter((waiting) => waiting === line.head || !waiting.fresh);
      line.line.splice(0, line.line.length, ...kept);
      this.#skipFrom(line, Math.min(line.skippedFrom, first.id));
      this.#arrange(line);
      return evicted;
    }
    return [];
  }

  #lineOf(key: string): KeyLine {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { key, out: undefined, line: [], skippedFrom: Number.POSITIVE_INFINITY, head: undefined };
      this.#lines.set(key, line);
      this.#memory.hold(keyCost + 2 * key.length);
    }
    return line;
  }

  #skipFrom(line: KeyLine, from: number): void {
    if (line.skippedFrom !== Number.POSITIVE_INFINITY) this.#skipping -= 1;
    if (from !== Number.POSITIVE_INFINITY) this.#skipping += 1;
    line.skippedFrom = from;
  }

  /** Settles who stands for the key, after any change. */
  #arrange(line: KeyLine): void {
    const first = line.line[0];
    const head = line.out === undefined && first !== undefined && first.id < line.skippedFrom ? first : undefined;
    if (head !== line.head) {
      if (line.head !== undefined) this.#standing.leave(line.head);
      if (head !== undefined) this.#standing.enter(head);
      line.head = head;
    }
    const skips = line.skippedFrom !== Number.POSITIVE_INFINITY;
    if (skips && head === undefined && line.out === undefined) this.#unread.add(line);
    else this.#unread.delete(line);
    if (line.line.length > (head === undefined ? 0 : 1)) this.#spare.add(line);
    else this.#spare.delete(line);
    if (line.out !== undefined || skips || line.line.length > 0) return;
    this.#lines.delete(line.key);
    this.#memory.give(keyCost + 2 * line.key.length);
  }
}
