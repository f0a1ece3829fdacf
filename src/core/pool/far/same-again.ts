import type { Attempted } from '../../durable/desk.ts';
import { eligible, type Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** How often a pool is given again what it did not answer for. */
const repeats = 1;

/**
 * The pool of another domain that gets a durable message once more, because it said nothing of it: it may have it on
 * its disk, and then it knows it, and says so. Any other would do it a second time.
 */
export function sameAgain(pool: Pool, attempted: Attempted): Member | undefined {
  const last = attempted?.history.at(-1);
  if (attempted === undefined || last?.level !== 'queued' || (last.end !== 'timeout' && last.end !== 'unsent')) {
    return undefined;
  }
  const member = pool.roster.get(last.worker);
  const silent = attempted.history.filter(({ worker, end }) => worker === last.worker && end === 'timeout').length;
  return member?.state === 'verified' && eligible(member) && silent <= repeats ? member : undefined;
}
