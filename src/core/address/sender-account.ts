import type { MessageEnvelope } from '../envelope.ts';
import { bareOf, resourceOf } from './jid.ts';

/**
 * Whose a message is, for what goes by its sender: his bare JID. Of a message that another pool passes on, the sender
 * is behind the address that it comes from, `pool@domain/sender`: what is one sender's there must not be taken for
 * that of all who write to that pool. Who invents a way for his message only says less of himself.
 */
export function accountOf({ from, hops }: Pick<MessageEnvelope, 'from' | 'hops'>): string {
  if (hops === undefined) return bareOf(from);
  let rest = from;
  let account = '';
  for (let depth = 0; depth < hops.length; depth += 1) {
    const bare = bareOf(rest);
    const behind = hops.includes(bare) ? resourceOf(rest) : undefined;
    if (behind === undefined) break;
    account += `${bare}/`;
    rest = behind;
  }
  return account + bareOf(rest);
}

/** Whether a message comes from another pool, which passes it on. */
export function isPassedOn({ hops }: Pick<MessageEnvelope, 'hops'>): boolean {
  return hops !== undefined && hops.length > 0;
}
