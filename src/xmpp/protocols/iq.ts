import type { Element } from 'ltx';
import type { IqRequest, IqRequestEnvelope, IqResponseEnvelope } from '../../core/envelope.ts';
import { escapeAttribute } from '../codec/escape.ts';
import { readSubscriptions } from './pubsub.ts';
import { readError } from './received-error.ts';
import { readInfo } from './received-info.ts';
import { readRequest } from './request.ts';

interface Head {
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
}

/** Attributes that every IQ has, or that are written anew. */
const known: ReadonlySet<string> = new Set(['from', 'to', 'id', 'type', 'xmlns', 'xml:lang']);

/** An inbound IQ (RFC 6120 section 8.2.3). `payload` makes the text of its children. */
export function readIq(stanza: Element, head: Head, payload: () => string): IqRequestEnvelope | IqResponseEnvelope {
  const type = stanza.attrs['type'];
  const lang = stanza.attrs['xml:lang'] || undefined;
  const { from, to, id } = head;
  if (type === 'result' || type === 'error') {
    const error = type === 'error' ? readError(stanza) : undefined;
    const info = type === 'result' ? readInfo(stanza) : undefined;
    const text = payload();
    const subscriptions = type === 'result' ? readSubscriptions(stanza) : undefined;
    const more = {
      ...(text && { payload: text }),
      ...(info && { info }),
      ...(subscriptions && { subscriptions }),
      ...(lang && { lang }),
    };
    return { kind: 'iq-response', from, to, id, error, ...more };
  }
  const attributes = otherAttributes(stanza);
  return {
    kind: 'iq-request',
    type: type === 'set' ? 'set' : 'get',
    from,
    to,
    id,
    request: readValid(stanza, type, id),
    payload: payload(),
    ...(lang && { lang }),
    ...(attributes && { attributes }),
  };
}

function otherAttributes({ attrs }: Element): string {
  let text = '';
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== undefined && !known.has(name)) text += ` ${name}='${escapeAttribute(value)}'`;
  }
  return text;
}

function readValid(stanza: Element, type: string | undefined, id: string | undefined): IqRequest {
  if (type !== 'get' && type !== 'set')
    return { name: 'malformed', problem: 'type is neither of get, set, result, error' };
  if (id === undefined) return { name: 'malformed', problem: 'id is missing' };
  const [child, ...others] = stanza.getChildElements();
  if (child === undefined || others.length > 0) return { name: 'malformed', problem: 'not exactly one child element' };
  return readRequest(child, type);
}
