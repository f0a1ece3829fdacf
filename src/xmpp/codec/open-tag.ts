import { beginsName, continuesName, isLegal, isName, isSpace, referenceEnd } from './character.ts';
import { notWellFormed } from './framing-error.ts';
import { ns } from './namespaces.ts';

/**
 * Reads open tags, one after the other, into its own fields. Everything that XML 1.0 asks of a
 * tag is checked; what namespaces ask is left to the parser, which has to see every tag that is `prefixed`.
 */
export class OpenTag {
  /** Of the tag read last: end of its name, from the start of the text. */
  nameEnd = 0;
  selfClosing = false;
  /** It has a prefix other than in `xml:lang`. */
  prefixed = false;
  /** A value of an attribute holds a reference or white space other than the space. */
  coded = false;
  /** Four numbers an attribute, for each tag read with `record`. */
  readonly attributes: number[];
  /** Where they end in `attributes`. The array keeps its length: to empty it would cost an allocation for every stanza. */
  noted = 0;
  #names: Set<string> | undefined;

  /** @param attributes Where to note attributes. */
  constructor(attributes: number[]) {
    this.attributes = attributes;
  }

  /**
   * Reads the tag that begins with the `<` at `start`.
   *
   * @param shift Added to the noted offsets.
   * @param record Whether to note its attributes.
   * @returns The offset after its `>`, or -1 when the text ends before it.
   * @throws {FramingError} when it is no tag.
   */
  read(text: string, start: number, shift: number, record: boolean): number {
    this.selfClosing = false;
    this.prefixed = false;
    this.coded = false;
    let i = this.#name(text, start + 1, 'element');
    this.nameEnd = i;
    let seen = 0;
    this.#names = undefined;
    while (i < text.length) {
      const code = text.charCodeAt(i);
      if (code === 62) return i + 1;
      if (code === 47) {
        if (i + 1 >= text.length) return -1;
        if (text.charCodeAt(i + 1) !== 62) throw notWellFormed('A / in a tag is not followed by >.');
        this.selfClosing = true;
        return i + 2;
      }
      if (!isSpace(code)) throw notWellFormed('An attribute is not set off by white space.');
      i = skipSpace(text, i + 1);
      const next = text.charCodeAt(i);
      if (next === 62 || next === 47 || i >= text.length) continue;
      const bit = nameBit(text, i);
      const end = this.#attribute(text, i, shift, record);
      if (end < 0) return -1;
      if ((seen & bit) !== 0 || this.#names !== undefined) this.#distinct(text, i);
      seen |= bit;
      i = end;
    }
    return -1;
  }

  /** The end of the name at `start`; the end of the text when it ends there. */
  #name(text: string, start: number, what: string): number {
    let foreign = false;
    let i = start;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) foreign = true;
      else if (!continuesName(code)) break;
      else if (code === 58) this.prefixed = true;
    }
    if (i < text.length || foreign) {
      if (i === start || !beginsName(text.charCodeAt(start))) throw notWellFormed(`The name of an ${what} is none.`);
      // A chunk never ends within a character, so that a part of a name is judged like the whole.
      if (foreign && !isName(text.slice(start, i))) throw notWellFormed(`The name of an ${what} is none.`);
    }
    return i;
  }

  /** The offset after the attribute at `start`, or -1. */
  #attribute(text: string, start: number, shift: number, record: boolean): number {
    const prefixed = this.prefixed;
    const nameEnd = this.#name(text, start, 'attribute');
    if (this.prefixed && !prefixed && nameEnd - start === 8 && text.startsWith('xml:lang', start))
      this.prefixed = false;
    let i = skipSpace(text, nameEnd);
    if (i >= text.length) return -1;
    if (text.charCodeAt(i) !== 61) throw notWellFormed('An attribute has no value.');
    i = skipSpace(text, i + 1);
    if (i >= text.length) return -1;
    const quote = text.charCodeAt(i);
    if (quote !== 39 && quote !== 34) throw notWellFormed('The value of an attribute is not in quotes.');
    const end = this.#value(text, i + 1, quote);
    if (end < 0) return -1;
    if (nameEnd - start === 5 && reservedLength(end - i - 1) && text.startsWith('xmlns', start)) {
      this.#namespace(text.slice(i + 1, end));
    }
    if (record) this.#note(start + shift, nameEnd + shift, i + 1 + shift, end + shift);
    return end + 1;
  }

  /** The offset of the closing quote, or -1. */
  #value(text: string, start: number, quote: number): number {
    for (let i = start; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 62 && code < 0xfffe) continue;
      if (code === quote) return i;
      if (code === 60) throw notWellFormed('There is a < in the value of an attribute.');
      if (code === 38) {
        this.coded = true;
        i = referenceEnd(text, i);
        if (i < 0) return -1;
      } else if (code < 32 || code > 62) {
        if (!isLegal(code)) throw notWellFormed('There is a character in a tag that XML forbids.');
        this.coded = true;
      }
    }
    return -1;
  }

  #note(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const { attributes, noted } = this;
    attributes[noted] = nameStart;
    attributes[noted + 1] = nameEnd;
    attributes[noted + 2] = valueStart;
    attributes[noted + 3] = valueEnd;
    this.noted = noted + 4;
  }

  #namespace(value: string): void {
    if (value === ns.xml || value === ns.xmlns) throw notWellFormed('A reserved namespace is declared as the default.');
  }

  /** The attribute at `from` may have the name of one before it. */
  #distinct(text: string, from: number): void {
    this.#names ??= namesBetween(text, skipSpace(text, this.nameEnd), from);
    const name = nameAt(text, from);
    if (this.#names.has(name)) throw notWellFormed('An attribute stands twice in a tag.');
    this.#names.add(name);
  }
}

/** Whether a namespace of so many characters may be one that is reserved. */
function reservedLength(length: number): boolean {
  return length === ns.xml.length || length === ns.xmlns.length;
}

/** One bit of 32 for the name at `start`; the names that stanzas use do not share theirs. */
function nameBit(text: string, start: number): number {
  return 1 << ((text.charCodeAt(start) * 6 + text.charCodeAt(start + 1) * 3 + text.charCodeAt(start + 3)) & 31);
}

/** The names of the attributes that stand, complete, between `start` and `end`. */
function namesBetween(text: string, start: number, end: number): Set<string> {
  const names = new Set<string>();
  let i = start;
  while (i < end) {
    const name = nameAt(text, i);
    names.add(name);
    const quote = skipSpace(text, skipSpace(text, i + name.length) + 1);
    i = skipSpace(text, text.indexOf(text.charAt(quote), quote + 1) + 1);
  }
  return names;
}

function nameAt(text: string, start: number): string {
  let end = start;
  while (end < text.length && continuesName(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

function skipSpace(text: string, from: number): number {
  let i = from;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}
