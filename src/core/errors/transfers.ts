import type { ErrorRow } from './row.ts';

/** What a connection transfer is refused with. */
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
} as const satisfies Record<string, ErrorRow>;
