import type { MessageEnvelope } from '../../envelope.ts';
import { algorithmOf } from '../../select/table.ts';
import type { AlgorithmName } from '../../settings.ts';
import type { Pool } from '../pool.ts';

/** The algorithm that the sender's hint asks for, where the pool takes such hints. */
export function hintedAlgorithm(pool: Pool, message: MessageEnvelope): AlgorithmName | undefined {
  const hinted = message.hint === undefined ? undefined : algorithmOf(message.hint);
  return hinted !== undefined && pool.settings.cmrHints.includes(hinted) ? hinted : undefined;
}
