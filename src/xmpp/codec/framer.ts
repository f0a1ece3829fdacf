import { ownCopy } from '../../core/own-copy.ts';
import { isSpace } from './character.ts';
import { cdataEnd, textEnd, whiteSpaceEnd } from './character-data.ts';
import { exceeds } from './exceeds.ts';
import { emptyFrame, endChild, type Frame, type FrameSink, noteChild } from './frame.ts';
import { FramingError, notWellFormed } from './framing-error.ts';
import { OpenTag } from './open-tag.ts';
import { SplitTag } from './split-tag.ts';
import { Utf8Reader } from './utf8-reader.ts';

export interface FramerLimits {
  /** Bytes of one stanza. */
  readonly stanza: number;
  /** Levels of elements, the stanza itself counted. */
  readonly depth: number;
}

/** Of a refused stanza no more than so many characters of the open tag are kept. */
const headLimit = 8192;
const cdataStart = '<![CDATA[';

/**
 * Cuts the bytes of a stream, from the handshake on, into its top-level elements, on one walk
 * over every character wherever the chunks end. What leaves it is well-formed (XML 1.0, with
 * the restrictions of RFC 6120 section 11.1), namespaces excepted. An element over a limit is
 * walked and not kept.
 */
export class Framer {
  readonly #limits: FramerLimits;
  readonly #sink: FrameSink;
  readonly #utf8 = new Utf8Reader();
  readonly #frame: Frame = emptyFrame();
  readonly #openTag = new OpenTag(this.#frame.attributes);
  readonly #names: string[] = [];
  readonly #splitTag = new SplitTag();
  #depth = 0;
  /** The stanza so far, as far as it came in earlier chunks. */
  #parts: string[] = [];
  #carried = 0;
  /** Where the rest of the stanza begins in the text at hand. */
  #begin = 0;
  #held = '';
  #inCdata = false;
  /** The text at hand ends within something that has to be seen whole. */
  #waiting = false;
  #skipping: 'too-large' | 'too-deep' | undefined;
  #position = 0;
  #over: 'ended' | FramingError | undefined;

  constructor(limits: FramerLimits, sink: FrameSink) {
    this.#limits = limits;
    this.#sink = sink;
  }

  /**
   * Walks on. After the end of the stream everything is ignored.
   *
   * @throws {FramingError} when the bytes are no XMPP stream, and on every call after that.
   */
  push(chunk: Buffer): void {
    if (this.#over === 'ended') return;
    if (this.#over !== undefined) throw this.#over;
    try {
      const read = this.#utf8.read(chunk);
      this.#walk(this.#held === '' ? read : this.#held + read);
      this.#position += read.length;
    } catch (error) {
      this.#over = error instanceof FramingError ? this.#located(error) : undefined;
      throw this.#over ?? error;
    }
  }

  #walk(text: string): void {
    this.#held = '';
    this.#waiting = false;
    this.#begin = 0;
    let pos = this.#splitTag.open ? this.#resumeTag(text) : 0;
    while (pos < text.length && !this.#waiting) {
      if (this.#inCdata) pos = this.#cdata(text, pos);
      else if (text.charCodeAt(pos) === 60) pos = this.#markup(text, pos);
      else pos = this.#depth === 0 ? whiteSpaceEnd(text, pos) : this.#text(text, pos);
    }
    if (this.#over === 'ended') return;
    if (this.#depth > 0) this.#carry(text.slice(this.#begin, pos));
    if (!this.#splitTag.open) this.#held = text.slice(pos);
  }

  #text(text: string, pos: number): number {
    let i = pos;
    if (this.#depth === 1) {
      while (isSpace(text.charCodeAt(i))) i++;
      if (i >= text.length || text.charCodeAt(i) === 60) return i;
      this.#frame.odd = true;
    }
    const end = textEnd(text, i);
    return end < 0 ? this.#wait(~end) : end;
  }

  #cdata(text: string, pos: number): number {
    const end = cdataEnd(text, pos);
    if (end < 0) return this.#wait(~end);
    this.#inCdata = false;
    return end;
  }

  /** What the `<` at `pos` begins. */
  #markup(text: string, pos: number): number {
    const next = text.charCodeAt(pos + 1);
    if (next === 33) return this.#declaration(text, pos);
    if (next === 63) throw new FramingError('restricted-xml', 'There is a processing instruction.');
    if (pos + 1 === text.length) return this.#wait(pos);
    const end = this.#tag(text, pos);
    if (end >= 0) return end;
    this.#splitTag.start(text.slice(pos));
    if (this.#depth === 0) this.#begin = text.length;
    this.#waiting = true;
    return pos;
  }

  #declaration(text: string, pos: number): number {
    if (text.startsWith(cdataStart, pos)) {
      if (this.#depth === 0) throw notWellFormed('There is a CDATA section between stanzas.');
      if (this.#depth === 1) this.#frame.odd = true;
      this.#inCdata = true;
      return pos + cdataStart.length;
    }
    if (cdataStart.startsWith(text.slice(pos))) return this.#wait(pos);
    throw new FramingError('restricted-xml', 'There is a comment or a document type declaration.');
  }

  /** The offset after the tag at `pos`, or -1 when the text ends before its end. */
  #tag(text: string, pos: number): number {
    return text.charCodeAt(pos + 1) === 47 ? this.#close(text, pos) : this.#open(text, pos);
  }

  #open(text: string, pos: number): number {
    const level = this.#depth + 1;
    if (level === 1) this.#startStanza(pos);
    const tag = this.#openTag;
    const { noted } = tag;
    const shift = this.#carried - this.#begin;
    const end = tag.read(text, pos, shift, level <= 2 && this.#skipping === undefined);
    if (end < 0) {
      tag.noted = noted;
      return -1;
    }
    if (tag.prefixed || (tag.coded && level <= 2)) this.#frame.odd = true;
    if (level === 1) {
      this.#frame.nameEnd = tag.nameEnd + shift;
      this.#frame.openEnd = end + shift;
      this.#frame.closeStart = end + shift;
      this.#frame.ownAttributes = tag.noted;
    } else if (level === 2 && this.#skipping === undefined) {
      noteChild(this.#frame, pos + shift, tag.nameEnd + shift, end + shift, noted, tag.noted);
    }
    this.#descend(text, tag.selfClosing, tag.selfClosing ? '' : text.slice(pos + 1, tag.nameEnd), end);
    return end;
  }

  #descend(text: string, selfClosing: boolean, name: string, end: number): void {
    const level = this.#depth + 1;
    if (level > this.#limits.depth && this.#skipping === undefined)
      this.#skip('too-deep', text.slice(this.#begin, end));
    if (!selfClosing) {
      if (level <= this.#limits.depth) this.#names[level] = name;
      this.#depth = level;
    } else if (level === 1) {
      this.#complete(text, end);
    }
  }

  #close(text: string, pos: number): number {
    const level = this.#depth;
    const name = level === 0 ? 'stream:stream' : level > this.#limits.depth ? '' : (this.#names[level] ?? '');
    // Beyond the depth limit, and of a tag that was too long to keep, no name is known.
    let i = name === '' ? text.indexOf('>', pos) : pos + 2 + name.length;
    if (i < 0 || i >= text.length) return -1;
    if (!text.startsWith(name, pos + 2)) throw notWellFormed('An end tag is not that of the element that is open.');
    while (isSpace(text.charCodeAt(i))) i++;
    if (i >= text.length) return -1;
    if (text.charCodeAt(i) !== 62) throw notWellFormed('An end tag is not that of the element that is open.');
    return this.#ascend(text, pos, i + 1);
  }

  #ascend(text: string, pos: number, end: number): number {
    const level = this.#depth;
    const shift = this.#carried - this.#begin;
    if (level === 0) {
      this.#over = 'ended';
      this.#sink.streamEnd();
      return text.length;
    }
    this.#depth = level - 1;
    if (level === 2 && this.#skipping === undefined) endChild(this.#frame, end + shift);
    if (level === 1) {
      this.#frame.closeStart = pos + shift;
      this.#complete(text, end);
    }
    return end;
  }

  #startStanza(pos: number): void {
    this.#begin = pos;
    this.#carried = 0;
    this.#parts = [];
    this.#skipping = undefined;
    this.#frame.odd = false;
    this.#openTag.noted = 0;
    this.#frame.childrenEnd = 0;
  }

  #complete(text: string, end: number): void {
    const frame = this.#frame;
    const why = this.#skipping;
    if (why !== undefined) {
      this.#sink.refused(frame, why);
      return;
    }
    const here = text.slice(this.#begin, end);
    frame.text = this.#carried === 0 ? ownCopy(here) : this.#parts.join('') + here;
    this.#parts = [];
    if (exceeds(frame.text, this.#limits.stanza)) this.#sink.refused(frame, 'too-large');
    else this.#sink.stanza(frame);
  }

  /** Keeps a part of the stanza until the rest comes. */
  #carry(part: string): void {
    if (this.#skipping === undefined) {
      if (this.#carried + part.length > this.#limits.stanza) this.#skip('too-large', part);
      else this.#parts.push(part);
    }
    this.#carried += part.length;
  }

  /** From here on the stanza is walked and not kept; `part` is what follows the parts. */
  #skip(why: 'too-large' | 'too-deep', part: string): void {
    const { openEnd } = this.#frame;
    this.#skipping = why;
    this.#frame.text = openEnd > headLimit ? '' : (this.#parts.join('') + part).slice(0, openEnd);
    this.#parts = [];
  }

  /** The offset after the tag that an earlier chunk began. */
  #resumeTag(text: string): number {
    const split = this.#splitTag;
    const end = split.find(text);
    if (!split.cut && this.#carried + split.length > this.#limits.stanza) this.#cutTag();
    if (end < 0) {
      this.#waiting = true;
      this.#begin = text.length;
      return text.length;
    }
    const { cut, selfClosing } = split;
    const tag = split.take();
    if (cut) {
      if (tag.charCodeAt(1) === 47) this.#ascend('', 0, 0);
      else this.#descend('', selfClosing, '', 0);
    } else if (this.#tag(tag, 0) !== tag.length) {
      throw notWellFormed('A tag ends within itself.');
    }
    if (this.#over === 'ended') return text.length;
    if (this.#depth > 0) this.#carry(tag);
    this.#begin = end;
    return end;
  }

  /** The tag at hand takes the stanza over the limit: no more of it is kept than its head. */
  #cutTag(): void {
    const head = this.#splitTag.cutTo(headLimit);
    if (this.#depth > 0) {
      if (this.#skipping === undefined) this.#skip('too-large', '');
      return;
    }
    this.#startStanza(0);
    this.#openTag.read(head, 0, 0, true);
    this.#frame.nameEnd = this.#openTag.nameEnd;
    this.#frame.openEnd = head.length;
    this.#frame.ownAttributes = this.#openTag.noted;
    this.#skip('too-large', head);
  }

  #wait(from: number): number {
    this.#waiting = true;
    return from;
  }

  #located(error: FramingError): FramingError {
    const where = this.#depth === 0 ? 'between stanzas' : `in <${this.#names[1] ?? ''}>`;
    const message = `${error.message} It is ${where}, after about ${this.#position} characters of the stream.`;
    return new FramingError(error.condition, message);
  }
}
