import type { Element } from 'ltx';
import type { IqRequest, IqRequestEnvelope, IqResponseEnvelope } from '../../core/envelope.ts';
import { readError } from './received-error.ts';
import { readInfo } from './received-info.ts';
import { readRequest } from './request.ts';

/** A payload longer than this, in UTF-16 code units, is not kept: it would not be sent back. */
const payloadLimit = 4096;

interface Head {
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
}

/** An inbound IQ (RFC 6120 section 8.2.3). `payload` makes the text of its children. */
export function readIq(stanza: Element, head: Head, payload: () => string): IqRequestEnvelope | IqResponseEnvelope {
  const type = stanza.attrs['type'];
  if (type === 'result' || type === 'error') {
    const error = type === 'error' ? readError(stanza) : undefined;
    const info = type === 'result' ? readInfo(stanza) : undefined;
    return { kind: 'iq-response', from: head.from, to: head.to, id: head.id, error, ...(info && { info }) };
  }
  const text = payload();
  return {
    kind: 'iq-request',
    type: type === 'set' ? 'set' : 'get',
    from: head.from,
    to: head.to,
    id: head.id,
    request: readValid(stanza, type, head.id),
    payload: text.length > payloadLimit ? '' : text,
  };
}

function readValid(stanza: Element, type: string | undefined, id: string | undefined): IqRequest {
  if (type !== 'get' && type !== 'set')
    return { name: 'malformed', problem: 'type is neither of get, set, result, error' };
  if (id === undefined) return { name: 'malformed', problem: 'id is missing' };
  const [child, ...others] = stanza.getChildElements();
  if (child === undefined || others.length > 0) return { name: 'malformed', problem: 'not exactly one child element' };
  return readRequest(child, type);
}
