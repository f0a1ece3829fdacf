import { Delivery, type DeliveryStart } from '../../../src/core/durable/delivery.ts';
import type { MessageEnvelope } from '../../../src/core/envelope.ts';

/** A message that counts for `size` units of text. */
function newMessage(id: number, size: number): MessageEnvelope {
  return {
    kind: 'message',
    type: 'chat',
    from: 'alice@far.example/phone',
    to: 'jobs@pools.example',
    id: `m${id}`,
    lang: undefined,
    hint: undefined,
    thread: undefined,
    originId: undefined,
    receipt: undefined,
    refersTo: undefined,
    signal: false,
    error: undefined,
    tail: '<body>x</body>',
    size,
  };
}

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
    message: newMessage(id, size),
    ...start,
  });
}
