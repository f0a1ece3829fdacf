import type { MessageEnvelope } from '../../core/envelope.ts';
import type { Passage } from '../../core/ports.ts';
import { addressed } from './addressed.ts';
import { escapeAttribute } from './escape.ts';
import { hopElement, hopElements } from './hops.ts';
import { ns } from './namespaces.ts';
import { withoutTellingId, withoutTraces } from './traces.ts';

/** The type of most messages, which is not to be put together for each. */
const chat = " type='chat'";

/** The attributes of a message with other addresses, its type as it was sent. */
export function messageAttributes(message: MessageEnvelope, from: string, to: string): string {
  const type = message.type === 'normal' ? message.typeAttr : message.type;
  const written = type === 'chat' ? chat : type === undefined ? '' : ` type='${type}'`;
  const lang = message.lang === undefined ? '' : ` xml:lang='${escapeAttribute(message.lang)}'`;
  return `${written}${addressed(from, to, message.id)}${lang}`;
}

/**
 * What a server may take for instant messaging, its carbons do not copy to the worker's other clients
 * (XEP-0280 sections 6.1 and 9). Servers that heed `<no-copy/>` (XEP-0334) heed this as well.
 */
export const privacy = `<private xmlns='${ns.carbons}'/>`;

/** Whether the address that a worker gets a message from is the readable proxy of `sender`: `pool@domain/sender`. */
function saysSender(from: string, sender: string): boolean {
  return from[from.length - sender.length - 1] === '/' && from.endsWith(sender);
}

/** XEP-0033 section 4.4. */
function originalSender(sender: string): string {
  return `<addresses xmlns='${ns.addresses}'><address type='ofrom' jid='${escapeAttribute(sender)}'/></addresses>`;
}

/**
 * The text of a message on its way to a worker. Each element more costs the servers on the way some
 * percent of it, so that there is only what it needs: the sender's own JID as `ofrom` (XEP-0033), where
 * `from` does not end with it and the pool does not hide it; and a `<hop/>`, if the message has `hops`:
 * programs that pass on what they get would bring it back, time and again.
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
      : saysSender(from, message.from)
        ? message.tail
        : message.tail + originalSender(message.from);
    return message.hops === undefined ? content : content + this.#hops(message.hops, passage.jid);
  }

  /** The chain with our pool at its end; nearly always it is the first, whose text is kept. */
  #hops(hops: readonly string[], pool: string): string {
    if (hops.length > 0) return hopElements([...hops, pool]);
    if (this.#firstHop.pool !== pool) this.#firstHop = { pool, text: hopElement(1, pool) };
    return this.#firstHop.text;
  }
}
