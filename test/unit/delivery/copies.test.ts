import assert from 'node:assert/strict';
import { Copies } from '../../../src/core/delivery/copies.ts';
import { newMember } from '../select/new-member.ts';

describe('the copies of one message', () => {
  it('know how far each worker is, whatever their order', () => {
    const [a, b, c, stranger] = [newMember(7), newMember(2), newMember(5), newMember(5)];
    const copies = new Copies([a, b, c]);
    assert.deepEqual([...copies], [b, c, a]);
    assert.equal(copies.size, 3);
    copies.note(a, 'received');
    copies.note(c, 'over');
    copies.note(stranger, 'received');
    assert.deepEqual(
      [a, b, c, stranger].map((worker) => copies.of(worker)),
      ['received', 'open', 'over', 'over'],
    );
  });

  it('are open until every worker was heard of', () => {
    const [a, b] = [newMember(1), newMember(2)];
    const copies = new Copies([a, b]);
    copies.note(a, 'received');
    copies.note(a, 'over');
    assert.equal(copies.open, true);
    copies.note(b, 'over');
    assert.equal(copies.open, false);
    copies.note(newMember(3), 'open');
    assert.equal(copies.open, false);
    copies.note(b, 'open');
    assert.equal(copies.open, true);
  });
});
