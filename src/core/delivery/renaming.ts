import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Pool } from '../pool/pool.ts';
import type { Renaming } from '../ports.ts';

/**
 * How a worker's message has to call the sender's message that it names, where that went out with
 * an id of ours. A message that came without an id has no other name.
 */
export function renamingFor(pool: Pool, conversation: Conversation, message: MessageEnvelope): Renaming | undefined {
  return backFrom(message.refersTo, pool, conversation) ?? backFrom(message.receipt, pool, conversation);
}

function backFrom(id: string | undefined, pool: Pool, conversation: Conversation): Renaming | undefined {
  if (id === undefined) return undefined;
  const original = pool.ring.find(conversation, id)?.original;
  return original === undefined ? undefined : { from: id, to: original };
}
