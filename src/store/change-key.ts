import type { DeliveryChange } from '../core/delivery-state.ts';
import type { Change } from '../core/durable-state.ts';

/** What row a change is of; changes of equal keys replace each other. `undefined` for a change of many rows. */
export function keyOf(change: Exclude<Change, DeliveryChange>): string | undefined {
  const { op, pool } = change;
  if (op === 'put-member' || op === 'remove-member') return `m\0${pool}\0${change.jid}`;
  if (op === 'put-conversation') return `c\0${pool}\0${change.sender}`;
  if (op === 'put-subscription' || op === 'remove-subscription') return `s\0${pool}\0${change.peer}`;
  if (op === 'put-label' || op === 'remove-label') return `l\0${pool}\0${change.label}`;
  if (op === 'put-order' || op === 'remove-order') return `o\0${pool}\0${change.jid}`;
  if (op === 'put-pool' || op === 'remove-pool') return `d\0${pool}`;
  if (op === 'put-alias' || op === 'remove-alias') return `a\0${pool}\0${change.sender}`;
  return op === 'expire-conversations' ? undefined : `p\0${pool}`;
}
