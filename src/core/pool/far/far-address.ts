import type { MessageEnvelope } from '../../envelope.ts';
import { ownCopy } from '../../memory/own-copy.ts';
import type { Conversation } from '../conversation/conversations.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';

/** The message as of the static member behind whom its writer is, if he is behind one: a pool speaks for its workers. */
export function asOfMember(pool: Pool, message: MessageEnvelope): MessageEnvelope {
  const member = pool.roster.farBehind(message.from);
  return member === undefined || member.jid === message.from ? message : { ...message, from: member.jid };
}

/** Whether the message has passed the static member on its way here: to give it back would be refused as a loop. */
export function cameThrough({ far, jid }: Member, { hops }: Pick<MessageEnvelope, 'hops'>): boolean {
  return far !== undefined && hops?.includes(jid) === true;
}

/** Notes the address behind a static member that has answered in `conversation`. */
export function noteAnswerer(conversation: Conversation, member: Member, from: string): void {
  if (member.far === undefined || from === conversation.answeredFrom || from === member.jid) return;
  conversation.answeredFrom = ownCopy(from);
}

/**
 * Where `member` gets a message of `conversation`: at its own address, but for what is meant for it alone and its
 * worker has answered before. Then it goes to that worker (RFC 6121 5.1), as far as his pool still has him.
 * @param to What the sender wrote to.
 */
export function addressOf(member: Member, conversation: Conversation, to: string): string {
  const { answeredFrom } = conversation;
  if (member.far === undefined || answeredFrom === undefined || !to.endsWith(`/~${member.label}`)) return member.jid;
  return answererBehind(member, conversation);
}

/** Who behind `member` has answered in `conversation` last; the member itself where nobody has. */
export function answererBehind({ far, jid }: Member, { answeredFrom }: Conversation): string {
  return far !== undefined && answeredFrom?.startsWith(`${jid}/`) === true ? answeredFrom : jid;
}
