import type { ErrorRow } from './row.ts';

/** What a request for an ad-hoc command is refused with (XEP-0050 section 4.5), beside what the command is refused with. */
export const adhocErrors = {
  'adhoc-malformed-action': {
    condition: 'bad-request',
    type: 'modify',
    text: 'There is no such action: it is one of execute, next, prev, complete and cancel.',
    http: 400,
    command: 'malformed-action',
  },
  'adhoc-bad-action': {
    condition: 'bad-request',
    type: 'modify',
    text: 'This stage of the command does not offer that action.',
    http: 400,
    command: 'bad-action',
  },
  'adhoc-bad-payload': {
    condition: 'bad-request',
    type: 'modify',
    text: 'What came with the command cannot be read, names no command, or is too long: send one form of type submit.',
    http: 400,
    command: 'bad-payload',
  },
  'adhoc-bad-session': {
    condition: 'bad-request',
    type: 'modify',
    text: 'You have no such session of this command here. Begin again.',
    http: 400,
    command: 'bad-sessionid',
  },
  'adhoc-session-expired': {
    condition: 'not-allowed',
    type: 'cancel',
    text: 'This session is over: it came to its end, was cancelled, or was not used for long. Begin again.',
    http: 410,
    command: 'session-expired',
  },
  'adhoc-busy': {
    condition: 'unexpected-request',
    type: 'wait',
    text: 'The command is being carried out. Wait for its answer.',
    http: 409,
  },
  'adhoc-full': {
    condition: 'resource-constraint',
    type: 'wait',
    text: 'As many commands are open as may be. Finish one, or try again in some minutes.',
    http: 503,
  },
} as const satisfies Record<string, ErrorRow>;
