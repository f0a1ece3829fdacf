import { Delivery, type DeliveryStart } from '../../../src/core/durable/delivery.ts';
import { message } from '../../router/house.ts';

/** A delivery to the pool `jobs`, as it is when it was just accepted. */
export function newDelivery(id: number, changes: Partial<DeliveryStart> & { size?: number } = {}): Delivery {
  const { size = 100, ...start } = changes;
  return new Delivery({
    id,
    pool: 'jobs',
    sender: 'alice@far.example/phone',
    to: 'jobs@pools.example',
    name: `m${id}`,
    receipt: false,
    key: undefined,
    since: id,
    expires: Number.POSITIVE_INFINITY,
    bytes: 100,
    message: message({ from: 'alice@far.example/phone', id: `m${id}`, tail: '<body>x</body>', size }),
    ...start,
  });
}
