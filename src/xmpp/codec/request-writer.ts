import type { IqRequestEnvelope, IqResponseEnvelope, MessageEnvelope, PresenceEnvelope } from '../../core/envelope.ts';
import { errors } from '../../core/errors/errors.ts';
import type { Redirection } from '../../core/ports.ts';
import type { MovedTo } from '../../core/settings.ts';
import { addressed } from './addressed.ts';
import { changeQuery } from './changed-query.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { exceeds } from './exceeds.ts';
import { ns } from './namespaces.ts';
import { receivedError } from './stanza-error.ts';
import { withoutTraces } from './traces.ts';
import { uriOf } from './uri.ts';

/** A request's payload goes back with an error (RFC 6120 section 8.3.1) up to this many bytes. */
const payloadLimit = 4096;

/** What of a request goes back with an error. */
export function returnedPayload({ payload }: IqRequestEnvelope): string {
  return exceeds(payload, payloadLimit) ? '' : payload;
}

/**
 * One error that is right by RFC 6120 (8.3.3.14) and by JEP-0051: the new address, and the complete
 * redirected query, whose envelope has all attributes of the original but `to`. The first alone cannot
 * say that the query is another; then it says no address, so that nobody sends the old one there.
 *
 * @param by Who redirects.
 */
export function redirectText(request: IqRequestEnvelope, { to, query }: Redirection, by: string): string {
  const { payload } = request;
  const address = query === undefined ? `>${escapeText(uriOf(to))}</redirect>` : '/>';
  const redirected = query === undefined ? payload : changeQuery(payload, query);
  const id = request.id === undefined ? '' : ` id='${escapeAttribute(request.id)}'`;
  return (
    `<iq type='error'${addressed(request.to, request.from, request.id)}>${payload}` +
    `<error type='modify' code='302' by='${escapeAttribute(by)}'><redirect xmlns='${ns.stanzaErrors}'${address}` +
    `<iq xmlns='${ns.client}'${id} type='get' to='${escapeAttribute(to)}'${langOf(request)}${request.attributes ?? ''}>` +
    `${redirected}</iq></error></iq>`
  );
}

/** That a pool has moved: RFC 6120 8.3.3.5 for good, 8.3.3.14 for now. */
export function movedText(
  stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope,
  { to, permanent }: MovedTo,
  by: string,
): string {
  const { condition, type, text } = errors[permanent ? 'moved-for-good' : 'moved'];
  const name = stanza.kind === 'iq-request' ? 'iq' : stanza.kind;
  const payload = stanza.kind === 'iq-request' ? returnedPayload(stanza) : '';
  return (
    `<${name} type='error'${addressed(stanza.to, stanza.from, stanza.id)}>${payload}<error type='${type}' by='${escapeAttribute(by)}'>` +
    `<${condition} xmlns='${ns.stanzaErrors}'>${escapeText(uriOf(to))}</${condition}>` +
    `<text xmlns='${ns.stanzaErrors}' xml:lang='en'>${escapeText(text)}</text></error></${name}>`
  );
}

/** A request on its way to a worker; where the pool hides its senders, without what could tell who asks. */
export function askText(request: IqRequestEnvelope, from: string, to: string, id: string, hides: boolean): string {
  const content = hides ? withoutTraces(request.payload, request.from, from) : request.payload;
  const attributes = hides ? '' : (request.attributes ?? '');
  return `<iq type='${request.type}'${addressed(from, to, id)}${langOf(request)}${attributes}>${content}</iq>`;
}

/** A worker's answer on its way to who asked. */
export function replyText(request: IqRequestEnvelope, response: IqResponseEnvelope): string {
  const type = response.error === undefined ? 'result' : 'error';
  const head = `<iq type='${type}'${addressed(request.to, request.from, request.id)}${langOf(response)}`;
  // An error without an error would be none.
  const bare = response.error === undefined ? '' : receivedError(response.error.condition, response.error.type);
  const content = response.payload ?? bare;
  return content === '' ? `${head}/>` : `${head}>${content}</iq>`;
}

function langOf({ lang }: { readonly lang?: string | undefined }): string {
  return lang === undefined ? '' : ` xml:lang='${escapeAttribute(lang)}'`;
}
