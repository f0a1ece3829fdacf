import type { Answer } from '../../core/requests/answer.ts';
import { ns } from '../codec/namespaces.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0202 section 2. */
export const readTime: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'time' ? { name: 'time' } : undefined;

/** XEP-0202, example 2; a service has no local time worth telling, so the zone is UTC. */
export function writeTime(answer: Answer & { name: 'time' }): string {
  const utc = new Date(answer.now).toISOString().replace(/\.\d+Z$/, 'Z');
  return `<time xmlns='${ns.time}'><tzo>+00:00</tzo><utc>${utc}</utc></time>`;
}
