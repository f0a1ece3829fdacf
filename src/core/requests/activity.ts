import { mayCount } from '../discovery/disco.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';
import type { Answer } from './answer.ts';

/**
 * Answers XEP-0012: for the service how long it has been up, for a pool how long ago its last
 * member left (0 while it has any), which is presence and so told only to those who may count.
 */
export function lastActivity(service: Service, pool: Pool | undefined, from: string, now: number): Answer | ErrorCode {
  if (pool === undefined) return answer(service.startedAt, now);
  if (!mayCount(service, pool, from)) return 'activity-forbidden';
  return answer(pool.roster.size > 0 ? now : (pool.occupiedAt ?? service.startedAt), now);
}

function answer(since: number | undefined, now: number): Answer {
  return { name: 'last', seconds: Math.max(0, Math.floor((now - (since ?? now)) / 1_000)) };
}
