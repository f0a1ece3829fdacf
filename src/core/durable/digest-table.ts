/** 32-bit words of a digest that are kept. */
const words = 4;
/** No entry; an entry that was forgotten keeps its place in the line until its turn. */
const none = -1;

/** One entry, as it stands in line. */
interface Entry {
  readonly pool: number;
  readonly id: number;
  readonly forgotten: boolean;
}

/**
 * Digests with the ids of what they stand for, in a ring of numbers, oldest first, with an open
 * hash table over it: no object and no string a digest. Fixed in size; see `resized`.
 */
export class DigestTable {
  readonly capacity: number;
  readonly #words: Uint32Array;
  readonly #ids: Float64Array;
  readonly #pools: Uint32Array;
  /** Slots of the ring by hash; twice as many as there are entries, so that searches stay short. */
  readonly #index: Int32Array;
  readonly #digest = new Uint32Array(words);
  #head = 0;
  #size = 0;
  #newest = 0;

  /** @param capacity Most entries; a power of two. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#words = new Uint32Array(capacity * words);
    this.#ids = new Float64Array(capacity);
    this.#pools = new Uint32Array(capacity);
    this.#index = new Int32Array(2 * capacity).fill(none);
  }

  /** Entries in line, those that were forgotten among them. */
  get size(): number {
    return this.#size;
  }

  /** The entry at a place in line, 0 for the oldest; `undefined` beyond the end. */
  at(place: number): Entry | undefined {
    if (place >= this.#size) return undefined;
    const slot = this.#slotAt(place);
    const id = this.#ids[slot] ?? 0;
    return { pool: this.#pools[slot] ?? 0, id: Math.abs(id), forgotten: id < 0 };
  }

  /** The id that a pool's digest stands for. */
  find(pool: number, digest: string): number | undefined {
    this.#read(digest);
    const slot = this.#index[this.#search(pool)] ?? none;
    return slot === none ? undefined : this.#ids[slot];
  }

  /** Appends an entry; there must be room. One of the same digest is forgotten. Throws `RangeError` unless ids ascend. */
  add(pool: number, digest: string, id: number): void {
    if (id <= this.#newest) throw new RangeError(`the id ${id} came after ${this.#newest}`);
    this.#read(digest);
    this.#append(pool, id);
  }

  /** Forgets what stands for an id of a pool; nothing if it is not there. */
  forget(pool: number, id: number): void {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Math.abs(this.#ids[this.#slotAt(middle)] ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    const slot = this.#slotAt(low);
    // The id of one that is out of the line already stands there with a minus.
    if (id > 0 && low < this.#size && this.#ids[slot] === id && this.#pools[slot] === pool) this.#unlink(slot);
  }

  /** Takes the oldest entry out of the line. */
  dropOldest(): void {
    if (this.#size === 0) return;
    if ((this.#ids[this.#head] ?? 0) > 0) this.#unlink(this.#head);
    this.#head = this.#slotAt(1);
    this.#size -= 1;
  }

  /** A table of another capacity with the entries that `keep` names by their places; those that were forgotten are left out. */
  resized(capacity: number, keep: (place: number) => boolean): DigestTable {
    const table = new DigestTable(capacity);
    for (let place = 0; place < this.#size; place += 1) {
      const slot = this.#slotAt(place);
      const id = this.#ids[slot] ?? 0;
      if (id > 0 && keep(place)) table.#take(this, slot);
    }
    // An id that was seen must not come again, though its entry is gone.
    table.#newest = this.#newest;
    return table;
  }

  /** Appends the entry in a slot of another table; all of its digests are different. */
  #take(other: DigestTable, from: number): void {
    const to = this.#size;
    for (let word = 0; word < words; word += 1) {
      this.#words[to * words + word] = other.#words[from * words + word] ?? 0;
    }
    this.#ids[to] = other.#ids[from] ?? 0;
    this.#pools[to] = other.#pools[from] ?? 0;
    const mask = this.#index.length - 1;
    let at = this.#homeOf(to);
    while (this.#index[at] !== none) at = (at + 1) & mask;
    this.#index[at] = to;
    this.#size += 1;
  }

  #append(pool: number, id: number): void {
    const at = this.#search(pool);
    const same = this.#index[at] ?? none;
    const slot = this.#slotAt(this.#size);
    this.#words.set(this.#digest, slot * words);
    this.#ids[slot] = id;
    this.#pools[slot] = pool;
    if (same !== none) this.#ids[same] = -(this.#ids[same] ?? 0);
    this.#index[at] = slot;
    this.#size += 1;
    this.#newest = id;
  }

  /** Slot of the ring for a place in line. */
  #slotAt(place: number): number {
    return (this.#head + place) & (this.capacity - 1);
  }

  /** Reads a digest into `#digest`. */
  #read(digest: string): void {
    for (let word = 0; word < words; word += 1) {
      let value = 0;
      for (let at = 8 * word; at < 8 * word + 8; at += 1) {
        const unit = digest.charCodeAt(at);
        value = (value << 4) | (unit <= 57 ? unit & 15 : (unit & 7) + 9);
      }
      this.#digest[word] = value;
    }
  }

  /** Where the index has the digest that was read, or would have it. */
  #search(pool: number): number {
    const mask = this.#index.length - 1;
    let at = this.#home(this.#digest[0] ?? 0, pool);
    for (;;) {
      const slot = this.#index[at] ?? none;
      if (slot === none || this.#holds(slot, pool)) return at;
      at = (at + 1) & mask;
    }
  }

  #holds(slot: number, pool: number): boolean {
    if (this.#pools[slot] !== pool) return false;
    for (let word = 0; word < words; word += 1) {
      if (this.#words[slot * words + word] !== this.#digest[word]) return false;
    }
    return true;
  }

  /** A digest is as good as random: a word of it is its hash. */
  #home(word: number, pool: number): number {
    return (word ^ Math.imul(pool, 0x9e3779b1)) & (this.#index.length - 1);
  }

  /** Takes the entry of a slot out of the index, and moves up those that stood behind it. */
  #unlink(slot: number): void {
    const mask = this.#index.length - 1;
    let free = this.#homeOf(slot);
    while (this.#index[free] !== slot) free = (free + 1) & mask;
    for (let at = (free + 1) & mask; ; at = (at + 1) & mask) {
      const next = this.#index[at] ?? none;
      if (next === none) break;
      if (((at - this.#homeOf(next)) & mask) < ((at - free) & mask)) continue;
      this.#index[free] = next;
      free = at;
    }
    this.#index[free] = none;
    this.#ids[slot] = -(this.#ids[slot] ?? 0);
  }

  #homeOf(slot: number): number {
    return this.#home(this.#words[slot * words] ?? 0, this.#pools[slot] ?? 0);
  }
}
