import type { Notify } from './notice.ts';

export interface ConnectionOptions {
  /** `user@server/name`; each process needs a name of its own. */
  readonly address: string;
  readonly password: string;
  /** Where the server is, such as `xmpp://127.0.0.1:5222` or `xmpps://example.org:5223`; else DNS says. */
  readonly service?: string;
  /**
   * `required`: no password and no stanza without TLS and a certificate for the account's domain.
   * `offered`: TLS if the server offers it. Default: `required`, except on loopback.
   */
  readonly tls?: 'required' | 'offered';
  /** SASL mechanism; default the best that both sides know. `PLAIN` saves time where the line is safe. */
  readonly mechanism?: string;
  /**
   * Domains that may move the session to another host of its server (XEP-0051), beside the own server;
   * to obey the router, name the domain of the pools.
   */
  readonly transfersFrom?: readonly string[];
  /** Milliseconds between two tries: a random part of a bound that doubles from `min` (1000) to `max` (60 000). */
  readonly reconnect?: { readonly min?: number; readonly max?: number };
  /** Milliseconds of silence after which the server is pinged; default 60 000. */
  readonly keepalive?: number;
  /** Milliseconds for work in hand when the connection stops or moves; default 30 000. */
  readonly drainTimeout?: number;
  /** Told what happens; default: what goes wrong is written to standard error. */
  readonly notify?: Notify;
}
