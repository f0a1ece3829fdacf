import type { Element } from 'ltx';
import type { ReceivedSubscription, ReceivedSubscriptions } from '../../core/envelope.ts';
import type { PubSubRequest } from '../../core/ports.ts';
import { escapeAttribute, escapeText } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';

/** FORM_TYPE of the options of a subscription (XEP-0060 16.4.2). */
const optionsForm = 'http://jabber.org/protocol/pubsub#subscribe_options';
/** Subscriptions of one answer that are read; a longer list has pages. */
const listLimit = 1_000;

/** The payload of a request of the subscriber `jid` (XEP-0060 5.6, 6.1, 6.2, 6.3). */
export function writePubSub(request: PubSubRequest, jid: string): string {
  const at = ` node='${escapeAttribute(request.node)}'`;
  const who = ` jid='${escapeAttribute(jid)}'`;
  const id = 'subid' in request && request.subid !== undefined ? ` subid='${escapeAttribute(request.subid)}'` : '';
  switch (request.name) {
    case 'subscriptions':
      return inPubSub(`<subscriptions${at}/>${request.after === undefined ? '' : writeAfter(request.after)}`);
    case 'subscribe': {
      const options =
        Object.keys(request.options).length === 0 ? '' : `<options>${writeOptions(request.options)}</options>`;
      return inPubSub(`<subscribe${at}${who}/>${options}`);
    }
    case 'options':
      return inPubSub(`<options${at}${who}${id}>${writeOptions(request.options)}</options>`);
    case 'unsubscribe':
      return inPubSub(`<unsubscribe${at}${who}${id}/>`);
  }
}

/** What a result says of subscriptions; `undefined` when it holds no word of PubSub. */
export function readSubscriptions(stanza: Element): ReceivedSubscriptions | undefined {
  const pubsub = stanza.getChildElements().find((child) => child.is('pubsub', ns.pubsub));
  if (pubsub === undefined) return undefined;
  const list = pubsub.getChildElements().find((child) => child.is('subscriptions', ns.pubsub));
  const elements = (list ?? pubsub).getChildElements().filter((child) => child.is('subscription', ns.pubsub));
  const read = elements.slice(0, listLimit).map((element) => {
    const one = readSubscription(element);
    // Where the list is of one node, its members need not name it (XEP-0060 5.6, 8.8.1).
    return one.node === undefined ? { ...one, node: list?.attrs['node'] } : one;
  });
  return { list: read, more: read.length === 0 ? undefined : readMore(pubsub, read.length) };
}

/** One `<subscription/>`. */
export function readSubscription(element: Element): ReceivedSubscription {
  const { node, jid, subid, subscription } = element.attrs;
  return {
    node: node || undefined,
    jid: jid || undefined,
    subid: subid || undefined,
    state: readState(element, subscription),
  };
}

/** Without `<required/>` a subscription that may be configured takes effect at once (XEP-0060 6.1.5). */
function readState(element: Element, state: string | undefined): ReceivedSubscription['state'] {
  if (state === 'none' || state === 'pending') return state;
  if (state !== 'unconfigured') return 'subscribed';
  const options = element.getChildElements().find((child) => child.getName() === 'subscribe-options');
  const required = options?.getChildElements().some((child) => child.getName() === 'required') ?? true;
  return required ? 'unconfigured' : 'subscribed';
}

/** Where the next page begins, if the service pages the list (XEP-0059 2.2). */
function readMore(pubsub: Element, length: number): string | undefined {
  const set = pubsub.getChildElements().find((child) => child.is('set', ns.rsm));
  const parts = new Map(set?.getChildElements().map((child) => [child.getName(), child]));
  const index = Number(parts.get('first')?.attrs['index'] ?? Number.NaN);
  const count = Number(parts.get('count')?.getText() ?? Number.NaN);
  return index + length >= count ? undefined : parts.get('last')?.getText() || undefined;
}

function inPubSub(inner: string): string {
  return `<pubsub xmlns='${ns.pubsub}'>${inner}</pubsub>`;
}

function writeAfter(after: string): string {
  return `<set xmlns='${ns.rsm}'><after>${escapeText(after)}</after></set>`;
}

function writeOptions(options: Readonly<Record<string, readonly string[]>>): string {
  const fields = Object.entries(options).map(([name, values]) => {
    const written = values.map((value) => `<value>${escapeText(value)}</value>`).join('');
    return `<field var='${escapeAttribute(name)}'>${written}</field>`;
  });
  const type = `<field var='FORM_TYPE' type='hidden'><value>${optionsForm}</value></field>`;
  return `<x xmlns='${ns.dataForms}' type='submit'>${type}${fields.join('')}</x>`;
}
