import assert from 'node:assert/strict';
import { MostActive } from '../../../src/core/select/most-active.ts';
import { newMember, place } from './new-member.ts';

const start = 1_000_000;

describe('MostActive', () => {
  it('takes the highest priority first, then the most available', () => {
    const selector = new MostActive();
    const members = [
      newMember(1, { priority: 1, show: 'chat' }),
      newMember(2, { priority: 5, show: 'xa' }),
      newMember(3, { priority: 5, show: 'away' }),
      newMember(4, { priority: 5, show: 'online' }),
      newMember(5, { priority: 5, show: 'chat' }),
    ];
    for (const member of members) place(selector, member);
    const order: string[] = [];
    for (let next = selector.pick(start); next !== undefined; next = selector.pick(start)) {
      order.push(next.label);
      selector.remove(next);
    }
    assert.deepEqual(order, ['w5', 'w4', 'w3', 'w2', 'w1']);
  });

  it('takes the one with the fewest in flight, then the longest idle', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    a.served(start);
    assert.equal(selector.pick(start), b);
    b.served(start);
    assert.equal(selector.pick(start), a);
    b.answeredOne(start);
    assert.equal(selector.pick(start), b);
    a.answeredOne(start);
    assert.equal(selector.pick(start), a);
  });

  it('keeps the place of one that pauses: what it has, its rank, and its turn', () => {
    const selector = new MostActive();
    const [a, b, c] = [newMember(1), newMember(2), newMember(3)];
    for (const member of [a, b, c]) place(selector, member);
    // All within a millisecond, and all of it answered.
    for (const member of [b, a, c]) {
      member.served(start);
      member.answeredOne(start);
    }
    selector.pause(a);
    selector.pause(a);
    assert.equal(selector.pick(start), b);
    selector.pause(b);
    assert.equal(selector.pick(start), c);
    selector.resume(a);
    assert.equal(selector.pick(start), a);
    selector.resume(b);
    selector.resume(b);
    assert.equal(selector.pick(start), b);
    selector.pause(b);
    b.served(start);
    selector.resume(b);
    assert.equal(selector.pick(start), a);
    selector.pause(c);
    c.priority = 5;
    selector.update(c);
    selector.resume(c);
    assert.equal(selector.pick(start), c);
    selector.pause(c);
    selector.remove(c);
    selector.resume(c);
    assert.equal(selector.pick(start), a);
  });

  it('sees what left the window while it paused', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    for (let n = 0; n < 2; n += 1) a.served(start);
    b.served(start + 5_000);
    selector.pause(a);
    assert.equal(selector.pick(start + 11_000), b);
    selector.resume(a);
    assert.equal(selector.pick(start + 11_000), a);
  });

  it('sees work fall out of the window', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    a.served(start);
    a.served(start);
    b.served(start + 5_000);
    assert.equal(selector.pick(start + 9_000), b);
    assert.equal(selector.pick(start + 10_000), a);
  });

  it('counts what a member had in flight before it was added', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    a.served(start);
    for (const member of [a, b]) place(selector, member);
    assert.equal(selector.pick(start), b);
    b.served(start + 5_000);
    assert.equal(selector.pick(start + 10_000), a);
  });

  it('sees each part of the work fall in its time', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    for (const time of [0, 5_000]) a.served(start + time);
    for (const time of [9_000, 9_000]) b.served(start + time);
    assert.equal(selector.pick(start + 10_000), a);
    b.answeredOne(start + 11_000);
    b.answeredOne(start + 11_000);
    assert.equal(selector.pick(start + 12_000), b);
    assert.equal(selector.pick(start + 15_000), a);
  });

  it('knows who was idle longest from before it was added', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    b.served(start);
    a.served(start + 1);
    for (const member of [a, b]) {
      member.answeredOne(start + 2);
      place(selector, member);
    }
    assert.equal(selector.pick(start + 3), b);
  });

  it('follows a changed priority and show', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    b.priority = 1;
    selector.update(b);
    assert.equal(selector.pick(start), b);
    b.priority = 0;
    b.show = 'away';
    selector.update(b);
    assert.equal(selector.pick(start), a);
  });

  it('goes down the ranks past the excluded, and forgets the exclusion', () => {
    const selector = new MostActive();
    const [a, b, c] = [newMember(1, { priority: 2 }), newMember(2, { priority: 2 }), newMember(3)];
    for (const member of [a, b, c]) place(selector, member);
    assert.equal(
      selector.pick(start, (member) => member !== c),
      c,
    );
    assert.equal(
      selector.pick(start, () => true),
      undefined,
    );
    assert.equal(selector.pick(start), a);
  });

  it('no longer listens to a member that was removed', () => {
    const selector = new MostActive();
    const [a, b] = [newMember(1), newMember(2)];
    for (const member of [a, b]) place(selector, member);
    selector.remove(a);
    a.served(start);
    assert.equal(selector.pick(start + 20_000), b);
    selector.remove(b);
    assert.equal(selector.pick(start), undefined);
  });
});
