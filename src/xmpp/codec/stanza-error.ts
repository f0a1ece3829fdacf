import type { ErrorType } from '../../core/envelope.ts';
import { type ErrorCode, errors } from '../../core/errors.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { ns } from './namespaces.ts';

/** The defined conditions (RFC 6120 section 8.3.3): a name that somebody sent is no other. */
const conditions: ReadonlySet<string> = new Set([
  'bad-request',
  'conflict',
  'feature-not-implemented',
  'forbidden',
  'gone',
  'internal-server-error',
  'item-not-found',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
  'recipient-unavailable',
  'redirect',
  'registration-required',
  'remote-server-not-found',
  'remote-server-timeout',
  'resource-constraint',
  'service-unavailable',
  'subscription-required',
  'undefined-condition',
  'unexpected-request',
]);

/**
 * The `<error/>` of the error table (RFC 6120 section 8.3.2).
 *
 * @param by Who reports it.
 * @param retryAfter Seconds after which to come back, for the text.
 */
export function stanzaError(code: ErrorCode, by: string, retryAfter?: number): string {
  const row = errors[code];
  const text = retryAfter === undefined ? row.text : `${row.text} Try again in ${inWords(retryAfter)}.`;
  return (
    `<error type='${row.type}' by='${escapeAttribute(by)}'><${row.condition} xmlns='${ns.stanzaErrors}'/>` +
    `<text xmlns='${ns.stanzaErrors}' xml:lang='en'>${escapeText(text)}</text></error>`
  );
}

/** An error that somebody else made, told again: its condition and type and nothing more. */
export function receivedError(condition: string, type: ErrorType): string {
  const name = conditions.has(condition) ? condition : 'undefined-condition';
  return `<error type='${type}'><${name} xmlns='${ns.stanzaErrors}'/></error>`;
}

function inWords(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
