import { adhocErrors } from './adhoc.ts';
import { commandErrors } from './commands.ts';
import { deliveryErrors } from './deliveries.ts';
import { messageErrors } from './messages.ts';
import { presenceErrors } from './presence.ts';
import { requestErrors } from './requests.ts';
import type { ErrorRow } from './row.ts';
import { transferErrors } from './transfers.ts';

/**
 * Every error that Switchyard sends. The key is the code: it is the `reason` label of the
 * metrics and never changes its meaning. `docs/errors.md` is generated from this table.
 */
export const errors = {
  ...messageErrors,
  ...deliveryErrors,
  ...presenceErrors,
  ...requestErrors,
  ...transferErrors,
  ...commandErrors,
  ...adhocErrors,
  internal: {
    condition: 'internal-server-error',
    type: 'cancel',
    text: 'A fault of this service kept it from handling the stanza. Its operator can find it in the log.',
    http: 500,
  },
} as const satisfies Record<string, ErrorRow>;

/** A code of the error table. */
export type ErrorCode = keyof typeof errors;
