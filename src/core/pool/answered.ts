import { bareOf } from '../jid.ts';
import type { Conversation } from './conversations.ts';
import type { Member } from './member.ts';

/** Senders remembered for each worker. */
const bound = 16;

/**
 * Whom each worker has answered of late: servers return what they cannot deliver from the bare JID
 * of the addressee, and the worker knows him by the address of his full one.
 */
export class Answered {
  readonly #of = new WeakMap<Member, Conversation[]>();

  /** Notes that `member` has answered in `conversation`. */
  note(member: Member, conversation: Conversation): void {
    const known = this.#of.get(member);
    if (known === undefined) {
      this.#of.set(member, [conversation]);
      return;
    }
    if (known.at(-1) === conversation) return;
    const at = known.indexOf(conversation);
    if (at >= 0) known.splice(at, 1);
    else if (known.length >= bound) known.shift();
    known.push(conversation);
  }

  /** The sender of the account `bare` whom `member` answered last; his full JID. */
  last(member: Member, bare: string): string | undefined {
    return this.#of.get(member)?.findLast(({ sender }) => bareOf(sender) === bare)?.sender;
  }
}
