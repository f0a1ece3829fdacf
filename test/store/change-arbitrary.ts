import fc from 'fast-check';
import type { Change } from '../../src/core/durable-state.ts';

const pool = fc.constantFrom('jobs', 'support', 'größe');
const jid = fc.oneof(
  fc.constantFrom('a@b/c', 'A@b/c', 'a@b/c ', 'a@b', "o'hara@b/x;--", 'a@b/😀', 'a@b/e\u0301', 'a@b/\u00e9'),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
);
const algorithm = fc.constantFrom('all', 'mostactive', 'roundrobin', 'weighted', 'leastbusy', 'sticky');
const settingsText = fc
  .dictionary(fc.string({ maxLength: 5 }), jid, { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
const time = fc.integer({ min: 0, max: 50 });

/** Any change, over few enough keys that they meet. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ op: fc.constant('set-preference'), pool, algorithm, replaced: algorithm }),
  fc.record({ op: fc.constant('clear-preference'), pool }),
  fc.record({
    op: fc.constant('put-member'),
    pool,
    jid,
    label: jid,
    sequence: fc.nat(),
    priority: fc.integer({ min: -128, max: 127 }),
    show: fc.constantFrom('chat', 'online', 'away', 'xa', 'dnd'),
    weight: fc.option(fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(0.5)), { nil: undefined }),
    capacity: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    drain: fc.boolean(),
    pings: fc.option(fc.boolean(), { nil: undefined }),
    seen: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  }),
  fc.record({ op: fc.constant('remove-member'), pool, jid }),
  fc.record({ op: fc.constant('put-conversation'), pool, sender: jid, worker: jid, at: time }),
  fc.record({
    op: fc.constant('put-subscription'),
    pool,
    peer: jid,
    state: fc.constantFrom('none', 'to', 'from', 'both'),
    ask: fc.boolean(),
  }),
  fc.record({ op: fc.constant('remove-subscription'), pool, peer: jid }),
  fc.record({ op: fc.constant('put-label'), pool, label: jid, bare: jid, at: time }),
  fc.record({ op: fc.constant('remove-label'), pool, label: jid }),
  fc.record({
    op: fc.constant('put-order'),
    pool,
    jid,
    held: fc.constantFrom('drained', 'suspended', undefined),
    weight: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  }),
  fc.record({ op: fc.constant('remove-order'), pool, jid }),
  fc.record({ op: fc.constant('put-pool'), pool, settings: settingsText, by: jid, at: time }),
  fc.record({ op: fc.constant('remove-pool'), pool }),
  fc.record({ op: fc.constant('put-alias'), pool, sender: jid, key: jid, at: time }),
  fc.record({ op: fc.constant('remove-alias'), pool, sender: jid }),
  fc.record({ op: fc.constant('expire-conversations'), pool, before: time }),
);
