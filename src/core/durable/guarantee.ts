import { isPassedOn } from '../address/sender-account.ts';
import type { MessageEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import type { Pool } from '../pool/pool.ts';

/** Whether a message to `pool` is to be kept until it is acknowledged. What it may not ask for was refused before. */
export function isDurable(pool: Pool, message: MessageEnvelope): boolean {
  const { guarantee, hints } = pool.settings.delivery;
  if (guarantee === 'plain' && message.terms === undefined) return false;
  if (message.type === 'headline' || message.signal || message.instance !== undefined) return false;
  const asked = message.terms?.guarantee;
  return guarantee === 'plain' ? asked === 'at-least-once' : asked !== 'plain' || !hints.includes('plain');
}

/** Why the pool does not give what the message asks for; a guarantee is never lowered in silence. */
export function termsRefusal(pool: Pool, message: MessageEnvelope): ErrorCode | undefined {
  const { terms, type } = message;
  if (terms === undefined) return undefined;
  if (terms.problem !== undefined) return 'terms';
  const { guarantee, hints } = pool.settings.delivery;
  const may = guarantee === 'at-least-once' || hints.includes('at-least-once');
  const asks = terms.guarantee === 'at-least-once' || (terms.queued && terms.guarantee === undefined);
  if (asks && (!may || type === 'headline')) return 'guarantee-refused';
  // A pool that passes it on says how much of its own time is left.
  if (terms.ttl !== undefined && !hints.includes('ttl') && !isPassedOn(message)) return 'guarantee-refused';
  const mayBePlain = guarantee === 'plain' || hints.includes('plain');
  return terms.guarantee === 'plain' && (terms.queued || !mayBePlain) ? 'guarantee-refused' : undefined;
}
