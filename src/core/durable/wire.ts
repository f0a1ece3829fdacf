import { bareOf, utf8Length } from '../address/jid.ts';
import type { Delivery } from './delivery.ts';
import { stanzaIdOf } from './token.ts';

/** Longest id that goes out as it came, in bytes. */
const idBytes = 128;

/** What decides whether a sender's id will do. */
interface Naming {
  readonly pool: { readonly hidesSenders: boolean };
  named(sender: string, id: string): Delivery | undefined;
}

/**
 * The id that a delivery goes out with: the sender's `own`, where it is not too long, tells nobody who
 * he is, and belongs to no other delivery of his that is out; else the stanza-id.
 */
export function wireOf(queue: Naming, { id, sender }: Delivery, own: string | undefined): string {
  if (own === undefined || own.length > idBytes || utf8Length(own) > idBytes) return stanzaIdOf(id);
  if (queue.pool.hidesSenders && own.includes(bareOf(sender))) return stanzaIdOf(id);
  return queue.named(sender, own) === undefined ? own : stanzaIdOf(id);
}
