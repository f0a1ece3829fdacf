import type { MessageEnvelope } from '../../core/envelope.ts';
import { domainOf } from '../../core/jid.ts';
import type { AddressCache } from './address-cache.ts';
import { attribute } from './attribute.ts';
import { classify } from './child-class.ts';
import { child, childFields, type Frame } from './frame.ts';
import { type MessageChildren, noChildren, referenceOf } from './message-children.ts';
import { emptyHead, readHead } from './message-head.ts';

/**
 * Makes envelopes of plain messages from the framer's notes, without a parser. Whatever it does
 * not understand to the last it declines, and the parser decides.
 */
export class Scanner {
  readonly #domain: string;
  readonly #addresses: AddressCache;
  readonly #head = emptyHead();
  #lastTo = '';

  /** @param domain The component's domain, prepared. */
  constructor(domain: string, addresses: AddressCache) {
    this.#domain = domain;
    this.#addresses = addresses;
  }

  /** The envelope, or `undefined` when the message is not for this scanner. */
  scan(frame: Frame): MessageEnvelope | undefined {
    const { text } = frame;
    const head = this.#head;
    if (frame.odd || frame.nameEnd !== 8 || !text.startsWith('message', 1) || !readHead(frame, head)) return undefined;
    const { type, from, to, id, lang } = head;
    if (type === 'error' || from === '' || to === '') return undefined;
    const found = noChildren();
    const tail = this.#tail(frame, found);
    if (tail === undefined) return undefined;
    return {
      kind: 'message',
      type: type ?? 'normal',
      typeAttr: type,
      from: this.#addresses.get(from),
      to: this.#target(to),
      id: id === '' ? undefined : id,
      lang: lang === '' ? undefined : lang,
      hint: found.hint,
      thread: found.thread,
      originId: found.originId,
      receipt: found.receipt,
      refersTo: referenceOf(found),
      hops: undefined,
      signal: found.signals && !found.content,
      error: undefined,
      tail,
      size: text.length,
    };
  }

  /** Most messages are for the pool that the one before was for. */
  #target(to: string): string {
    if (to !== this.#lastTo) this.#lastTo = this.#addresses.get(to);
    return this.#lastTo;
  }

  /** The children that go on, or `undefined` to decline; what the others say is put into `found`. */
  #tail(frame: Frame, found: MessageChildren): string | undefined {
    const { text, children, childrenEnd, closeStart } = frame;
    let kept = '';
    let keptTo = frame.openEnd;
    for (let at = 0; at < childrenEnd; at += childFields) {
      const cut = this.#child(frame, at, found);
      if (cut === undefined) return undefined;
      if (!cut) continue;
      kept += text.slice(keptTo, children[at + child.start]);
      keptTo = children[at + child.end] ?? closeStart;
    }
    const rest = text.slice(keptTo, closeStart);
    return kept === '' ? rest : kept + rest;
  }

  /** Whether the child at `at` is cut out; `undefined` to decline. */
  #child(frame: Frame, at: number, found: MessageChildren): boolean | undefined {
    const { text, children } = frame;
    const from = children[at + child.attributesFrom] ?? 0;
    const to = children[at + child.attributesTo] ?? 0;
    const start = (children[at + child.start] ?? 0) + 1;
    const nameEnd = children[at + child.nameEnd] ?? 0;
    if (from === to) {
      if (nameEnd - start === 6 && text.startsWith('thread', start)) return this.#thread(frame, at, found);
      found.content = true;
      return false;
    }
    const classified = classify(text.slice(start, nameEnd), attribute(frame, from, to, 'xmlns'));
    switch (classified) {
      case 'content':
        found.content = true;
        return false;
      case 'thread':
        return this.#thread(frame, at, found);
      case 'hint':
        found.hint ??= attribute(frame, from, to, 'algorithm') ?? '';
        return true;
      case 'cut':
        return true;
      case 'hop':
      case 'ping':
      case 'pong':
      case 'addresses':
        return undefined;
      case 'origin-id':
        found.originId ??= attribute(frame, from, to, 'id') || undefined;
        return false;
      case 'stanza-id':
        return this.#ours(attribute(frame, from, to, 'by'));
      case 'delay':
        return this.#ours(attribute(frame, from, to, 'from'));
      case 'receipt':
      case 'marker':
        if (classified === 'receipt') found.receipt ??= attribute(frame, from, to, 'id') || undefined;
        found.acknowledges ??= attribute(frame, from, to, 'id') || undefined;
        found.signals = true;
        return false;
      case 'reference':
        found.reference ??= attribute(frame, from, to, 'id') || undefined;
        found.content = true;
        return false;
      case 'signal':
        found.signals = true;
        return false;
    }
  }

  #thread(frame: Frame, at: number, found: MessageChildren): boolean | undefined {
    const { text, children } = frame;
    const openEnd = children[at + child.openEnd] ?? 0;
    const end = children[at + child.end] ?? 0;
    if (openEnd === end) return false;
    const thread = text.slice(openEnd, text.lastIndexOf('<', end - 1));
    if (thread.includes('&') || thread.includes('<')) return undefined;
    found.thread ??= thread === '' ? undefined : thread;
    return false;
  }

  #ours(jid: string | undefined): boolean {
    return jid !== undefined && domainOf(jid).toLowerCase() === this.#domain;
  }
}
