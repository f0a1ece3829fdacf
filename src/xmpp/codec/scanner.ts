import { domainOf } from '../../core/address/jid.ts';
import type { MessageEnvelope } from '../../core/envelope.ts';
import type { AddressCache } from './address-cache.ts';
import { attribute } from './attribute.ts';
import { type ChildClass, classify, isInstant } from './child-class.ts';
import { noteControl, noteRequest, noteTerms, setMarks } from './delivery-marks.ts';
import { readAck, readExtend, readNack, readQueued, readTerms } from './delivery-reader.ts';
import { child, childFields, type Frame } from './frame.ts';
import { addHop, clearChildren, type MessageChildren, noChildren, noteAbout, referenceOf } from './message-children.ts';
import { emptyHead, readHead } from './message-head.ts';

type OfDelivery = Extract<ChildClass, 'ack' | 'nack' | 'extend' | 'queued' | 'deliver' | 'request'>;

/**
 * Makes envelopes of plain messages from the framer's notes, without a parser. Whatever it does
 * not understand to the last it declines, and the parser decides.
 */
export class Scanner {
  readonly #domain: string;
  readonly #addresses: AddressCache;
  readonly #head = emptyHead();
  /** One for all messages: an object each would be an eighth of what a short one allocates. */
  readonly #found = noChildren();
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
    const found = this.#found;
    clearChildren(found);
    const tail = this.#tail(frame, found);
    if (tail === undefined) return undefined;
    const envelope = {
      kind: 'message' as const,
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
      hops: found.hops,
      signal: found.signals && !found.content,
      machine: type !== 'chat' && !found.instant,
      error: undefined,
      tail,
      size: text.length,
    };
    if (found.marks !== undefined) setMarks(envelope, found.marks);
    return envelope;
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
    if (from === to) return this.#bare(frame, at, nameEnd - start === 6 && text.startsWith('thread', start), found);
    const classified = classify(text.slice(start, nameEnd), attribute(frame, from, to, 'xmlns'));
    if (isInstant(classified)) found.instant = true;
    switch (classified) {
      case 'content':
      case 'payload':
        found.content = true;
        return false;
      case 'thread':
        return this.#thread(frame, at, found);
      case 'hint':
      case 'hop':
        noteRouting(found, classified, (name) => attribute(frame, from, to, name));
        return true;
      case 'cut':
        return true;
      case 'ping':
      case 'pong':
      case 'addresses':
      case 'amp':
        return undefined;
      case 'ack':
      case 'nack':
      case 'extend':
      case 'queued':
      case 'deliver':
      case 'request':
        return this.#delivery(frame, at, classified, found);
      case 'origin-id':
        found.originId ??= attribute(frame, from, to, 'id') || undefined;
        return false;
      case 'stanza-id':
      case 'delay':
        return this.#ours(attribute(frame, from, to, classified === 'delay' ? 'from' : 'by'));
      case 'receipt':
      case 'marker':
      case 'reference':
        noteAbout(found, classified, attribute(frame, from, to, 'id') || undefined);
        return false;
      case 'signal':
        found.signals = true;
        return false;
    }
  }

  /** As `#child`, for one without attributes. */
  #bare(frame: Frame, at: number, isThread: boolean, found: MessageChildren): boolean | undefined {
    if (isThread) return this.#thread(frame, at, found);
    found.content = true;
    found.instant = true;
    return false;
  }

  /** As `#child`, for what is said of deliveries. A `<nack/>` that says why is for the parser. */
  #delivery(frame: Frame, at: number, classified: OfDelivery, found: MessageChildren): boolean | undefined {
    const { children } = frame;
    const from = children[at + child.attributesFrom] ?? 0;
    const to = children[at + child.attributesTo] ?? 0;
    if (classified === 'ack') {
      noteControl(found, readAck(attribute(frame, from, to, 'token')));
      return true;
    }
    if (classified === 'request') return noteRequest(found);
    const value = (name: string): string | undefined => attribute(frame, from, to, name);
    if (classified === 'deliver') noteTerms(found, readTerms(value));
    else if (classified === 'extend') noteControl(found, readExtend(value));
    else if (classified === 'queued') noteControl(found, readQueued(value('id')));
    else if (children[at + child.openEnd] !== children[at + child.end]) return undefined;
    else noteControl(found, readNack(value, undefined));
    return true;
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

/** Notes how the message asks to be routed, or what way it has come. */
function noteRouting(found: MessageChildren, what: 'hint' | 'hop', value: (name: string) => string | undefined): void {
  if (what === 'hop') addHop(found, value('n'), value('via'));
  else found.hint ??= value('algorithm') ?? '';
}
