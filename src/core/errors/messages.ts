import type { ErrorRow } from './row.ts';

/** What a message is refused with, and what any stanza to an address that is none. */
export const messageErrors = {
  'no-worker': {
    condition: 'recipient-unavailable',
    type: 'wait',
    text: 'No worker of this pool can take a message now. Try again later.',
    http: 503,
    element: 'no-worker',
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
  'ping-without-id': {
    condition: 'bad-request',
    type: 'modify',
    text: 'A ping that looks for an instance needs an id, by which its answer is known.',
    http: 400,
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
    text: 'You can answer only a sender whose message this pool gave to one of your resources, and remembers. If it gave it just before it was restarted, let the sender write again.',
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
} as const satisfies Record<string, ErrorRow>;
