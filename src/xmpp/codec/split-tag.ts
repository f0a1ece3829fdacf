/** A tag that begins in one chunk and ends in another: finds its end without reading any of it twice. */
export class SplitTag {
  #parts: string[] = [];
  #quote = 0;
  #last = 0;
  #length = 0;
  #cut = false;

  /** Whether a tag has begun. */
  get open(): boolean {
    return this.#length > 0;
  }

  /** Characters so far. */
  get length(): number {
    return this.#length;
  }

  /** Whether only the head of it is kept. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Whether a `/` stands before its `>`; once the end was found. */
  get selfClosing(): boolean {
    return this.#last === 47;
  }

  /** Begins with `text`, which is a `<` and has no end of a tag. */
  start(text: string): void {
    this.find(text);
  }

  /** The offset after the `>` that ends the tag, or -1. */
  find(text: string): number {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (this.#quote !== 0) {
        if (code === this.#quote) this.#quote = 0;
      } else if (code === 62) {
        this.#add(text.slice(0, i + 1));
        return i + 1;
      } else if (code === 34 || code === 39) {
        this.#quote = code;
      }
      this.#last = code;
    }
    this.#add(text);
    return -1;
  }

  /** Keeps no more than the first `limit` characters, and returns them. */
  cutTo(limit: number): string {
    const head = this.#parts.join('').slice(0, limit);
    this.#parts = [head];
    this.#cut = true;
    return head;
  }

  /** The tag, or its head where it was cut; the next one can begin. */
  take(): string {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#quote = 0;
    this.#length = 0;
    this.#cut = false;
    return text;
  }

  #add(text: string): void {
    if (!this.#cut) this.#parts.push(text);
    this.#length += text.length;
  }
}
