/** Addresses longer than this are copied and not remembered. */
const longest = 256;

/**
 * Copies of addresses, shared. A slice of what was read keeps all of it alive, up to 64 KiB for
 * a JID of 30 characters, and the core holds JIDs for days.
 */
export class AddressCache {
  readonly #copies = new Map<string, string>();
  readonly #capacity: number;

  /** @param capacity How many copies are kept; all are forgotten when there are more. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A string equal to `address` that shares no memory with anything longer. */
  get(address: string): string {
    const known = this.#copies.get(address);
    if (known !== undefined) return known;
    const copy = Buffer.from(address).toString();
    if (copy.length > longest) return copy;
    if (this.#copies.size >= this.#capacity) this.#copies.clear();
    this.#copies.set(copy, copy);
    return copy;
  }
}
