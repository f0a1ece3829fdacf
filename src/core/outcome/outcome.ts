import type { ErrorCode } from '../errors/errors.ts';

/** Why a stanza was dropped without an answer. Kept few: they are labels of a metric. */
export type DropReason =
  | 'error-unmatched' // an error that belongs to no delivery we know
  | 'error-to-service' // errors are never answered (RFC 6120 8.3.1)
  | 'headline-no-worker' // RFC 6121 8.5.2.2.1: silently ignored
  | 'headline-unreachable' // a headline is never answered with an error (RFC 6121 8.5.2.1.1)
  | 'event-no-worker' // a PubSub event; they are never answered
  | 'event-shed' // a PubSub event for which there was no room, or no time
  | 'event-not-subscribed' // of a service that the pool subscribes to, but not by a subscription of ours
  | 'signal-no-worker' // a chat state or receipt with nobody to show it to
  | 'signal-misaddressed' // a worker's, to the pool itself instead of where the message came from
  | 'over-rate' // too fast, and of a kind that is not answered
  | 'response-unmatched' // an IQ answer to nothing that we asked
  | 'response-late' // to a request that was given up, or given to another worker
  | 'response-duplicate' // to a request that was answered
  | 'response-forged' // to a request that somebody else was given
  | 'presence-ignored' // presence that has no meaning here
  | 'no-address' // from or to is missing: nobody to answer
  | 'invalid-from' // a from that is no JID
  | 'own-address' // from our own domain: a loop
  | 'foreign-address' // to a domain that is not ours: an answer would cost us the link
  | 'unknown-element'
  | 'link-down' // the answer could not be written
  | 'fault' // a fault of ours: see the log
  | 'shed'; // too large, or no room, and not to be answered

/**
 * The end of one inbound stanza. Each adds 1 to `received` and, in the same turn, 1 to
 * exactly one of these; an outcome is never revised.
 */
export type Outcome =
  | { readonly kind: 'forwarded' } // given to one or more workers
  | { readonly kind: 'relayed' } // a reply, signal or error passed on to its addressee
  | { readonly kind: 'queued' } // waits for a worker to be verified
  | { readonly kind: 'answered' } // a request answered with its result
  | { readonly kind: 'consumed' } // presence, pongs: taken in
  | { readonly kind: 'bounced'; readonly reason: ErrorCode } // answered with an error
  | { readonly kind: 'dropped'; readonly reason: DropReason };

export const forwarded: Outcome = { kind: 'forwarded' };
export const relayed: Outcome = { kind: 'relayed' };
export const queued: Outcome = { kind: 'queued' };
export const answered: Outcome = { kind: 'answered' };
export const consumed: Outcome = { kind: 'consumed' };

/** The outcome of a stanza that was answered with the error `reason`. */
export function bounced(reason: ErrorCode): Outcome {
  return { kind: 'bounced', reason };
}

/** The outcome of a stanza that nobody is told about, with the reason that is counted. */
export function dropped(reason: DropReason): Outcome {
  return { kind: 'dropped', reason };
}
