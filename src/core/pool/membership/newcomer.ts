import { bareOf, resourceOf } from '../../address/jid.ts';
import type { PresenceEnvelope } from '../../envelope.ts';
import { ownCopy } from '../../memory/own-copy.ts';
import { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/**
 * Makes a member of whoever sends this presence, with a label that is free and the next place in join order.
 * @param pings Whether its client answers pings, if that is known from before.
 */
export function newcomer(pool: Pool, presence: PresenceEnvelope, pings: boolean | undefined, now: number): Member {
  const { from, wish } = presence;
  // What it wishes may be a piece of all that was read with it.
  const wished = wish?.label === undefined ? resourceOf(from) : ownCopy(wish.label);
  const member = new Member(
    {
      pool: pool.settings.name,
      jid: from,
      label: pool.roster.freeLabel(wished ?? '', bareOf(from)),
      sequence: pool.roster.takeSequence(),
      priority: presence.priority,
      show: presence.show,
      wishedWeight: wish?.weight,
      capacity: wish?.capacity,
      configuredWeight: pool.weightOf(from),
      drain: wish?.drain ?? false,
      state: 'verified',
      pings,
      seen: now,
    },
    pool.ledger,
  );
  member.server = wish?.server;
  return member;
}
