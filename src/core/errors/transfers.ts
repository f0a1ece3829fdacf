import type { ErrorRow } from './row.ts';

/** What a connection transfer, or a command to make one, is refused with. */
export const transferErrors = {
  'transfer-malformed': {
    condition: 'bad-request',
    type: 'modify',
    text: 'This names no server to connect to: <server/> holds a domain name or an IP address, and perhaps :port (XEP-0051).',
    http: 400,
  },
  'transfer-refused': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This service does not connect elsewhere because you say so.',
    http: 403,
  },
  'transfer-nobody': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'There is no worker to move: nobody works there, or all are on their way already.',
    http: 404,
  },
  'transfer-busy': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'As many runs of transfers go on as may. Wait for one to end, or cancel one.',
    http: 429,
  },
  'transfer-unknown': {
    condition: 'item-not-found',
    type: 'cancel',
    text: 'There is no run of transfers with this id. Runs are forgotten when the router ends, and old ones before.',
    http: 404,
  },
} as const satisfies Record<string, ErrorRow>;
