import type { Answer } from '../../core/requests/answer.ts';
import { escapeText } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0092 section 3. */
export const readVersion: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'query' ? { name: 'version' } : undefined;

/** XEP-0092, example 2; the operating system is nobody's business. */
export function writeVersion(answer: Answer & { name: 'version' }): string {
  const { title, version } = answer;
  return `<query xmlns='${ns.version}'><name>${escapeText(title)}</name><version>${escapeText(version)}</version></query>`;
}
