import type { DropReason } from '../core/outcome/outcome.ts';

/** What each reason to drop a stanza means, for people; the label `reason` of outcome `dropped`. */
export const dropReasons: Readonly<Record<DropReason, string>> = {
  'error-unmatched': 'An error that belongs to no message that was forwarded.',
  'error-to-service': 'An error sent to an address of the service. Errors are never answered (RFC 6120 8.3.1).',
  'headline-no-worker': 'A headline that no worker can take is silently ignored (RFC 6121 8.5.2.2.1).',
  'headline-unreachable':
    'A headline to an address that takes none from this sender; never answered with an error (RFC 6121 8.5.2.1.1).',
  'event-no-worker': 'A PubSub event that no worker can take. Events are never answered with an error.',
  'event-shed': 'A PubSub event that could not be passed on: no room, too large, or the service is shutting down.',
  'event-not-subscribed':
    'A PubSub event of a service that the pool subscribes to, but of no node and no subscription of the pool.',
  'signal-no-worker': 'A chat state, receipt or marker with nobody to show it to.',
  'signal-misaddressed':
    'A chat state, receipt or marker that a worker sent to the pool itself or to a label, about nothing that it has from there. It belongs to the address that the message came from.',
  'over-rate':
    'Over a rate of the pool, and of a kind that is not answered: a chat state or receipt, a headline, an error.',
  'response-unmatched': 'An answer to no request of ours.',
  'response-late': 'A worker answered a request that had been given up, or given to another worker.',
  'response-duplicate': 'A worker answered a request a second time.',
  'response-forged': 'An answer to a request from somebody who was not asked.',
  'presence-ignored': 'Presence that has no meaning here.',
  'no-address': 'The stanza has no from or no to, so there is nobody to answer.',
  'invalid-from': 'The from is not a JID.',
  'own-address': 'The stanza comes from our own domain: a loop.',
  'foreign-address': 'Sent to a domain that is not ours: the server routes more to this component than it should.',
  'unknown-element': 'Neither message, presence nor IQ.',
  'link-down': 'The answer could not be written: the link was down or full.',
  fault: 'Switchyard itself failed on this stanza, and it was of a kind that is not answered; the log says more.',
  shed: 'Too large, too deep, or more than there is room for, and of a kind that is not answered.',
};
