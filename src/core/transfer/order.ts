import type { Destination } from './destination.ts';

/**
 * How a transfer is written: `cxfr` as in XEP-0051 0.2 (`urn:xmpp:cxfr`), `srvxfr` as in 0.0.2 and
 * 0.1 (`jabber:iq:srvxfr`). Only the namespace differs.
 */
export type TransferForm = 'cxfr' | 'srvxfr';

/** That a client shall connect elsewhere (XEP-0051, section 2). */
export interface TransferOrder {
  readonly form: TransferForm;
  /** The domain to log in to, and what the certificate must be for; `undefined` where it is not said. */
  readonly domain: string | undefined;
  /** Where to connect. The domain itself without a port means: simply connect again. */
  readonly server: Destination;
}
