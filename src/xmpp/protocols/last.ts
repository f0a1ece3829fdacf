import type { Answer } from '../../core/requests/answer.ts';
import { ns } from '../codec/namespaces.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0012 section 2. */
export const readLast: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'query' ? { name: 'last' } : undefined;

/** XEP-0012, example 9. */
export function writeLast(answer: Answer & { name: 'last' }): string {
  return `<query xmlns='${ns.last}' seconds='${answer.seconds}'/>`;
}
