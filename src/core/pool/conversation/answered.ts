import { bareOf } from '../../address/jid.ts';
import type { Member } from '../member.ts';
import type { Conversation } from './conversations.ts';

/** Senders remembered for each worker. */
const bound = 8;

/**
 * Notes that `member` has answered in `conversation`. Servers return what they cannot deliver from
 * the bare JID of the addressee, and the worker knows him by the address of his full one.
 */
export function noteAnswered(member: Member, conversation: Conversation): void {
  const known = member.repliedIn;
  if (known.at(-1) === conversation) return;
  const at = known.indexOf(conversation);
  const rest = at < 0 && known.length < bound ? known : known.filter((_, index) => index !== Math.max(0, at));
  // `concat` makes it as long as it has to be; what grows takes room for many more, and workers are many.
  member.repliedIn = rest.concat([conversation]);
}

/** The sender of the account `bare` whom `member` answered last; his full JID. */
export function lastAnswered(member: Member, bare: string): string | undefined {
  return member.repliedIn.findLast(({ sender }) => bareOf(sender) === bare)?.sender;
}
