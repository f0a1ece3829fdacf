import type { Element } from 'ltx';
import type { ErrorType, ReceivedError } from '../../core/envelope.ts';
import { ns } from '../codec/namespaces.ts';

const types: ReadonlySet<string> = new Set<ErrorType>(['auth', 'cancel', 'continue', 'modify', 'wait']);

/** The `<error/>` of a stanza of type `error` (RFC 6120 section 8.3.2); what it does not say is taken to be final. */
export function readError(stanza: Element): ReceivedError {
  const error = stanza.getChildElements().find((child) => child.getName() === 'error');
  const type = error?.attrs['type'];
  const condition = error
    ?.getChildElements()
    .find((child) => child.getNS() === ns.stanzaErrors && child.getName() !== 'text');
  // JEP-0051 has no condition (XEP-0086 maps the code).
  const otherwise = error?.attrs['code'] === '302' ? 'redirect' : 'undefined-condition';
  const pubsub = error?.getChildElements().find((child) => child.getNS() === ns.pubsubErrors);
  const by = error?.attrs['by'];
  return {
    ...(by === undefined ? {} : { by }),
    ...(pubsub && { pubsub: pubsub.getName() }),
    condition: condition?.getName() ?? otherwise,
    type: isErrorType(type) ? type : 'cancel',
  };
}

function isErrorType(type: unknown): type is ErrorType {
  return typeof type === 'string' && types.has(type);
}
