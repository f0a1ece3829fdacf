import { ns, ownPrefix } from './namespaces.ts';

/** What a child of a message is to the router. */
export type ChildClass =
  | 'content'
  | 'payload'
  | 'thread'
  | 'hint'
  | 'cut'
  | 'hop'
  | 'ping'
  | 'pong'
  | 'addresses'
  | 'origin-id'
  | 'stanza-id'
  | 'delay'
  | 'receipt'
  | 'request'
  | 'deliver'
  | 'ack'
  | 'nack'
  | 'extend'
  | 'queued'
  | 'amp'
  | 'marker'
  | 'reference'
  | 'signal';

/** How the namespaces of the protocol and its extensions begin. */
const xmpp = ['urn:xmpp:', 'jabber:', 'http://jabber.org/', 'urn:ietf:params:xml:ns:xmpp', 'http://www.xmpp.org/'];

/**
 * Tells a child by its name and namespace; `undefined` is the namespace of the stanza.
 * A `payload` is content of a namespace that is not XMPP's. A `reference` has the `id` of another message. Elements that are cut out whoever sent them are `cut` (design.md, "What is kept and what is changed").
 */
export function classify(name: string, namespace: string | undefined): ChildClass {
  switch (namespace) {
    case undefined:
    case ns.client:
    case ns.component:
      return name === 'thread' ? 'thread' : 'content';
    case ns.cmr:
      return name === 'cmr' ? 'hint' : 'content';
    case ns.stanzaIds:
      return name === 'origin-id' ? 'origin-id' : name === 'stanza-id' ? 'stanza-id' : 'content';
    case ns.delay:
      return name === 'delay' ? 'delay' : 'content';
    case ns.carbons:
      return name === 'private' ? 'cut' : 'content';
    case ns.receipts:
      return name === 'received' ? 'receipt' : name === 'request' ? 'request' : 'content';
    case ns.chatMarkers:
      return name === 'received' || name === 'displayed' || name === 'acknowledged' ? 'marker' : 'content';
    case ns.correction:
      return name === 'replace' ? 'reference' : 'content';
    case ns.reactions:
      return name === 'reactions' ? 'reference' : 'content';
    case ns.replies:
      return name === 'reply' ? 'reference' : 'content';
    case ns.chatStates:
    case ns.hints:
      return 'signal';
    default:
      return classifyRare(name, namespace);
  }
}

function classifyRare(name: string, namespace: string): ChildClass {
  switch (namespace) {
    case ns.addresses:
      return name === 'addresses' ? 'addresses' : 'content';
    case ns.retraction:
      return name === 'retract' ? 'reference' : 'content';
    case ns.fastening:
      return name === 'apply-to' ? 'reference' : 'content';
    case ns.amp:
      return name === 'amp' ? 'amp' : 'content';
    default:
      if (namespace.startsWith(ownPrefix)) return classifyOwn(name, namespace);
      return xmpp.some((prefix) => namespace.startsWith(prefix)) ? 'content' : 'payload';
  }
}

/** Of what says nothing to servers. */
const ofMachines: ReadonlySet<ChildClass> = new Set([
  'payload',
  'thread',
  'hint',
  'cut',
  'hop',
  'ping',
  'pong',
  'origin-id',
  'delay',
]);

/** Whether a server may take the message for instant messaging because of this child (XEP-0280 section 6.1). */
export function isInstant(child: ChildClass): boolean {
  return !ofMachines.has(child);
}

const ofDeliveries: ReadonlyMap<string, ChildClass> = new Map(
  (['ack', 'nack', 'extend', 'queued', 'deliver'] as const).map((name) => [name, name]),
);

/** Of our own namespaces little is for others to write. */
function classifyOwn(name: string, namespace: string): ChildClass {
  if (namespace === ns.delivery) {
    return ofDeliveries.get(name) ?? 'cut';
  }
  if (namespace === ns.dix && (name === 'ping' || name === 'pong')) return name;
  return namespace === ns.pool && name === 'hop' ? 'hop' : 'cut';
}
