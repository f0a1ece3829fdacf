import { readAddress, sameAddress } from './address.ts';
import type { Delivery } from './delivery.ts';
import { type Content, type Element, elementsOf, xml } from './element.ts';
import { ns } from './namespaces.ts';
import { errorElement, type StanzaError } from './stanza-error.ts';

/** A message that a pool gave to a worker. */
export interface Job {
  /** The sender, seen through the pool: answers go there. The same sender has the same address. */
  readonly from: string;
  /** The sender's own address, where the pool shows it: in `from` after the slash, else by XEP-0033. For reading: answers to it do not come from the pool. */
  readonly sender: string | undefined;
  /** To recognise a message that comes a second time, together with `from`. */
  readonly id: string | undefined;
  /** Empty when there is none. */
  readonly body: string;
  readonly thread: string | undefined;
  /** When it was sent, if it waited somewhere on its way (XEP-0203): it may be too late for it. */
  readonly delayedSince: Date | undefined;
  /** What the pool says of an acknowledged delivery; `undefined` where it delivers at most once. */
  readonly delivery: Delivery | undefined;
  /** The whole message. */
  readonly message: Element;
  /** Answers the sender; as often as you like. Waits for the next session when there is none. */
  reply(content: Content): Promise<void>;
}

/** What is not work by itself: receipts, markers, chat states, and what goes along with them. */
const besides: readonly string[] = [
  ns.addresses,
  ns.chatMarkers,
  ns.chatStates,
  ns.delay,
  ns.delivery,
  ns.hints,
  ns.ids,
  ns.receipts,
  'urn:x-switchyard:pool:0',
  'urn:xmpp:carbons:2',
];

/** Whether a message of a pool's sender has something to work on: a body, or any payload that is no mere signal. */
export function isWork(message: Element, pool: string): boolean {
  const { type, from = '' } = message.attrs;
  // The pool itself sends no work.
  if (type === 'error' || sameAddress(from, pool)) return false;
  // What is to be acknowledged is work, whatever it holds.
  if (message.getChild('delivery', ns.delivery)?.attrs['token'] !== undefined) return true;
  return message.getChildElements().some((child) => child.name !== 'thread' && !besides.includes(child.getNS() ?? ''));
}

export function readJob(
  message: Element,
  delivery: Delivery | undefined,
  send: (stanza: Element) => Promise<void>,
): Job {
  const { from = '', id } = message.attrs;
  const address = message.getChild('addresses', ns.addresses)?.getChildren('address');
  const stamp = new Date(message.getChild('delay', ns.delay)?.attrs['stamp'] ?? '');
  return {
    from,
    id,
    message,
    delivery,
    sender: address?.find(({ attrs }) => attrs['type'] === 'ofrom')?.attrs['jid'] ?? senderIn(from),
    body: message.getChildText('body') ?? '',
    thread: message.getChildText('thread') ?? undefined,
    delayedSince: Number.isNaN(stamp.getTime()) ? undefined : stamp,
    reply: (content) => send(answer(message, content)),
  };
}

/** The sender that the pool's address for him tells; a resource that begins with `!` or `~` tells none. */
function senderIn(from: string): string | undefined {
  const sender = readAddress(from)?.resource;
  return sender === undefined || /^[!~]/.test(sender) ? undefined : sender;
}

/** An answer goes to where the message came from, with its type and its thread (RFC 6121 section 5.2). */
export function answer(message: Element, content: Content, id?: string, ...more: readonly Element[]): Element {
  const { from, type } = message.attrs;
  const thread = message.getChildText('thread');
  const parts = [...elementsOf(content), thread === null ? undefined : xml('thread', {}, thread), ...more];
  return xml('message', { to: from, type, id }, ...parts);
}

/** The answer to who looks for an instance (after the DIX proto-XEP); the pool shows our presence along with it. */
export function pong(ping: Element): Element {
  const { from: to, id, type } = ping.attrs;
  return xml('message', { to, id, type }, xml('pong', { xmlns: ns.dix }), xml('no-store', { xmlns: ns.hints }));
}

/** The error that a sender gets instead of an answer. */
export function refusal(message: Element, error: StanzaError): Element {
  return xml('message', { to: message.attrs['from'], type: 'error', id: message.attrs['id'] }, errorElement(error));
}
