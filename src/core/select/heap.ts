/** What a heap holds: it keeps each element's place in it, so that an element can be moved. */
export interface Placed {
  /** Index in the heap; -1 outside. */
  place: number;
}

/** A binary heap whose elements can be moved and removed in logarithmic time. */
export class Heap<T extends Placed> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** `before` must be a strict total order. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first element, or `undefined`. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** The first element in order that `allowed` accepts; asks no more than twice as many as it refuses, and one. */
  firstAllowed(allowed: (item: T) => boolean): T | undefined {
    return this.#search(0, undefined, allowed);
  }

  add(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Puts an element of this heap where it belongs after its order has changed. */
  move(item: T): void {
    const { place } = item;
    this.#rise(item, place);
    if (item.place === place) this.#sink(item, place);
  }

  remove(item: T): void {
    const { place } = item;
    const last = this.#items.pop();
    item.place = -1;
    if (last === undefined || last === item) return;
    this.#put(last, place);
    this.move(last);
  }

  /** The better of `best` and what stands at `place` and below: nothing below an accepted element is better than it. */
  #search(place: number, best: T | undefined, allowed: (item: T) => boolean): T | undefined {
    const item = this.#items[place];
    if (item === undefined || (best !== undefined && !this.#before(item, best))) return best;
    if (allowed(item)) return item;
    return this.#search(2 * place + 2, this.#search(2 * place + 1, best, allowed), allowed);
  }

  #rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const above = this.#items[(place - 1) >> 1];
      if (above === undefined || !this.#before(item, above)) break;
      const free = above.place;
      this.#put(above, place);
      place = free;
    }
    this.#put(item, place);
  }

  #sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      let below = this.#items[2 * place + 1];
      const right = this.#items[2 * place + 2];
      if (below !== undefined && right !== undefined && this.#before(right, below)) below = right;
      if (below === undefined || !this.#before(below, item)) break;
      const free = below.place;
      this.#put(below, place);
      place = free;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
