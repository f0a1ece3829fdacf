import type { ErrorType } from '../../core/envelope.ts';
import { type ErrorCode, errors } from '../../core/errors/errors.ts';
import type { ErrorRow } from '../../core/errors/row.ts';
import type { Fate } from '../../core/ports.ts';
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
  const row: ErrorRow = errors[code];
  const text = retryAfter === undefined ? row.text : `${row.text} Try again in ${inWords(retryAfter)}.`;
  return errorText(row, by, text, `${ownElement(row.element, ns.delivery)}${ownElement(row.command, ns.commands)}`);
}

function ownElement(name: string | undefined, namespace: string): string {
  return name === undefined ? '' : `<${name} xmlns='${namespace}'/>`;
}

/**
 * The `<error/>` of a message that was accepted and comes back: with how far it got, and the
 * condition of the worker that rejected it, where he gave one.
 *
 * @param by Who returns it.
 */
export function returnedError(code: ErrorCode, by: string, { attempts, stanzaId, error }: Fate): string {
  const row: ErrorRow = errors[code];
  const told = `<${row.element ?? 'returned'} xmlns='${ns.delivery}' attempts='${attempts}' id='${escapeAttribute(stanzaId)}'/>`;
  const reason = error === undefined ? row : { type: error.type, condition: defined(error.condition) };
  return errorText(reason, by, attempts === 0 ? row.text : `${row.text} ${tried(attempts)}`, told);
}

/** An error that somebody else made, told again: its condition and type and nothing more. */
export function receivedError(condition: string, type: ErrorType): string {
  return `<error type='${type}'><${defined(condition)} xmlns='${ns.stanzaErrors}'/></error>`;
}

/** @param told What programs are told beside the condition, as XML text. */
function errorText(reason: Pick<ErrorRow, 'type' | 'condition'>, by: string, text: string, told: string): string {
  return (
    `<error type='${reason.type}' by='${escapeAttribute(by)}'><${reason.condition} xmlns='${ns.stanzaErrors}'/>` +
    `<text xmlns='${ns.stanzaErrors}' xml:lang='en'>${escapeText(text)}</text>${told}</error>`
  );
}

function defined(condition: string): string {
  return conditions.has(condition) ? condition : 'undefined-condition';
}

function tried(attempts: number): string {
  return attempts === 1 ? 'It was given to a worker once.' : `It was given to workers ${attempts} times.`;
}

function inWords(seconds: number): string {
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
