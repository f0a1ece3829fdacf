import type { ErrorRow } from './row.ts';

/** What a message is refused with, or returned with later, by a pool that delivers at least once (delivery.md 4.3). */
export const deliveryErrors = {
  expired: {
    condition: 'recipient-unavailable',
    type: 'wait',
    text: 'No worker of this pool was done with this message before its time was over. Send it again if it still matters.',
    http: 504,
    element: 'expired',
  },
  'max-attempts': {
    condition: 'undefined-condition',
    type: 'cancel',
    text: 'Workers of this pool were given this message as often as the pool allows, and none acknowledged it. Ask the operator of the pool what is wrong with it.',
    http: 502,
    element: 'max-attempts',
  },
  rejected: {
    condition: 'undefined-condition',
    type: 'cancel',
    text: 'A worker of this pool has rejected this message for good. Do not send it again as it is.',
    http: 422,
    element: 'rejected',
  },
  'all-failed': {
    condition: 'undefined-condition',
    type: 'cancel',
    text: 'Every worker of this pool was given this message, and none acknowledged it. Ask the operator of the pool what is wrong with it.',
    http: 502,
    element: 'all-failed',
  },
  cancelled: {
    condition: 'undefined-condition',
    type: 'cancel',
    text: 'An operator of this pool has taken this message out of its queue. Ask why before you send it again.',
    http: 410,
    element: 'cancelled',
  },
  'queue-full': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'The queue of this pool is full. Try again later.',
    http: 503,
    element: 'queue-full',
  },
  'sender-share': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'As much in the queue of this pool is yours as one sender may have there. Wait until some of it is done. A pool that stands in front of this one is one sender: its operator can raise delivery.queue.perSender here, to 100%.',
    http: 429,
    element: 'queue-full',
  },
  'dead-lettered': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'The queue of this pool was full, and newer messages have taken the place of this one. Try again later.',
    http: 503,
    element: 'queue-full',
  },
  'guarantee-refused': {
    condition: 'not-acceptable',
    type: 'modify',
    text: 'What <deliver/> asks for, a guarantee or a ttl, this pool does not give, or nobody may ask it for that. Leave it out.',
    http: 406,
    element: 'guarantee-refused',
  },
  terms: {
    condition: 'bad-request',
    type: 'modify',
    text: 'What <deliver/> says cannot be read: guarantee is plain or at-least-once, ttl is seconds, more than 0 and at most 31536000, queued is true or false, and there is one of it.',
    http: 400,
    element: 'terms',
  },
} as const satisfies Record<string, ErrorRow>;
