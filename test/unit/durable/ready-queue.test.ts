import assert from 'node:assert/strict';
import type { ReadyQuery } from '../../../src/core/durable/backlog.ts';
import { ReadyQueue } from '../../../src/core/durable/ready-queue.ts';
import { MemoryBudget } from '../../../src/core/memory/memory.ts';
import { newDelivery } from './new-delivery.ts';

function queueOf(bounds: { heads?: number; limit?: number; ordered?: boolean } = {}): {
  queue: ReadyQueue;
  memory: MemoryBudget;
} {
  const memory = new MemoryBudget(bounds.limit ?? 1_000_000);
  const { heads = 100, ordered = false } = bounds;
  return { queue: new ReadyQueue({ pool: 'jobs', heads, memory, ordered }), memory };
}

function rowsOf(from: number, to: number, key?: string): ReturnType<typeof newDelivery>[] {
  return Array.from({ length: to - from + 1 }, (_, index) => newDelivery(from + index, { key }));
}

function wanted<W extends ReadyQuery['want']>(queue: ReadyQueue, want: W): Extract<ReadyQuery, { want: W }> {
  const query = queue.wanted();
  assert.ok(isOf(query, want), `wants ${query?.want}`);
  return query;
}

function isOf<W extends ReadyQuery['want']>(
  query: ReadyQuery | undefined,
  want: W,
): query is Extract<ReadyQuery, { want: W }> {
  return query?.want === want;
}

describe('the queue of a durable pool', () => {
  it('gives the oldest first, and the same one until it is taken', () => {
    const { queue } = queueOf();
    for (const delivery of rowsOf(1, 3)) queue.add(delivery);
    assert.equal(queue.next(0)?.id, 1);
    const first = queue.next(0) ?? assert.fail();
    queue.take(first);
    assert.equal(queue.next(0)?.id, 2);
    assert.equal(queue.size, 2);
    assert.equal(queue.oldestSince(), 2);
  });

  it('keeps one that is given back until its time, and others go meanwhile', () => {
    const { queue } = queueOf();
    const [first, second] = rowsOf(1, 2);
    assert.ok(first !== undefined && second !== undefined);
    queue.add(first);
    queue.add(second);
    queue.take(first);
    first.notBefore = 5_000;
    queue.back(first);
    assert.equal(queue.dueAt(), 5_000);
    assert.equal(queue.next(4_999), second);
    assert.equal(queue.next(5_000), first);
    assert.equal(queue.dueAt(), Number.POSITIVE_INFINITY);
  });

  it('refuses those that may not go now, and finds the next that may', () => {
    const { queue } = queueOf();
    for (const delivery of rowsOf(1, 9)) queue.add(delivery);
    assert.equal(queue.next(0, ({ id }) => id > 4)?.id, 5);
    assert.equal(
      queue.next(0, () => false),
      undefined,
    );
  });

  it('keeps a key in line: one at a time, the oldest first, also while that waits to be tried again', () => {
    const { queue } = queueOf({ ordered: true });
    const [first, second] = rowsOf(1, 2, 'alice');
    const other = newDelivery(3, { key: 'bob' });
    assert.ok(first !== undefined && second !== undefined);
    for (const delivery of [first, second, other]) queue.add(delivery);
    queue.take(first);
    assert.equal(queue.next(0), other);
    queue.take(other);
    assert.equal(queue.next(0), undefined);
    first.notBefore = 1_000;
    queue.back(first);
    assert.equal(queue.next(999), undefined);
    assert.equal(queue.next(1_000), first);
    assert.equal(queue.keyFree('alice'), false);
    queue.take(first);
    queue.free('alice');
    assert.equal(queue.next(1_000), second);
    queue.take(second);
    queue.free('alice');
    assert.equal(queue.keyFree('alice'), true);
    assert.equal(queue.keyFree('bob'), false);
  });

  it('lets the next of a key go when the one before it is cancelled while it waits to be tried again', () => {
    const { queue } = queueOf({ ordered: true });
    const [first, second] = rowsOf(1, 2, 'alice');
    assert.ok(first !== undefined && second !== undefined);
    queue.take(first);
    queue.add(second);
    first.notBefore = 1_000;
    queue.back(first);
    assert.equal(queue.remove(1), first);
    assert.equal(queue.next(0), second);
  });

  it('only counts what does not fit, and reads it in pages when its turn comes', () => {
    const { queue, memory } = queueOf({ heads: 4 });
    const all = rowsOf(1, 10);
    for (const delivery of all) queue.add(delivery);
    assert.equal(queue.size, 10);
    assert.equal(queue.resident, 4);
    assert.equal(memory.used, 4 * 600);
    assert.equal(queue.wanted(), undefined);
    for (const delivery of all.slice(0, 3)) queue.take(delivery);
    const query = wanted(queue, 'ready');
    assert.deepEqual([query.after, query.limit], [4, 3]);
    assert.equal(queue.wanted(), undefined, 'one at a time');
    queue.fill(query, all.slice(4, 7), true);
    assert.equal(queue.resident, 4);
    assert.equal(queue.size, 7);
    assert.equal(queue.next(0)?.id, 4);
  });

  it('takes nothing back that went while it was read', () => {
    const { queue } = queueOf({ heads: 2, ordered: true });
    const all = rowsOf(1, 4);
    for (const delivery of all) queue.add(delivery);
    for (const delivery of all.slice(0, 2)) queue.take(delivery);
    const query = wanted(queue, 'ready');
    queue.remove(3);
    queue.fill(query, all.slice(2), false);
    assert.equal(queue.size, 1);
    assert.equal(queue.next(0)?.id, 4);
  });

  it('asks again for what could not be read', () => {
    const { queue } = queueOf();
    queue.restore(2);
    const query = wanted(queue, 'ready');
    queue.failed(query);
    const again = wanted(queue, 'ready');
    assert.deepEqual(again, query);
    queue.fill(query, rowsOf(1, 2), false);
    assert.equal(queue.next(0), undefined, 'an answer to a question that is over');
    queue.fill(again, rowsOf(1, 2), false);
    assert.equal(queue.next(0)?.id, 1);
  });

  it('does not ask for ever for what it counted wrongly', () => {
    const { queue } = queueOf();
    queue.restore(5);
    queue.fill(wanted(queue, 'ready'), rowsOf(1, 2), false);
    assert.equal(queue.size, 2);
    for (const delivery of rowsOf(1, 2)) queue.take(delivery);
    assert.equal(queue.wanted(), undefined);
  });

  it('passes over the deliveries of a busy key, and reads them by the key once it is free', () => {
    const { queue } = queueOf({ heads: 4, ordered: true });
    const mine = rowsOf(1, 6, 'alice');
    const other = newDelivery(7, { key: 'bob' });
    for (const delivery of [...mine, other]) queue.add(delivery);
    const first = queue.next(0) ?? assert.fail();
    queue.take(first);
    assert.equal(queue.next(0), other, 'one of alice is kept at most, so that bob has a place');
    queue.take(other);
    assert.equal(queue.wanted(), undefined);
    queue.free('alice');
    const query = wanted(queue, 'key');
    assert.deepEqual([query.key, query.after], ['alice', 1]);
    queue.fill(query, mine.slice(1, 2), true);
    assert.equal(queue.next(0), mine[1]);
    assert.equal(queue.size, 5);
  });

  it('makes room for other keys when all that is in memory waits behind its own', () => {
    const { queue } = queueOf({ heads: 32, ordered: true });
    for (let key = 0; key < 16; key += 1) queue.take(newDelivery(key + 1, { key: `k${key}` }));
    for (let index = 0; index < 32; index += 1) queue.add(newDelivery(17 + index, { key: `k${index % 16}` }));
    const other = newDelivery(49, { key: 'other' });
    queue.add(other);
    assert.equal(queue.resident, 32);
    assert.equal(queue.next(0), undefined);
    queue.fill(wanted(queue, 'ready'), [other], false);
    assert.equal(queue.next(0), other);
    assert.equal(queue.size, 33);
  });

  it('lets go of the text of what waits to be tried again, and reads it when it is due', () => {
    const { queue, memory } = queueOf({ limit: 2_000 });
    const [first, second] = rowsOf(1, 2);
    assert.ok(first !== undefined && second !== undefined);
    for (const delivery of [first, second]) {
      queue.take(delivery);
      delivery.notBefore = 1_000;
      queue.back(delivery);
    }
    assert.equal(memory.used, 600 + 400);
    assert.equal(second.message, undefined);
    assert.equal(queue.wanted(), undefined, 'not before it is due');
    assert.equal(queue.next(1_000), first);
    queue.take(first);
    assert.equal(queue.size, 1);
    assert.equal(queue.next(1_000)?.id, undefined);
    const query = wanted(queue, 'ids');
    assert.deepEqual(query.ids, [2]);
    queue.fill(query, rowsOf(2, 2), false);
    assert.equal(queue.next(1_000)?.message?.id, 'm2');
  });

  it('tells what the store no longer has', () => {
    const { queue } = queueOf({ limit: 100 });
    const [first] = rowsOf(1, 1);
    assert.ok(first !== undefined);
    queue.back(first);
    queue.next(0);
    assert.deepEqual(queue.fill(wanted(queue, 'ids'), [], false), [first]);
    queue.remove(1);
    assert.equal(queue.wanted(), undefined);
  });

  it('begins others however many wait to be tried again, until memory is short', () => {
    const { queue, memory } = queueOf({ heads: 2, limit: 10_000 });
    const [first, second, third] = rowsOf(1, 3);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    for (const delivery of [first, second]) {
      queue.take(delivery);
      delivery.notBefore = 1_000;
      queue.back(delivery);
    }
    queue.add(third);
    assert.equal(queue.next(0), third);
    memory.hold(4_000);
    assert.equal(queue.next(0), undefined);
    assert.equal(queue.next(1_000), first);
    queue.take(first);
    assert.equal(queue.next(0), second);
    queue.take(second);
    assert.equal(queue.next(0), third);
  });

  it('goes on one by one when nothing is left of the memory', () => {
    const { queue, memory } = queueOf({ limit: 0 });
    const all = rowsOf(1, 3);
    for (const delivery of all) queue.add(delivery);
    assert.equal(queue.resident, 1);
    queue.take(queue.next(0) ?? assert.fail());
    queue.fill(wanted(queue, 'ready'), all.slice(1), false);
    assert.equal(queue.resident, 1);
    assert.equal(queue.next(0)?.id, 2);
    assert.equal(memory.used, 600);
  });

  it('does not read what cannot fit, while something can go', () => {
    const { queue } = queueOf({ limit: 20_000 });
    const big = newDelivery(2, { size: 9_000 });
    const [first] = rowsOf(1, 1);
    assert.ok(first !== undefined);
    queue.add(newDelivery(0, { size: 1_000 }));
    queue.add(first);
    queue.add(big);
    assert.equal(queue.resident, 2);
    assert.equal(queue.wanted(), undefined);
    queue.take(queue.next(0) ?? assert.fail());
    const query = wanted(queue, 'ready');
    queue.fill(query, [big], false);
    assert.equal(queue.next(0), first);
    queue.take(first);
    assert.equal(queue.next(0), big);
  });

  it('reads the older ones of a key before one of it that is redriven', () => {
    const { queue } = queueOf({ heads: 2, ordered: true });
    const [first, second, third] = rowsOf(1, 3, 'alice');
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    for (const delivery of [first, second, third]) queue.add(delivery);
    assert.equal(queue.remove(3), undefined, 'it is dead');
    queue.back(third);
    queue.take(first);
    queue.free('alice');
    assert.equal(queue.next(0), undefined);
    queue.fill(wanted(queue, 'key'), [second], false);
    assert.equal(queue.next(0), second);
    queue.take(second);
    queue.free('alice');
    assert.equal(queue.next(0), third);
  });

  it('reads again by the key what came while the key was read', () => {
    const { queue } = queueOf({ heads: 2, ordered: true });
    const [first, second, third] = rowsOf(1, 3, 'alice');
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    queue.add(first);
    queue.add(second);
    queue.take(first);
    queue.free('alice');
    const query = wanted(queue, 'key');
    queue.add(third);
    queue.fill(query, [second], false);
    queue.take(second);
    queue.free('alice');
    assert.equal(queue.size, 1);
    queue.fill(wanted(queue, 'key'), [third], false);
    assert.equal(queue.next(0), third);
  });

  it('counts one once that came while it was read, when all before it had gone', () => {
    const { queue } = queueOf({ heads: 2, ordered: true });
    const [first, second, third] = rowsOf(1, 3, 'alice');
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    queue.take(first);
    queue.restore(1);
    const query = wanted(queue, 'ready');
    queue.remove(2);
    queue.add(newDelivery(3, { key: 'alice' }));
    queue.add(newDelivery(4, { key: 'alice' }));
    queue.fill(query, [second, third, newDelivery(4, { key: 'alice' })], false);
    assert.equal(queue.size, 2);
  });

  it('tells of those that wait for their time how many wait for an alias of their sender', () => {
    const { queue } = queueOf();
    const [first, second] = rowsOf(1, 2, 'alice');
    assert.ok(first !== undefined && second !== undefined);
    for (const delivery of [first, second]) {
      queue.add(delivery);
      queue.take(delivery);
      delivery.notBefore = 1_000;
      delivery.nameless = true;
      queue.back(delivery);
    }
    assert.deepEqual([queue.census().later, queue.census().nameless], [2, 2]);
    queue.remove(second.id);
    assert.deepEqual([queue.census().later, queue.census().nameless], [1, 1]);
    queue.next(1_000);
    assert.deepEqual([queue.census().later, queue.census().nameless], [0, 0]);
  });

  it('tells what those are waiting for that wait', () => {
    const { queue } = queueOf({ heads: 2, ordered: true });
    assert.deepEqual(queue.census(), { movable: false, later: 0, nameless: 0, behind: 0, reading: false });
    const mine = rowsOf(1, 3, 'alice');
    for (const delivery of mine) queue.add(delivery);
    assert.deepEqual(queue.census(), { movable: true, later: 0, nameless: 0, behind: 2, reading: false });
    const first = queue.next(0) ?? assert.fail();
    queue.take(first);
    assert.deepEqual(queue.census(), { movable: false, later: 0, nameless: 0, behind: 2, reading: false });
    first.notBefore = 1_000;
    queue.back(first);
    assert.deepEqual(queue.census(), { movable: false, later: 1, nameless: 0, behind: 2, reading: false });
    queue.next(1_000);
    assert.deepEqual(queue.census(), { movable: true, later: 0, nameless: 0, behind: 2, reading: false });
    queue.restore(1);
    queue.take(first);
    wanted(queue, 'ready');
    assert.deepEqual(queue.census(), { movable: false, later: 0, nameless: 0, behind: 2, reading: true });
  });

  it('takes out what has expired, and frees its key', () => {
    const { queue } = queueOf({ ordered: true });
    const first = newDelivery(1, { key: 'alice', expires: 10_000 });
    const second = newDelivery(2, { key: 'alice', expires: 90_000 });
    queue.add(first);
    queue.add(second);
    assert.deepEqual(queue.expired(9_999, 10), []);
    assert.deepEqual(queue.expired(10_000, 10), [first]);
    assert.deepEqual(queue.expired(10_000, 10), []);
    assert.equal(queue.next(10_000), second);
    assert.equal(queue.size, 1);
  });
});
