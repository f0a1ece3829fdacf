import type { Element } from './element.ts';

/** A worker, a sender or a conversation on a connection. All but `stanza` may be left out. */
export interface Part {
  /** Features that the session advertises for it (XEP-0030). */
  readonly features?: readonly string[];
  /** Logged in; also after each reconnect. */
  online?(): void;
  offline?(): void;
  /** A message or presence; `true` when it was for this part and for no other. */
  stanza(stanza: Element): boolean;
  /** A request with one child; `undefined` when it is not for this part. */
  request?(iq: Element): Promise<Element | true> | undefined;
  /** Stop taking, finish what is in hand. Called before the session ends and before it moves. */
  leave?(): Promise<void>;
  /** The connection has stopped; no session comes any more. */
  stopped?(): void;
}
