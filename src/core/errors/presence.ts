import type { ErrorRow } from './row.ts';

/** What a join or a subscription is refused with. */
export const presenceErrors = {
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
} as const satisfies Record<string, ErrorRow>;
