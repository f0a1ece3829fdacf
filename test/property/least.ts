import type { Element } from 'ltx';
import { ns } from '../../src/xmpp/codec/namespaces.ts';

/** How often each outcome and event must come in the runs of the fixed seed: about a third of how often it did. */
export const least: Readonly<Record<string, number>> = {
  // Outcomes.
  answered: 53,
  forwarded: 160,
  relayed: 56,
  queued: 69,
  'bounced redirected': 15,
  'bounced moved': 106,
  'bounced get-only': 4,
  'bounced rate-sender': 50,
  'bounced rate-domain': 117,
  'bounced rate-worker': 5,
  'dropped over-rate': 1,
  'dropped response-duplicate': 2,
  'dropped response-forged': 3,
  'dropped event-no-worker': 1,
  // What came of what waited, bounced, or was asked of a worker.
  'waited-forwarded': 51,
  copies: 5,
  'ring-retried': 4,
  'ring-exhausted': 4,
  'request-answered': 18,
  'request-retried': 1,
  'request-lost': 1,
  'request-timeout': 12,
  'event-refused': 2,
  'alias-made': 26,
  'id-replaced': 9,
  'member-verified': 28,
  'preference-changed': 9,
  'hint-obeyed': 1,
  'session-opened': 23,
  'session-ended': 23,
  // What was written: answers of each kind, and requests to workers and services.
  'result empty': 14,
  'result http://jabber.org/protocol/disco#info': 4,
  'result http://jabber.org/protocol/disco#items': 10,
  'result jabber:iq:last': 2,
  'result jabber:iq:version': 5,
  'result urn:xmpp:time': 3,
  'result urn:xmpp:cmr:0': 3,
  'result urn:example:job': 16,
  'get urn:example:job': 25,
  'set urn:example:job': 7,
  'set http://jabber.org/protocol/pubsub': 33,
  'normal urn:x-switchyard:dix:0': 22,
  'none urn:x-switchyard:dix:0': 1,
};

/** Results and pongs by what is in them. */
export function answerKind(written: Element): string {
  const [payload] = written.getChildElements();
  const { type = 'none' } = written.attrs;
  if (written.name !== 'iq' && payload?.getNS() !== ns.dix) return 'another stanza';
  return `${type} ${payload?.getNS() ?? 'empty'}`;
}
