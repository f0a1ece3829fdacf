import type { Element } from './element.ts';

/** How to log in. */
export interface Login {
  readonly username: string;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly password: string;
  /** `xmpp://host:port` (STARTTLS), `xmpps://host:port` (TLS at once), `wss://...`; else DNS says. */
  readonly service: string | undefined;
  /** No password before the stream is encrypted, with a certificate for `domain`. */
  readonly requireTls: boolean;
  /** SASL mechanism; else the best that both sides know. */
  readonly mechanism: string | undefined;
}

/** One login, from its success to its end. */
export interface Stream {
  /** Full JID. */
  readonly jid: string;
  readonly secure: boolean;
  /** Settles when it is written. */
  write(stanza: Element): Promise<void>;
  /** Closes stream and socket; settles when that is over, whether or not the server agreed. */
  close(): Promise<void>;
  /** Ends the socket at once. */
  kill(): void;
}

export interface StreamEvents {
  stanza(stanza: Element): void;
  /** A request with one child: resolves with a payload, `true` (an empty result), or nothing (not known here). */
  request(iq: Element): Promise<Element | true | undefined>;
  /** The server closes the stream and names another host (RFC 6120 section 4.9.3.19). */
  seeOtherHost(host: string): void;
  /** Something went wrong that ends nothing. */
  problem(error: Error): void;
  /** The end; once, and only after a successful login. */
  closed(reason: string): void;
}

/** Logs in; fails when that fails. */
export type Dial = (login: Login, events: StreamEvents) => Promise<Stream>;
