/** What a pool answers itself: a request of these never goes further. */
const answeredHere: ReadonlySet<string> = new Set([
  'http://jabber.org/protocol/commands',
  'http://jabber.org/protocol/disco#info',
  'http://jabber.org/protocol/disco#items',
  'jabber:iq:last',
  'jabber:iq:version',
  'urn:xmpp:cmr:0',
  'urn:xmpp:ping',
  'urn:xmpp:time',
]);

/**
 * What belongs to an account and its server, or changes how a client is connected: whoever could
 * have it passed on to a worker could read or change what is the worker's own.
 */
const neverPassed: readonly string[] = [
  'http://jabber.org/protocol/caps',
  'http://jabber.org/protocol/commands',
  'http://jabber.org/protocol/disco',
  'http://jabber.org/protocol/pubsub',
  'jabber:client',
  'jabber:component:',
  'jabber:iq:auth',
  'jabber:iq:last',
  'jabber:iq:privacy',
  'jabber:iq:private',
  'jabber:iq:register',
  'jabber:iq:roster',
  'jabber:iq:srvxfr',
  'jabber:iq:version',
  'jabber:server',
  'urn:ietf:params:xml:ns:vcard-',
  'urn:ietf:params:xml:ns:xmpp-',
  'urn:x-switchyard:',
  'urn:xmpp:archive',
  'urn:xmpp:blocking',
  'urn:xmpp:carbons:',
  'urn:xmpp:cmr:',
  'urn:xmpp:cxfr',
  'urn:xmpp:mam:',
  'urn:xmpp:ping',
  'urn:xmpp:time',
  'vcard-temp',
];

/** Whether a pool answers requests of `namespace` itself. */
export function isAnsweredHere(namespace: string): boolean {
  return answeredHere.has(namespace);
}

/** Whether requests of `namespace` are never given to a worker, whatever the configuration says. */
export function isReserved(namespace: string): boolean {
  return namespace === '' || neverPassed.some((start) => namespace.startsWith(start));
}
