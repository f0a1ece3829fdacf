import type { ErrorType } from '../envelope.ts';

/** One row of the error table: what a peer is told, and what an HTTP client would be. */
export interface ErrorRow {
  /** Defined condition of RFC 6120 8.3.3. */
  readonly condition: string;
  readonly type: ErrorType;
  /** For people, in English; never names anything the peer may not know of. */
  readonly text: string;
  /** Status of the same refusal over HTTP. */
  readonly http: number;
  /** Name of the element of `urn:x-switchyard:delivery:0` that tells programs more than the condition (RFC 6120 8.3.4). */
  readonly element?: string;
  /** Name of the element of `http://jabber.org/protocol/commands` that does so (XEP-0050 section 4.5). */
  readonly command?: string;
}
