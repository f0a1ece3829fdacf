import type { StoredDelivery } from '../delivery-state.ts';
import type { Delivery } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { PoolQueue } from './pool-queue.ts';

/** Whether a change was refused because its row is not as it needs it to be. */
export function isStale(error: Error): boolean {
  return 'kind' in error && error.kind === 'stale';
}

/** Reads how far the store is with `delivery`, as often as it takes; `undefined` when it has no row. */
export function readRow(
  desk: Desk,
  queue: PoolQueue,
  delivery: Delivery,
  then: (row: StoredDelivery | undefined) => void,
): void {
  desk.service.out.read({ want: 'ids', pool: queue.name, ids: [delivery.id] }, (found, error) => {
    desk.storeFails = error !== undefined;
    if (found === undefined) desk.later.add(() => readRow(desk, queue, delivery, then), desk.now);
    else then(found.rows[0]);
  });
}
