/** Parts of the window; a forward leaves the count within one part of the window's length. */
const parts = 10;

/**
 * Counts what was given to each worker of a pool in the last `length` milliseconds and has not
 * been answered (design.md, Algorithms: in flight). A ring of counters for each, in a row of one
 * table: nothing is allocated for a message, and every operation takes at most one turn of the
 * ring. Time that runs backwards stands still. A negative row counts nothing.
 */
export class WorkWindows {
  #width: number;
  #counts = new Uint32Array(0);
  #totals = new Uint32Array(0);
  /** By row: number of the part that `now` was last in. */
  #parts = new Float64Array(0);

  /** `length` in milliseconds, more than 0. */
  constructor(length: number) {
    this.#width = length / parts;
  }

  /** Makes room for `rows`, of which the first `used` keep what they hold. */
  resize(rows: number, used: number): void {
    const counts = new Uint32Array(rows * parts);
    const totals = new Uint32Array(rows);
    const lastParts = new Float64Array(rows);
    counts.set(this.#counts.subarray(0, used * parts));
    totals.set(this.#totals.subarray(0, used));
    lastParts.set(this.#parts.subarray(0, used));
    this.#counts = counts;
    this.#totals = totals;
    this.#parts = lastParts;
  }

  /** Moves what the row `from` holds to `to`; after that `from` is as new. */
  move(from: number, to: number): void {
    this.#counts.copyWithin(to * parts, from * parts, (from + 1) * parts);
    this.#counts.fill(0, from * parts, (from + 1) * parts);
    this.#totals[to] = this.#totals[from] ?? 0;
    this.#totals[from] = 0;
    this.#parts[to] = this.#parts[from] ?? 0;
    this.#parts[from] = 0;
  }

  /** Counts by a window of another length from now on, in milliseconds: as if all that is in flight were added now. */
  setLength(length: number, now: number): void {
    for (let row = 0; row < this.#totals.length; row += 1) this.#advance(row, now);
    this.#width = length / parts;
    const part = Math.floor(now / this.#width);
    this.#counts.fill(0);
    this.#parts.fill(part);
    for (const [row, total] of this.#totals.entries()) this.#counts[row * parts + (part % parts)] = total;
  }

  /** Counts one more. */
  add(row: number, now: number): void {
    if (row < 0) return;
    this.#advance(row, now);
    const slot = this.#slot(row, this.#parts[row] ?? 0);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    this.#totals[row] = (this.#totals[row] ?? 0) + 1;
  }

  /** Takes the oldest one out of the count; nothing when the count is 0. */
  takeOne(row: number, now: number): void {
    if (row < 0) return;
    this.#advance(row, now);
    this.#takeFrom(row, this.#oldest(row));
  }

  /** Takes one out that was counted at `at`, if it still is. */
  takeAt(row: number, at: number, now: number): void {
    if (row < 0) return;
    this.#advance(row, now);
    const part = Math.floor(at / this.#width);
    if (part > (this.#parts[row] ?? 0) - parts) this.#takeFrom(row, part);
  }

  count(row: number, now: number): number {
    if (row < 0) return 0;
    this.#advance(row, now);
    return this.#totals[row] ?? 0;
  }

  /** When the count falls next if nothing happens, or `Infinity`. */
  fallsAt(row: number, now: number): number {
    return this.count(row, now) === 0 ? Number.POSITIVE_INFINITY : (this.#oldest(row) + parts) * this.#width;
  }

  #takeFrom(row: number, part: number): void {
    const slot = this.#slot(row, part);
    const count = this.#counts[slot] ?? 0;
    if (count === 0) return;
    this.#counts[slot] = count - 1;
    this.#totals[row] = (this.#totals[row] ?? 1) - 1;
  }

  /** The oldest part that counts anything, or the current one. */
  #oldest(row: number): number {
    const current = this.#parts[row] ?? 0;
    let part = Math.max(0, current - parts + 1);
    while (part < current && this.#counts[this.#slot(row, part)] === 0) part += 1;
    return part;
  }

  #advance(row: number, now: number): void {
    const part = Math.floor(now / this.#width);
    const before = this.#parts[row] ?? 0;
    if (part <= before) return;
    this.#parts[row] = part;
    let total = this.#totals[row] ?? 0;
    if (total === 0) return;
    for (let passed = Math.max(before + 1, part - parts + 1); passed <= part; passed += 1) {
      const slot = this.#slot(row, passed);
      total -= this.#counts[slot] ?? 0;
      this.#counts[slot] = 0;
    }
    this.#totals[row] = total;
  }

  #slot(row: number, part: number): number {
    // The remainder, in the way that is fast for numbers beyond 2^31.
    return row * parts + part - parts * Math.floor(part / parts);
  }
}
