import { ownCopy } from '../../core/memory/own-copy.ts';
import { Carried, headLimit } from './carried.ts';
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
  readonly #carried: Carried;
  /** Where the rest of the stanza begins in the text at hand. */
  #begin = 0;
  #held = '';
  #inCdata = false;
  /** The text at hand ends within something that has to be seen whole. */
  #waiting = false;
  #position = 0;
  #over: 'ended' | FramingError | undefined;

  constructor(limits: FramerLimits, sink: FrameSink) {
    this.#limits = limits;
    this.#sink = sink;
    this.#carried = new Carried(limits.stanza);
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
      const element = this.#depth === 0 ? undefined : (this.#names[1] ?? '');
      this.#over = error instanceof FramingError ? error.at(element, this.#position) : undefined;
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
    if (this.#depth > 0) this.#carried.add(text.slice(this.#begin, pos), this.#frame.openEnd);
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
    const shift = this.#carried.length - this.#begin;
    const end = tag.read(text, pos, shift, level <= 2 && this.#carried.refusal === undefined);
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
    } else if (level === 2 && this.#carried.refusal === undefined) {
      noteChild(this.#frame, pos + shift, tag.nameEnd + shift, end + shift, noted, tag.noted);
    }
    this.#descend(text, tag.selfClosing, tag.selfClosing ? '' : text.slice(pos + 1, tag.nameEnd), end);
    return end;
  }

  #descend(text: string, selfClosing: boolean, name: string, end: number): void {
    const level = this.#depth + 1;
    if (level > this.#limits.depth && this.#carried.refusal === undefined)
      this.#carried.refuse('too-deep', text.slice(this.#begin, end), this.#frame.openEnd);
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
    const shift = this.#carried.length - this.#begin;
    if (level === 0) {
      this.#over = 'ended';
      this.#sink.streamEnd();
      return text.length;
    }
    this.#depth = level - 1;
    if (level === 2 && this.#carried.refusal === undefined) endChild(this.#frame, end + shift);
    if (level === 1) {
      this.#frame.closeStart = pos + shift;
      this.#complete(text, end);
    }
    return end;
  }

  #startStanza(pos: number): void {
    this.#begin = pos;
    this.#carried.clear();
    this.#frame.odd = false;
    this.#openTag.noted = 0;
    this.#frame.childrenEnd = 0;
  }

  #complete(text: string, end: number): void {
    const frame = this.#frame;
    const carried = this.#carried;
    if (carried.refusal !== undefined) {
      frame.text = carried.head;
      this.#sink.refused(frame, carried.refusal);
      return;
    }
    const here = text.slice(this.#begin, end);
    frame.text = carried.length === 0 ? ownCopy(here) : carried.take(here);
    if (exceeds(frame.text, this.#limits.stanza)) this.#sink.refused(frame, 'too-large');
    else this.#sink.stanza(frame);
  }

  /** The offset after the tag that an earlier chunk began. */
  #resumeTag(text: string): number {
    const split = this.#splitTag;
    const end = split.find(text);
    if (!split.cut && this.#carried.length + split.length > this.#limits.stanza) this.#cutTag();
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
    if (this.#depth > 0) this.#carried.add(tag, this.#frame.openEnd);
    this.#begin = end;
    return end;
  }

  /** The tag at hand takes the stanza over the limit: no more of it is kept than its head. */
  #cutTag(): void {
    const head = this.#splitTag.cutTo(headLimit);
    if (this.#depth > 0) {
      if (this.#carried.refusal === undefined) this.#carried.refuse('too-large', '', this.#frame.openEnd);
      return;
    }
    this.#startStanza(0);
    this.#openTag.read(head, 0, 0, true);
    this.#frame.nameEnd = this.#openTag.nameEnd;
    this.#frame.openEnd = head.length;
    this.#frame.ownAttributes = this.#openTag.noted;
    this.#carried.refuse('too-large', head, head.length);
  }

  #wait(from: number): number {
    this.#waiting = true;
    return from;
  }
}
