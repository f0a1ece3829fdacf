import { adhocErrors } from './errors/adhoc.ts';
import { commandErrors } from './errors/commands.ts';
import { deliveryErrors } from './errors/deliveries.ts';
import { messageErrors } from './errors/messages.ts';
import { presenceErrors } from './errors/presence.ts';
import { requestErrors } from './errors/requests.ts';
import type { ErrorRow } from './errors/row.ts';
import { transferErrors } from './errors/transfers.ts';

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
