import fc from 'fast-check';
import type { DeliveryChange } from '../../src/core/delivery-state.ts';

/** Few pools and ids, so that changes meet. */
export const anyPool = fc.constantFrom('jobs', 'jobs', 'jobs', 'größe');
export const anyId = fc.integer({ min: 1, max: 5 });
export const anyAttempt = fc.constantFrom(0, 1, 1, 2);

const odd = fc.constantFrom('', 'a@b/c', '😀', 'e\u0301', '\u{10ffff}', "o'hara@b/x;--", '-1', '\0');
const text = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 12 }));
const maybe = fc.option(text, { nil: undefined });
const time = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const [pool, id, attempt] = [anyPool, anyId, anyAttempt];

/** Any step, sensible or not. */
export const anyStep: fc.Arbitrary<DeliveryChange> = fc.oneof(
  fc.record({
    op: fc.constant('accept'),
    duplicate: maybe,
    pool,
    id: fc.oneof(id, time),
    state: fc.constantFrom('ready', 'leased', 'dead'),
    sender: text,
    to: text,
    type: fc.constantFrom('normal', 'chat', 'headline', undefined),
    message: maybe,
    wire: maybe,
    lang: maybe,
    rest: maybe,
    tail: text,
    bytes: fc.nat(),
    since: time,
    expires: time,
    key: maybe,
    receipt: fc.boolean(),
    attempt,
    base: attempt,
    worker: maybe,
    nonce: maybe,
    leasedAt: time,
    deadline: time,
    notBefore: time,
    history: maybe,
    reason: maybe,
    deadAt: time,
  }),
  fc.record({
    op: fc.constant('lease'),
    pool,
    id,
    attempt,
    worker: text,
    nonce: maybe,
    leasedAt: time,
    deadline: time,
  }),
  fc.record({ op: fc.constant('release'), pool, id, attempt, notBefore: time, history: maybe }),
  fc.record({ op: fc.constant('extend'), pool, id, attempt, deadline: time }),
  fc.record({ op: fc.constant('ack'), pool, id }),
  fc.record({ op: fc.constant('bury'), pool, id, attempt, reason: text, at: time, history: maybe }),
  fc.record({ op: fc.constant('keep'), pool, id, at: time }),
  fc.record({ op: fc.constant('bounce'), pool, id, attempt, reason: text }),
  fc.record({ op: fc.constant('purge'), pool, id }),
  fc.record({ op: fc.constant('redrive'), pool, id, expires: time, notBefore: time }),
  fc.record({ op: fc.constant('forget-duplicates'), pool, before: time }),
);
