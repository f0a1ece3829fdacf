import type { ErrorRow } from './row.ts';

/** What an operator's command is refused with, whatever it is about. */
export const commandErrors = {
  'command-unknown': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'There is no such command.',
    http: 404,
  },
  'command-forbidden': {
    condition: 'forbidden',
    type: 'auth',
    text: 'You may not give this command.',
    http: 403,
  },
  'command-input': {
    condition: 'bad-request',
    type: 'modify',
    text: 'What was given with the command cannot be used.',
    http: 400,
  },
  'command-target': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'There is nothing of this name.',
    http: 404,
  },
  'command-busy': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'There is as much of this as may be. Take something back first.',
    http: 429,
  },
  'standing-by': {
    condition: 'service-unavailable',
    type: 'wait',
    text: 'This instance stands by: another one is active, and is given the commands.',
    http: 503,
  },
  'not-stepped-down': {
    condition: 'unexpected-request',
    type: 'wait',
    text: 'This instance cannot give its place to another.',
    http: 409,
  },
  'reload-refused': {
    condition: 'not-acceptable',
    type: 'modify',
    text: 'The configuration was not reloaded, and nothing has changed.',
    http: 409,
  },
  'pool-exists': {
    condition: 'conflict',
    type: 'cancel',
    text: 'There is a pool of this name.',
    http: 409,
  },
  'pool-fixed': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This pool stands in the configuration of the router: it is changed there, and the configuration reloaded.',
    http: 409,
  },
  'pool-holds-messages': {
    condition: 'conflict',
    type: 'modify',
    text: 'The queue of the pool holds messages.',
    http: 409,
  },
  'queue-none': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'This pool keeps no messages: it is plain, and none waits in it.',
    http: 404,
  },
  'message-unknown': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'The queue holds no such message: it may be done.',
    http: 404,
  },
} as const satisfies Record<string, ErrorRow>;
