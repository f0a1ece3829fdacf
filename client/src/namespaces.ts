export const ns = {
  addresses: 'http://jabber.org/protocol/address',
  caps: 'http://jabber.org/protocol/caps',
  chatMarkers: 'urn:xmpp:chat-markers:0',
  chatStates: 'http://jabber.org/protocol/chatstates',
  client: 'jabber:client',
  cmr: 'urn:xmpp:cmr:0',
  delay: 'urn:xmpp:delay',
  /** Acknowledged delivery: what a pool with the guarantee at-least-once says and hears. */
  delivery: 'urn:x-switchyard:delivery:0',
  discoInfo: 'http://jabber.org/protocol/disco#info',
  discoItems: 'http://jabber.org/protocol/disco#items',
  /** Finding an instance of a service, and keeping it (after the DIX proto-XEP). */
  dix: 'urn:x-switchyard:dix:0',
  forward: 'urn:xmpp:forward:0',
  hints: 'urn:xmpp:hints',
  ping: 'urn:xmpp:ping',
  receipts: 'urn:xmpp:receipts',
  /** Ids of messages: by the sender (`origin-id`), and by who passes them on (`stanza-id`). */
  ids: 'urn:xmpp:sid:0',
  rsm: 'http://jabber.org/protocol/rsm',
  stanzaErrors: 'urn:ietf:params:xml:ns:xmpp-stanzas',
  streamManagement: 'urn:xmpp:sm:3',
  /** XEP-0051 0.2, and 0.1. */
  transfer: 'urn:xmpp:cxfr',
  oldTransfer: 'jabber:iq:srvxfr',
  worker: 'urn:x-switchyard:worker:0',
} as const;
