/** Few: each worker that has something to do has a line, and most lines stay short. */
const firstCapacity = 4;

/** A queue: at its end things come, at its head they go. A ring on an array, which grows as it must. */
export class Line<T> {
  #items: (T | undefined)[] = emptyPlaces(firstCapacity);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get oldest(): T | undefined {
    return this.#items[this.#head];
  }

  /** What stands `place` places behind the oldest. */
  at(place: number): T | undefined {
    return this.#items[(this.#head + place) & (this.#items.length - 1)];
  }

  push(item: T): void {
    if (this.#size === this.#items.length) this.#grow();
    this.#items[(this.#head + this.#size) & (this.#items.length - 1)] = item;
    this.#size += 1;
  }

  /** Removes the oldest, if there is one. */
  drop(): void {
    if (this.#size === 0) return;
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#size -= 1;
  }

  #grow(): void {
    const wider: (T | undefined)[] = emptyPlaces(2 * this.#size);
    for (let place = 0; place < this.#size; place += 1) wider[place] = this.at(place);
    this.#items = wider;
    this.#head = 0;
  }
}

function emptyPlaces(count: number): undefined[] {
  return Array.from({ length: count });
}
