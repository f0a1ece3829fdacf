import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Quota } from '../../../src/core/durable/quota.ts';
import { MemoryBudget } from '../../../src/core/memory/memory.ts';

const plenty = () => new MemoryBudget(1_000_000);
const bounds = { maxMessages: 10, maxBytes: 1_000, perSender: 0.3 };

describe('Quota', () => {
  it('gives an account its share, whatever its resource, and no more', () => {
    const quota = new Quota(bounds, plenty());
    for (const resource of ['a', 'b', 'c']) {
      assert.equal(quota.admits(`eve@far.example/${resource}`, 10), 'ok');
      quota.take(`eve@far.example/${resource}`, 10);
    }
    assert.equal(quota.admits('eve@far.example', 10), 'sender-share');
    assert.equal(quota.admits('mallory@far.example', 10), 'ok');
    quota.give('eve@far.example/x', 10);
    assert.equal(quota.admits('eve@far.example/d', 10), 'ok');
  });

  it('counts bytes as well, but lets everybody have one message', () => {
    const quota = new Quota(bounds, plenty());
    assert.equal(quota.admits('a@x', 900), 'ok');
    quota.take('a@x', 900);
    assert.equal(quota.admits('a@x', 1), 'sender-share');
    assert.equal(quota.admits('b@x', 100), 'ok');
    assert.equal(quota.admits('b@x', 101), 'queue-full');
  });

  it('is full at its bounds, and tells who has his share so first', () => {
    const quota = new Quota(bounds, plenty());
    for (let n = 0; n < 3; n += 1) quota.take('a@x', 1);
    for (let n = 0; n < 7; n += 1) quota.take(`b${n}@x`, 1);
    assert.equal(quota.admits('c@x', 1), 'queue-full');
    assert.equal(quota.admits('a@x', 1), 'sender-share');
    quota.resize({ ...bounds, maxMessages: 11 });
    assert.equal(quota.admits('c@x', 1), 'ok');
    quota.resize({ ...bounds, maxMessages: 11, perSender: 1 });
    assert.equal(quota.admits('a@x', 1), 'ok');
  });

  it('gives back where it was counted, also what shared a count', () => {
    const quota = new Quota(bounds, new MemoryBudget(200));
    const own = quota.take('a@x/r', 10);
    const shared = quota.take('b@x/r', 20);
    assert.equal(quota.senders, 1);
    quota.giveFrom(own, 10);
    const later = quota.take('b@x/r', 30);
    quota.giveFrom(shared, 20);
    quota.giveFrom(later, 30);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders], [0, 0, 0]);
    assert.equal(quota.admits('b@x', 300), 'ok');
  });

  it('counts anew whose last message ended between his being admitted and counted', () => {
    const memory = plenty();
    const quota = new Quota(bounds, memory);
    const first = quota.take('a@x/r', 10);
    assert.equal(quota.admits('a@x/r', 10), 'ok');
    quota.giveFrom(first, 10);
    const second = quota.take('a@x/r', 10);
    assert.deepEqual([quota.messages, quota.senders], [1, 1]);
    quota.giveFrom(second, 10);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders, memory.used], [0, 0, 0, 0]);
  });

  it('counts by himself who was admitted while he shared a count, as soon as there is memory', () => {
    const memory = new MemoryBudget(400);
    const quota = new Quota(bounds, memory);
    memory.take(400);
    const shared = quota.take('a@x/r', 10);
    assert.equal(quota.senders, 0);
    memory.give(400);
    assert.equal(quota.admits('a@x/r', 10), 'ok');
    const own = quota.take('a@x/r', 10);
    assert.equal(quota.senders, 1);
    assert.notEqual(own, shared);
    quota.giveFrom(shared, 10);
    quota.giveFrom(own, 10);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders, memory.used], [0, 0, 0, 0]);
  });

  it('goes on from what an earlier process left', () => {
    const quota = new Quota(bounds, plenty());
    quota.restore(100, [
      { sender: 'a@x', open: 3 },
      { sender: 'b@x', open: 1 },
    ]);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders], [4, 100, 2]);
    assert.equal(quota.admits('a@x', 1), 'sender-share');
    quota.give('a@x', 97);
    quota.give('a@x', 1);
    quota.give('a@x', 1);
    quota.give('b@x', 1);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders], [0, 0, 0]);
    quota.restore(0, []);
    assert.equal(quota.messages, 0);
    const many = Array.from({ length: 11 }, (_, n) => ({ sender: `s${n}@x`, open: n + 1 }));
    quota.restore(1_000, many);
    assert.equal(quota.bytes, 1_000);
  });

  it('lumps senders together for whom there is no memory: none gets beyond his share by it', () => {
    const memory = new MemoryBudget(1_000);
    const quota = new Quota({ maxMessages: 100_000, maxBytes: 1e9, perSender: 0.00002 }, memory);
    for (let n = 0; n < 1_000; n += 1) quota.take(`s${n}@x`, 1);
    assert.ok(memory.used <= memory.limit);
    assert.equal(quota.admits('s999@x', 1), 'sender-share');
    for (let n = 0; n < 1_000; n += 1) quota.give(`s${n}@x`, 1);
    assert.deepEqual([quota.messages, quota.bytes, quota.senders, memory.used], [0, 0, 0, 0]);
    assert.equal(quota.admits('s999@x', 1), 'ok');
  });

  it('adds up, for any history and any memory', () => {
    const step = fc.record({ who: fc.nat({ max: 9 }), bytes: fc.integer({ min: 1, max: 50 }), take: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(0, 400, 100_000), (steps, room) => {
        const memory = new MemoryBudget(room);
        const quota = new Quota(bounds, memory);
        const open: { readonly who: string; readonly bytes: number }[] = [];
        for (const { who, bytes, take } of steps) {
          const sender = `s${who}@x`;
          if (take && quota.admits(sender, bytes) === 'ok') {
            open.push({ who: sender, bytes });
            quota.take(sender, bytes);
          } else if (!take) {
            const at = open.findIndex((message) => message.who === sender);
            for (const message of at < 0 ? [] : open.splice(at, 1)) quota.give(message.who, message.bytes);
          }
          assert.equal(quota.messages, open.length);
          assert.equal(
            quota.bytes,
            open.reduce((sum, message) => sum + message.bytes, 0),
          );
          assert.ok(open.length <= bounds.maxMessages && quota.bytes <= bounds.maxBytes);
          assert.ok(open.filter((message) => message.who === sender).length <= 3);
        }
        for (const { who, bytes } of open) quota.give(who, bytes);
        assert.deepEqual([quota.messages, quota.bytes, memory.used], [0, 0, 0]);
      }),
    );
  });
});
