import assert from 'node:assert/strict';
import { All } from '../../../src/core/select/all.ts';
import { newMember } from './new-member.ts';

describe('All', () => {
  it('gives to every member of the highest priority, in join order', () => {
    const selector = new All();
    const [a, b, c] = [newMember(1, { priority: 3 }), newMember(2), newMember(3, { priority: 3 })];
    for (const member of [c, b, a]) selector.add(member);
    assert.deepEqual(selector.pickAll(), [a, c]);
    b.priority = 4;
    selector.update();
    assert.deepEqual(selector.pickAll(), [b]);
    selector.remove(b);
    assert.deepEqual(selector.pickAll(), [a, c]);
    assert.equal(
      selector.pick(0, (member) => member === a),
      c,
    );
  });

  it('gives to nobody when there is nobody', () => {
    assert.deepEqual(new All().pickAll(), []);
    assert.equal(new All().pick(0), undefined);
  });
});
