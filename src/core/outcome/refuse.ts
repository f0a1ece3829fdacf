import type { IqRequestEnvelope, MessageEnvelope, RefusedStanza } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { OverRate } from '../pool/rules/rates.ts';
import type { Out, Sent } from '../ports.ts';
import { bounced, dropped, type Outcome } from './outcome.ts';

/** Answers `stanza` with the error `code`. An answer that cannot be written counts as dropped. */
export function refuse(
  out: Out,
  stanza: MessageEnvelope | IqRequestEnvelope | RefusedStanza,
  code: ErrorCode,
): Outcome {
  if (stanza.kind === 'message' && stanza.event !== undefined) return dropEvent(code);
  const sent = out.bounce(stanza, code);
  return sent === 'sent' ? bounced(code) : dropped(sent === 'too-large' ? 'shed' : 'link-down');
}

/** Refuses what is over a rate: it says when to come back; signals, headlines and errors are dropped. */
export function refuseOverRate(out: Out, message: MessageEnvelope, { code, retryAfter }: OverRate): Outcome {
  if (message.signal || message.type === 'headline' || message.type === 'error') return dropped('over-rate');
  const sent = out.bounce(message, code, retryAfter);
  return sent === 'sent' ? bounced(code) : dropped(sent === 'too-large' ? 'shed' : 'link-down');
}

/**
 * Refuses a message as its type demands: a headline is never answered (RFC 6121 8.5.2.1.1),
 * every other kind of message is.
 */
export function refuseMessage(out: Out, message: MessageEnvelope, code: ErrorCode): Outcome {
  if (message.event !== undefined) return dropEvent(code);
  if (message.type === 'headline' && code !== 'headline-refused') {
    return dropped(code === 'no-worker' ? 'headline-no-worker' : 'headline-unreachable');
  }
  return refuse(out, message, code);
}

/** A PubSub event is never answered: a service may end the subscription for it. */
function dropEvent(code: ErrorCode): Outcome {
  return dropped(code === 'no-worker' ? 'event-no-worker' : 'event-shed');
}

/** The outcome of a message that could not be written, its sender told why where that is possible. */
export function unsent(out: Out, message: MessageEnvelope, sent: Exclude<Sent, 'sent'>): Outcome {
  if (sent === 'link-down') return dropped('link-down');
  return refuseMessage(out, message, sent === 'too-large' ? 'too-large' : 'overloaded');
}
