/** Slots that there are at least; a power of two, as is every size. */
const least = 64;
/** No identifier. */
const none = 0;

/**
 * Things by their ids, which are numbers above 0 that nobody outside can choose. For many that come and go: unlike in
 * a `Map` no id becomes an object of its own, nothing is copied for want of room that only those take up who are
 * gone, and a search reads numbers that stand side by side.
 */
export class IdTable<T extends { readonly id: number }> {
  /** The slot of a thing is that of its hash, or the next that is free. */
  #ids = new Float64Array(least);
  #things = freeSlots<T>(least);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    return this.#things[this.#slotOf(id)];
  }

  /** Takes `thing` in, in place of one of the same id. */
  add(thing: T): void {
    const slot = this.#slotOf(thing.id);
    this.#things[slot] = thing;
    if (this.#ids[slot] !== none) return;
    this.#ids[slot] = thing.id;
    this.#size += 1;
    // Half of the slots are free at least, so that searches stay short.
    if (2 * this.#size > this.#ids.length) this.#resize(2 * this.#ids.length);
  }

  /** Nothing if it is not there. */
  delete(id: number): void {
    let free = this.#slotOf(id);
    if (this.#ids[free] === none) return;
    this.#size -= 1;
    // Those behind it move up that would not be found any more.
    const mask = this.#ids.length - 1;
    for (let at = (free + 1) & mask; ; at = (at + 1) & mask) {
      const next = this.#ids[at] ?? none;
      if (next === none) break;
      if (((at - this.#homeOf(next)) & mask) < ((at - free) & mask)) continue;
      this.#ids[free] = next;
      this.#things[free] = this.#things[at];
      free = at;
    }
    this.#ids[free] = none;
    this.#things[free] = undefined;
    if (this.#ids.length > least && 16 * this.#size < this.#ids.length) this.#resize(this.#ids.length / 2);
  }

  /** All of them, in no order. None may be added or deleted meanwhile. */
  *values(): Generator<T, void> {
    for (const thing of this.#things) if (thing !== undefined) yield thing;
  }

  #slotOf(id: number): number {
    const ids = this.#ids;
    const mask = ids.length - 1;
    let at = this.#homeOf(id);
    while (ids[at] !== id && ids[at] !== none) at = (at + 1) & mask;
    return at;
  }

  /** Ids of one moment follow each other; the product scatters them. */
  #homeOf(id: number): number {
    const hash = Math.imul(id, 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (this.#ids.length - 1);
  }

  #resize(slots: number): void {
    const things = this.#things;
    this.#ids = new Float64Array(slots);
    this.#things = freeSlots<T>(slots);
    for (const thing of things) {
      if (thing === undefined) continue;
      const slot = this.#slotOf(thing.id);
      this.#ids[slot] = thing.id;
      this.#things[slot] = thing;
    }
  }
}

function freeSlots<T>(count: number): (T | undefined)[] {
  return Array.from<T | undefined>({ length: count });
}
