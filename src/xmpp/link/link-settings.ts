import type { Destination } from '../../core/transfer/destination.ts';

/** Where the server is and how to hold the link to it. Times are milliseconds. */
export interface LinkSettings {
  readonly host: string;
  readonly port: number;
  /** The component's own domain: the `to` of the stream header (XEP-0114 section 3). */
  readonly domain: string;
  /** Shared with the server; any Unicode text, hashed as UTF-8. */
  readonly secret: string;
  /** Where the operator wrote it, for the texts: a key, and a file or a variable. */
  readonly secretFrom: string;
  /** From the first TCP packet to the server's `<handshake/>`. */
  readonly handshakeTimeout: number;
  /** White space after so long without a write; a ping after so long without a byte read. */
  readonly keepalive: number;
  /** How long a ping may stay without any byte read before the link counts as dead. */
  readonly pingTimeout: number;
  readonly reconnect: ReconnectSettings;
  /** Where the server may send the component; nowhere when empty. */
  readonly follow: readonly Destination[];
  /** Text waiting to be sent above which work is refused, in UTF-16 code units; answers are refused at twice that. */
  readonly outBuffer: number;
}

/** Bounds of the delay before a new attempt, in milliseconds. */
export interface ReconnectSettings {
  readonly min: number;
  readonly max: number;
}
