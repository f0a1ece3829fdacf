import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import { type Member, reachable } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';

/**
 * Who should get a message that is about another one: the workers that had the one it names, else
 * the worker that served its sender last. Those that have left, or may have, are not
 * among them, nor is the sender.
 */
export function knowersOf(
  pool: Pool,
  conversation: Conversation,
  message: MessageEnvelope,
  now: number,
): readonly Member[] {
  const { refersTo } = message;
  const forward = refersTo === undefined ? undefined : pool.ring.find(conversation, refersTo);
  const knowers = forward === undefined ? [] : [...forward.workers()].filter((member) => isHere(pool, member, message));
  if (knowers.length > 0) return knowers;
  const last = pool.roster.get(conversation.worker);
  const remembered = now - conversation.at <= pool.settings.replyWindow;
  return last !== undefined && remembered && isHere(pool, last, message) ? [last] : [];
}

function isHere(pool: Pool, member: Member, message: MessageEnvelope): boolean {
  return member.jid !== message.from && pool.roster.holds(member) && member.state !== 'checking' && reachable(member);
}
