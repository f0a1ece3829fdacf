import { accountOf } from '../../address/sender-account.ts';
import type { MessageEnvelope } from '../../envelope.ts';
import type { ElementReader } from '../../ports.ts';
import { hashText } from '../../select/hash.ts';
import type { StickyKey } from '../../settings.ts';

/** What a key can be found in: a message, or a request. */
type Keyed = Pick<MessageEnvelope, 'from' | 'thread' | 'tail' | 'hops'>;

/**
 * The key of a message for the algorithm `sticky`, as a hash. A message without the key that the
 * pool goes by has that of its sender, so that what belongs together at least by sender stays so.
 */
export function stickyKeyOf(key: StickyKey, message: Keyed, read: ElementReader): number {
  const value = findKey(key, message, read);
  if (value !== undefined) return hashText(value);
  if (message.hops !== undefined) return hashText(accountOf(message));
  const slash = message.from.indexOf('/');
  return hashText(message.from, slash < 0 ? message.from.length : slash);
}

function findKey(key: StickyKey, message: Keyed, read: ElementReader): string | undefined {
  switch (key.by) {
    case 'from':
      return undefined;
    case 'thread':
      return message.thread;
    case 'element':
      return read(message.tail, key);
  }
}
