import type { QueueRows, StoredDelivery } from '../core/delivery-state.ts';
import { type DeliveryRow, deliveryOf } from './delivery-row.ts';

/** At most `limit` of the rows, and no more than fit into `bytes`, but at least one. */
export function takeRows(found: Iterable<DeliveryRow>, limit: number, bytes: number, file: string): QueueRows {
  const rows: StoredDelivery[] = [];
  let held = 0;
  for (const row of found) {
    held += row.bytes;
    if (rows.length >= limit || (rows.length > 0 && held > bytes)) return { rows, more: true };
    rows.push(deliveryOf(row, file));
  }
  return { rows, more: false };
}
