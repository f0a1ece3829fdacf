/** Longer texts are worked out each time, so that what is remembered stays small. */
const longest = 256;

/**
 * Remembers what a pure function said of recent texts: a look-up instead of reading the same
 * addresses again with every message. All are forgotten when there are more than `capacity`.
 */
export class Memo<T> {
  readonly #known = new Map<string, T>();
  readonly #capacity: number;
  readonly #work: (text: string) => T;

  constructor(capacity: number, work: (text: string) => T) {
    this.#capacity = capacity;
    this.#work = work;
  }

  /** What the function says of `text`. */
  of(text: string): T {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const made = this.#work(text);
    if (text.length > longest) return made;
    if (this.#known.size >= this.#capacity) this.#known.clear();
    this.#known.set(text, made);
    return made;
  }
}
