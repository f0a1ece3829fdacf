import type { ErrorRow } from './row.ts';

/** What an IQ is refused with. */
export const requestErrors = {
  'malformed-request': {
    condition: 'bad-request',
    type: 'modify',
    text: 'A request has an id, the type get or set, and exactly one child element.',
    http: 400,
  },
  'unknown-request': {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'Nothing here answers a request of this kind.',
    http: 501,
  },
  'get-only': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This pool says where to ask, and only for requests of type get: nothing else may be redirected.',
    http: 405,
  },
  redirected: {
    condition: 'redirect',
    type: 'modify',
    text: 'The answer is at the address given here.',
    http: 307,
  },
  'redirect-not-read': {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'The answer is elsewhere, and your client is not known to read where (JEP-0051).',
    http: 501,
  },
  'request-timeout': {
    condition: 'remote-server-timeout',
    type: 'wait',
    text: 'No worker answered in time. What was to be changed may have been changed all the same.',
    http: 504,
  },
  'request-lost': {
    condition: 'recipient-unavailable',
    type: 'wait',
    text: 'The worker that had the request is gone. What was to be changed may have been changed all the same.',
    http: 502,
  },
  moved: {
    condition: 'redirect',
    type: 'modify',
    text: 'This pool is at another address for now, the one given here.',
    http: 307,
  },
  'moved-for-good': {
    condition: 'gone',
    type: 'cancel',
    text: 'This pool has another address from now on, the one given here.',
    http: 308,
  },
  'wrong-element': {
    condition: 'feature-not-implemented',
    type: 'cancel',
    text: 'The namespace is known, but not with this element or this type of request.',
    http: 501,
  },
  'unknown-node': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'There is no such node.',
    http: 404,
  },
  'malformed-page': {
    condition: 'bad-request',
    type: 'modify',
    text: 'The paging request cannot be understood: at most one of after, before and index, and whole numbers (XEP-0059).',
    http: 400,
  },
  'unknown-item': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'The list holds no such item. Begin again with its first page.',
    http: 404,
  },
  'activity-forbidden': {
    condition: 'forbidden',
    type: 'auth',
    text: 'Only members, owners and administrators are told this.',
    http: 403,
  },
  'cmr-malformed': {
    condition: 'bad-request',
    type: 'modify',
    text: "To ask, get <query xmlns='urn:xmpp:cmr:0'/>; to change, set <cmr xmlns='urn:xmpp:cmr:0' algorithm='...'/>.",
    http: 400,
  },
  'cmr-not-offered': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This pool does not offer that algorithm. Query it to see which it offers.',
    http: 409,
  },
  'cmr-forbidden': {
    condition: 'not-allowed',
    type: 'cancel',
    text: "You may not change this pool's algorithm.",
    http: 403,
  },
  'cmr-service': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'Each pool has its own algorithm. Set it at the pool.',
    http: 400,
  },
  'store-failed': {
    condition: 'internal-server-error',
    type: 'wait',
    text: 'The change could not be stored, so nothing was changed. Try again later.',
    http: 500,
  },
} as const satisfies Record<string, ErrorRow>;
