import type { Element } from './element.ts';

/** Milliseconds: a line that died without a word was taken for alive at most so long. */
const age = 120_000;
const limit = 1_000;
/** Characters of all of them together. */
const sizeLimit = 4_194_304;

interface Said {
  /** As it was written, perhaps with an answer to the sender. */
  readonly whole: Element;
  /** The acknowledgement alone. */
  readonly brief: Element;
  readonly at: number;
  readonly size: number;
}

/** The acknowledgements that were written last, by their ids: the newest, and nothing old. */
export class Acknowledged {
  readonly #said = new Map<string, Said>();
  #size = 0;

  add(id: string, whole: Element, brief: Element): void {
    const size = whole.toString().length;
    this.#said.set(id, { whole, brief, at: Date.now(), size });
    this.#size += size;
    for (const [oldest, said] of this.#said) {
      if (this.#said.size <= limit && this.#size <= sizeLimit && !isOld(said)) return;
      this.#said.delete(oldest);
      this.#size -= said.size;
    }
  }

  /** What was written with this id. */
  find(id: string): Element | undefined {
    const said = this.#said.get(id);
    return said === undefined || isOld(said) ? undefined : said.whole;
  }

  /** All acknowledgements, without the answers: those would come twice. */
  all(): Element[] {
    return [...this.#said.values()].filter((said) => !isOld(said)).map(({ brief }) => brief);
  }
}

function isOld({ at }: Said): boolean {
  return Date.now() - at >= age;
}
