import type { Answer } from '../../core/requests/answer.ts';
import { escapeAttribute } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0354 sections 3.2 and 3.3; children and attributes that it does not name are ignored. */
export const readCmr: RequestReader = (child, type) => {
  const name = child.getName();
  if (type === 'get' && name === 'query') return { name: 'cmr-query' };
  if (type === 'set' && name === 'cmr') return { name: 'cmr-set', algorithm: child.attrs['algorithm'] ?? '' };
  return undefined;
};

/** XEP-0354, example 4; of a domain, example 11. */
export function writeCmr(answer: Answer & { name: 'cmr' }): string {
  let inner = answer.active === undefined ? '' : `<active algorithm='${escapeAttribute(answer.active)}'/>`;
  for (const algorithm of answer.available) inner += `<available algorithm='${escapeAttribute(algorithm)}'/>`;
  return `<query xmlns='${ns.cmr}'>${inner}</query>`;
}
