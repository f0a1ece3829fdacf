import type { MessageEnvelope } from '../../core/envelope.ts';
import type { Passage } from '../../core/ports.ts';
import { addressed } from './addressed.ts';
import { escapeAttribute } from './escape.ts';
import { hopElement, hopElements } from './hops.ts';
import { ns } from './namespaces.ts';
import { withoutTellingId, withoutTraces } from './traces.ts';

/** The attributes of a message with other addresses, its type as it was sent. */
export function messageAttributes(message: MessageEnvelope, from: string, to: string): string {
  const type = message.type === 'normal' ? message.typeAttr : message.type;
  const lang = message.lang === undefined ? '' : ` xml:lang='${escapeAttribute(message.lang)}'`;
  return `${type === undefined ? '' : ` type='${type}'`}${addressed(from, to, message.id)}${lang}`;
}

/**
 * The text of a message on its way to a worker, which is told its sender's own JID as `ofrom` (XEP-0033),
 * unless the pool hides its senders. Programs that pass on what they get would bring it back, time
 * and again: by the `ofrom` the next pool knows that it has passed one, and from there on each
 * leaves a `<hop/>`. Without an `ofrom` the first does.
 */
export class ForwardText {
  #firstHop = { pool: '', text: '' };

  attributes(message: MessageEnvelope, from: string, to: string, passage: Passage): string {
    return messageAttributes(passage.hidesSenders ? withoutTellingId(message) : message, from, to);
  }

  /** What it holds, without what the pool adds for the worker's server. */
  content(message: MessageEnvelope, from: string, passage: Passage): string {
    const content = passage.hidesSenders
      ? withoutTraces(message.tail, message.from, from)
      : `${message.tail}<addresses xmlns='${ns.addresses}'><address type='ofrom' jid='${escapeAttribute(message.from)}'/></addresses>`;
    return content + this.#hops(message.hops, passage);
  }

  /** The chain with our pool at its end; nearly always it is the first, whose text is kept. */
  #hops(hops: readonly string[] | undefined, { jid: pool, hidesSenders }: Passage): string {
    if (hops !== undefined) return hopElements([...hops, pool]);
    if (!hidesSenders) return '';
    if (this.#firstHop.pool !== pool) this.#firstHop = { pool, text: hopElement(1, pool) };
    return this.#firstHop.text;
  }
}
