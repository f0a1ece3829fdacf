/** Of a refused stanza no more than so many characters of the open tag are kept. */
export const headLimit = 8192;

/** Why a stanza is not kept. */
export type Refusal = 'too-large' | 'too-deep';

/** What earlier chunks held of the stanza at hand, until the rest comes. */
export class Carried {
  /** How many characters of it have gone by, kept or not. */
  length = 0;
  /** Why it is walked and not kept. */
  refusal: Refusal | undefined = undefined;
  readonly #limit: number;
  #parts: string[] = [];
  #head = '';

  /** @param limit The most characters that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is kept of the head of a stanza that was refused. */
  get head(): string {
    return this.#head;
  }

  /** Begins with another stanza. */
  clear(): void {
    this.length = 0;
    this.refusal = undefined;
    if (this.#parts.length > 0) this.#parts = [];
  }

  /**
   * Keeps a part of the stanza.
   *
   * @param openEnd How long its open tag is.
   */
  add(part: string, openEnd: number): void {
    if (this.refusal === undefined) {
      if (this.length + part.length > this.#limit) this.refuse('too-large', part, openEnd);
      else this.#parts.push(part);
    }
    this.length += part.length;
  }

  /** From here on nothing more is kept; `part` is what follows what is. */
  refuse(why: Refusal, part: string, openEnd: number): void {
    this.refusal = why;
    this.#head = openEnd > headLimit ? '' : (this.#parts.join('') + part).slice(0, openEnd);
    this.#parts = [];
  }

  /** All of it, of which `rest` is the end. */
  take(rest: string): string {
    const text = this.#parts.join('') + rest;
    this.#parts = [];
    return text;
  }
}
