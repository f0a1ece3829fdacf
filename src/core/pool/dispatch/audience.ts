import type { MessageEnvelope } from '../../envelope.ts';
import { cameThrough } from '../far/far-address.ts';
import { type Member, reachable } from '../member.ts';
import type { Pool } from '../pool.ts';

/** Whom RFC 6121 8.5.2.1.1 gives a headline to: all that are available and not negative. */
export function audience(pool: Pool, message: MessageEnvelope): readonly Member[] {
  return [...pool.roster].filter(
    (member) =>
      member.priority >= 0 && reachable(member) && member.jid !== message.from && !cameThrough(member, message),
  );
}
