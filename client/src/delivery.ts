import { sameAddress } from './address.ts';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';
import { errorElement } from './stanza-error.ts';
import type { Verdict } from './verdict.ts';

const daySeconds = 86_400;

/** What a pool with the guarantee at-least-once says of the message that it gives to a worker. */
export interface Delivery {
  /**
   * The same over all attempts (XEP-0359, by the pool): what to know a message by that comes again.
   * `undefined` when the pool names none.
   */
  readonly id: string | undefined;
  /** By which this attempt is acknowledged. */
  readonly token: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** When the pool gives the message to another worker, unless it hears from this one before. By the pool's clock. */
  readonly deadline: Date | undefined;
  /** When the pool gives the message up. By the pool's clock. */
  readonly expires: Date | undefined;
}

/** The `<delivery/>` of a message; `undefined` when it has none that can be acknowledged. */
export function readDelivery(message: Element, pool: string): Delivery | undefined {
  const { token, attempt, deadline, expires } = message.getChild('delivery', ns.delivery)?.attrs ?? {};
  if (token === undefined || token === '') return undefined;
  return {
    id: idOf(message, pool),
    token,
    attempt: /^\d{1,9}$/.test(attempt ?? '') ? Number(attempt) : 1,
    deadline: readTime(deadline),
    expires: readTime(expires),
  };
}

/** The id that the pool gave to a message (XEP-0359); nobody else's counts. */
export function idOf(message: Element, pool: string): string | undefined {
  return message.getChildren('stanza-id', ns.ids).find(({ attrs }) => sameAddress(attrs['by'] ?? '', pool))?.attrs[
    'id'
  ];
}

function readTime(text = ''): Date | undefined {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** It is done. */
export function ack(message: Element, token: string, id: string): Element {
  return signal(message, ackElement(token), id);
}

/** The same, as part of an answer to the sender: so neither arrives without the other. */
export function ackElement(token: string): Element {
  return xml('ack', { xmlns: ns.delivery, token });
}

/** It is not done: another worker shall do it, or nobody. */
export function nack(message: Element, token: string, { requeue, delay, error }: Verdict): Element {
  const seconds = delay === undefined ? undefined : secondsOf(delay, 0);
  const attrs = { xmlns: ns.delivery, token, requeue: String(requeue), delay: requeue ? seconds : undefined };
  return signal(message, xml('nack', attrs, requeue ? undefined : errorElement(error)));
}

/** It takes so much longer, in milliseconds. */
export function extend(message: Element, token: string, by: number): Element {
  return signal(message, xml('extend', { xmlns: ns.delivery, token, seconds: secondsOf(by, 1) }));
}

/** Whole seconds of milliseconds, as many as a pool may be asked for. */
function secondsOf(milliseconds: number, least: number): string {
  return String(Math.min(daySeconds, Math.max(least, Math.ceil(milliseconds / 1000))));
}

/** A receipt (XEP-0184), if the message asks for one; a message without an id cannot. */
export function receipt(message: Element): Element | undefined {
  const { id } = message.attrs;
  if (id === undefined || message.getChild('request', ns.receipts) === undefined) return undefined;
  return signal(message, xml('received', { xmlns: ns.receipts, id }));
}

/** To where the message came from, of its type. No server shall keep it. */
function signal(message: Element, child: Element, id?: string): Element {
  const { from: to, type } = message.attrs;
  return xml('message', { to, type, id }, child, xml('no-store', { xmlns: ns.hints }));
}
