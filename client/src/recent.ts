/** Milliseconds: a line that died without a word was taken for alive at most so long. */
const age = 120_000;
const limit = 1_000;

/** What was said last: the newest, and nothing old. */
export class Recent<Item> {
  #items: { readonly item: Item; readonly at: number }[] = [];

  add(item: Item): void {
    const now = Date.now();
    if (this.#items.length >= 2 * limit) this.#items = this.#items.slice(-limit);
    this.#items.push({ item, at: now });
  }

  all(): Item[] {
    const now = Date.now();
    this.#items = this.#items.slice(-limit).filter(({ at }) => now - at < age);
    return this.#items.map(({ item }) => item);
  }
}
