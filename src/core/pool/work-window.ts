/** Parts of the window; a forward leaves the count within one part of the window's length. */
const parts = 10;

/**
 * Counts what was given to a worker in the last `length` milliseconds and has not been answered
 * (design.md, Algorithms: in flight). A ring of counters: nothing is allocated for a message but the first,
 * and every operation takes at most one turn of the ring. Time that runs backwards stands still.
 */
export class WorkWindow {
  readonly #width: number;
  /** One for each part; made with the first message, because most workers of a large pool are idle for long. */
  #counts: number[] | undefined;
  /** Number of the part that `now` was last in. */
  #part = 0;
  #total = 0;

  /** `length` in milliseconds, more than 0. */
  constructor(length: number) {
    this.#width = length / parts;
  }

  /** A window of another length with the same count, as if all of it were added now. */
  resized(length: number, now: number): WorkWindow {
    const other = new WorkWindow(length);
    other.#advance(now);
    other.#total = this.count(now);
    if (other.#total > 0) other.#slots()[other.#part % parts] = other.#total;
    return other;
  }

  /** Counts one more. */
  add(now: number): void {
    this.#advance(now);
    const counts = this.#slots();
    const slot = this.#part % parts;
    counts[slot] = (counts[slot] ?? 0) + 1;
    this.#total += 1;
  }

  /** Takes the oldest one out of the count; nothing when the count is 0. */
  takeOne(now: number): void {
    this.#advance(now);
    this.#takeFrom(this.#oldest());
  }

  /** Takes one out that was counted at `at`, if it still is. */
  takeAt(at: number, now: number): void {
    this.#advance(now);
    const part = Math.floor(at / this.#width);
    if (part > this.#part - parts) this.#takeFrom(part);
  }

  count(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  /** When the count falls next if nothing happens, or `Infinity`. */
  fallsAt(now: number): number {
    this.#advance(now);
    return this.#total === 0 ? Number.POSITIVE_INFINITY : (this.#oldest() + parts) * this.#width;
  }

  #takeFrom(part: number): void {
    const counts = this.#counts;
    const slot = part % parts;
    const count = counts?.[slot] ?? 0;
    if (counts === undefined || count === 0) return;
    counts[slot] = count - 1;
    this.#total -= 1;
  }

  #slots(): number[] {
    this.#counts ??= Array.from({ length: parts }, () => 0);
    return this.#counts;
  }

  /** The oldest part that counts anything, or the current one. */
  #oldest(): number {
    const counts = this.#counts;
    let part = Math.max(0, this.#part - parts + 1);
    while (part < this.#part && counts?.[part % parts] === 0) part += 1;
    return part;
  }

  #advance(now: number): void {
    const part = Math.floor(now / this.#width);
    if (part <= this.#part) return;
    const first = Math.max(this.#part + 1, part - parts + 1);
    this.#part = part;
    const counts = this.#counts;
    if (counts === undefined) return;
    for (let passed = first; passed <= part; passed += 1) {
      const slot = passed % parts;
      this.#total -= counts[slot] ?? 0;
      counts[slot] = 0;
    }
  }
}
