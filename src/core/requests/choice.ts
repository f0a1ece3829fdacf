import type { IqRequestEnvelope } from '../envelope.ts';
import { stickyKeyOf } from '../pool/dispatch/sticky-key.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { ElementReader } from '../ports.ts';

/**
 * The worker that the pool's algorithm gives a request to: one, since a request has one answer. Of those
 * that `all` would choose it is the most available. Never who asks, nor one of `failed`.
 */
export function chooseWorker(
  pool: Pool,
  request: IqRequestEnvelope,
  failed: readonly Member[],
  read: ElementReader,
  now: number,
): Member | undefined {
  const algorithm = pool.algorithm === 'all' ? 'mostactive' : pool.algorithm;
  const behind = pool.roster.farBehind(request.from);
  const exclude = (member: Member): boolean =>
    member.jid === request.from || member === behind || failed.includes(member);
  const keyed = { from: request.from, thread: undefined, tail: request.payload };
  const key = algorithm === 'sticky' ? stickyKeyOf(pool.settings.stickyKey, keyed, read) : undefined;
  return pool.candidates.pick(algorithm, now, exclude, key);
}
