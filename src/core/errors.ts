import type { ErrorType } from './envelope.ts';

/** One row of the error table: what a peer is told, and what an HTTP client would be. */
export interface ErrorRow {
  /** Defined condition of RFC 6120 8.3.3. */
  readonly condition: string;
  readonly type: ErrorType;
  /** For people, in English; never names anything the peer may not know of. */
  readonly text: string;
  /** Status of the same refusal over HTTP. */
  readonly http: number;
}

/**
 * Every error that Switchyard sends. The key is the code: it is the `reason` label of the
 * metrics and never changes its meaning. `docs/errors.md` is generated from this table.
 */
export const errors = {
  'no-worker': {
    condition: 'recipient-unavailable',
    type: 'wait',
    text: 'No worker of this pool can take a message now. Try again later.',
    http: 503,
  },
  unreachable: {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'There is nothing at this address for you.',
    http: 404,
  },
  'service-address': {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'This is the address of the service itself. Write to one of its pools.',
    http: 404,
  },
  groupchat: {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'A pool is no chat room. Send type chat or normal.',
    http: 400,
  },
  'headline-refused': {
    condition: 'service-unavailable',
    type: 'cancel',
    text: 'This pool takes no headlines. Send type chat or normal.',
    http: 400,
  },
  'too-large': {
    condition: 'policy-violation',
    type: 'modify',
    text: 'The stanza is larger than this service passes on.',
    http: 413,
  },
  'too-deep': {
    condition: 'policy-violation',
    type: 'modify',
    text: 'The stanza nests deeper than this service reads.',
    http: 413,
  },
  'member-message': {
    condition: 'not-acceptable',
    type: 'cancel',
    text: "A worker cannot send work to its own pool. To answer, reply to the sender's own address: the one the message came from.",
    http: 409,
  },
  'relay-refused': {
    condition: 'forbidden',
    type: 'auth',
    text: 'You can answer only a sender whose message this pool gave to one of your resources.',
    http: 403,
  },
  'fan-out': {
    condition: 'policy-violation',
    type: 'modify',
    text: 'The message would go to more workers than this pool allows at once.',
    http: 413,
  },
  'rate-sender': {
    condition: 'policy-violation',
    type: 'wait',
    text: 'You send faster than this pool takes from one sender.',
    http: 429,
  },
  'rate-domain': {
    condition: 'policy-violation',
    type: 'wait',
    text: 'Your domain sends faster than this pool takes from one domain.',
    http: 429,
  },
  'rate-worker': {
    condition: 'policy-violation',
    type: 'wait',
    text: 'You answer faster than this pool passes on from one worker.',
    http: 429,
  },
  overloaded: {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'The service holds as much as it may. Try again later.',
    http: 503,
  },
  'shutting-down': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'The service is shutting down. Try again shortly.',
    http: 503,
  },
  'invalid-address': {
    condition: 'jid-malformed',
    type: 'modify',
    text: 'This address cannot exist here. A pool is name@domain.',
    http: 400,
  },
  'send-forbidden': {
    condition: 'forbidden',
    type: 'auth',
    text: 'You may know this pool, but not send to it.',
    http: 403,
  },
  loop: {
    condition: 'not-acceptable',
    type: 'cancel',
    text: 'This message has passed this pool before, or too many pools: some program sends on what it gets from a pool.',
    http: 508,
  },
  'alias-limit': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'Too many senders of your domain are known here already. Try again later.',
    http: 503,
  },
  'join-forbidden': {
    condition: 'forbidden',
    type: 'auth',
    text: 'You may send to this pool, but not work in it.',
    http: 403,
  },
  'join-unreachable': {
    condition: 'forbidden',
    type: 'auth',
    text: 'There is nothing at this address for you to join.',
    http: 403,
  },
  'join-needs-resource': {
    condition: 'jid-malformed',
    type: 'modify',
    text: 'A worker joins with its full JID: user@host/resource.',
    http: 400,
  },
  'join-needs-subscription': {
    condition: 'subscription-required',
    type: 'auth',
    text: 'Workers of this pool join by subscription: add the pool to the contacts of the account.',
    http: 403,
  },
  'join-at-resource': {
    condition: 'not-acceptable',
    type: 'modify',
    text: 'A pool is no chat room. Send presence to the pool itself, without a resource.',
    http: 400,
  },
  'subscribe-unsupported': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This address has no presence to subscribe to. Subscribe to the pool itself: name@domain.',
    http: 501,
  },
  'subscribe-refused': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'There is nothing at this address for you to subscribe to.',
    http: 403,
  },
  'subscribe-full': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'The service keeps as many subscriptions as it may. Try again later.',
    http: 503,
  },
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
  internal: {
    condition: 'internal-server-error',
    type: 'cancel',
    text: 'A fault of this service kept it from handling the stanza. Its operator can find it in the log.',
    http: 500,
  },
} as const satisfies Record<string, ErrorRow>;

/** A code of the error table. */
export type ErrorCode = keyof typeof errors;
