import assert from 'node:assert/strict';
import { type Element, parse } from 'ltx';

/** One stanza that the router wrote. */
export interface Written {
  readonly element: Element;
  readonly text: string;
}

const space = /\s*/y;
const declaration = /<\?xml version='1\.0'\?>/y;
const cdata = /<!\[CDATA\[[\s\S]*?\]\]>/y;
const closeTag = /<\/([^\s<>/]+)\s*>/y;
const openTag = /<([^\s<>/!?]+)((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const characters = /[^<]+(?=<)/y;
const strayAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;
/** What XML 1.0 cannot hold. */
const forbidden = /(?![\t\n\r\x7f-\x9f])\p{Cc}|[\ufffe\uffff]/u;
const stanzas = new Set(['message', 'presence', 'iq']);

/**
 * Holds everything that the router writes on one stream against the rules that no test may
 * break: well-formed XML with nothing but stanzas in it, from an address of the router's own
 * domain, to an address that wrote to it before, no request answered twice, no error answered.
 */
export class OutputChecker {
  readonly #domain: string;
  readonly #known: ReadonlySet<string>;
  readonly #answered: Set<string>;
  readonly #names: string[] = [];
  #text = '';
  #pos = 0;
  #begin = 0;
  #inStream = false;
  #over = false;

  /**
   * @param known Every `from` that was ever sent to the router.
   * @param answered What was answered on earlier streams.
   */
  constructor(domain: string, known: ReadonlySet<string>, answered: Set<string>) {
    this.#domain = domain;
    this.#known = known;
    this.#answered = answered;
  }

  /** The end of the stream was written. */
  get over(): boolean {
    return this.#over;
  }

  /** The stanzas that are complete with `text`, the next that was written. Throws for a broken rule. */
  feed(text: string): Written[] {
    this.#text += text;
    const found: Written[] = [];
    while (this.#step(found));
    this.#text = this.#text.slice(this.#begin);
    this.#pos -= this.#begin;
    this.#begin = 0;
    return found;
  }

  /** One tag, or one run of characters; false when the rest has to wait. */
  #step(found: Written[]): boolean {
    if (this.#names.length === 0) this.#skipSpace();
    const rest = this.#text.length - this.#pos;
    if (rest === 0) return false;
    const text = this.#take(characters);
    if (text !== undefined) {
      assert(this.#names.length > 0, `text between stanzas: ${text[0]}`);
      assertCharacters(text[0]);
      return true;
    }
    if (this.#take(declaration) !== undefined || this.#take(cdata) !== undefined) return true;
    const open = this.#take(openTag);
    if (open !== undefined) return this.#open(open, found);
    const close = this.#take(closeTag);
    if (close !== undefined) return this.#close(close, found);
    const waits = this.#text.startsWith('<![CDATA[', this.#pos) || !this.#text.includes('>', this.#pos);
    assert(waits, `no XML: ${this.#text.slice(this.#pos, this.#pos + 200)}`);
    return false;
  }

  #open([, name = '', attributes = '', selfClosing]: RegExpExecArray, found: Written[]): boolean {
    assertCharacters(attributes);
    if (!this.#inStream) {
      assert.equal(name, 'stream:stream');
      this.#inStream = true;
      this.#begin = this.#pos;
    } else if (selfClosing !== '/') {
      this.#names.push(name);
    } else if (this.#names.length === 0) {
      this.#complete(found);
    }
    return true;
  }

  #close([, name = '']: RegExpExecArray, found: Written[]): boolean {
    if (this.#names.length === 0 && name === 'stream:stream') {
      this.#over = true;
      this.#begin = this.#pos;
      return true;
    }
    assert.equal(name, this.#names.pop());
    if (this.#names.length === 0) this.#complete(found);
    return true;
  }

  #complete(found: Written[]): void {
    const text = this.#text.slice(this.#begin, this.#pos);
    this.#begin = this.#pos;
    assert(!this.#over, `written after the end of the stream: ${text}`);
    if (text.startsWith('<handshake>') || text.startsWith('<stream:error>')) return;
    const element = parse(text);
    this.#judge(element, text);
    found.push({ element, text });
  }

  #judge(element: Element, text: string): void {
    const shown = text.slice(0, 300);
    const { from = '', to = '', id, type } = element.attrs;
    assert(stanzas.has(element.name), `no stanza: ${shown}`);
    assert.equal(domainOf(from), this.#domain, `from outside of the domain: ${shown}`);
    assert(this.#known.has(to) || to === this.#domain, `to somebody who never wrote: ${shown}`);
    assert(to !== this.#domain || from === this.#domain, `to ourselves: ${shown}`);
    assert.equal(element.attrs['xmlns'], undefined, `a namespace of its own: ${shown}`);
    if (element.name === 'iq' && (type === 'get' || type === 'set')) assert(id, `a request without id: ${shown}`);
    if (type !== 'error' && type !== 'result') return;
    assert(!id?.startsWith('err-'), `the answer to an error: ${shown}`);
    if (id === undefined) return;
    const key = `${element.name} ${to} ${id}`;
    assert(!this.#answered.has(key), `a second answer: ${shown}`);
    this.#answered.add(key);
  }

  #skipSpace(): void {
    space.lastIndex = this.#pos;
    this.#pos += space.exec(this.#text)?.[0].length ?? 0;
    this.#begin = this.#pos;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#pos;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#pos = pattern.lastIndex;
    return match;
  }
}

function assertCharacters(text: string): void {
  assert.doesNotMatch(text, forbidden);
  assert.doesNotMatch(text, strayAmpersand);
}

function domainOf(jid: string): string {
  const bare = jid.split('/', 1)[0] ?? '';
  return bare.slice(bare.indexOf('@') + 1);
}
