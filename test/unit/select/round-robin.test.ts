import assert from 'node:assert/strict';
import { RoundRobin } from '../../../src/core/select/round-robin.ts';
import { newMember } from './new-member.ts';

describe('RoundRobin', () => {
  const [a, b, c] = [newMember(1), newMember(2, { priority: 9 }), newMember(3)];
  const labels = (selector: RoundRobin, times: number) =>
    Array.from({ length: times }, () => selector.pick(0)?.label ?? '-').join(' ');
  let selector: RoundRobin;
  beforeEach(() => {
    selector = new RoundRobin();
    for (const member of [b, c, a]) selector.add(member);
  });

  it('goes round in join order, whatever the priority', () => {
    assert.equal(labels(selector, 7), 'w1 w2 w3 w1 w2 w3 w1');
  });

  it('keeps its place when the one picked last leaves', () => {
    assert.equal(labels(selector, 2), 'w1 w2');
    selector.remove(b);
    assert.equal(labels(selector, 3), 'w3 w1 w3');
  });

  it('gives one that comes back its old turn', () => {
    selector.remove(b);
    assert.equal(labels(selector, 1), 'w1');
    selector.add(b);
    assert.equal(labels(selector, 3), 'w2 w3 w1');
  });

  it('steps over the excluded', () => {
    assert.equal(selector.pick(0, (member) => member === a)?.label, 'w2');
    assert.equal(
      selector.pick(0, () => true),
      undefined,
    );
    assert.equal(labels(selector, 1), 'w3');
  });

  it('ignores a second add and an unknown remove', () => {
    selector.add(a);
    selector.remove(newMember(9));
    assert.equal(labels(selector, 4), 'w1 w2 w3 w1');
  });

  it('picks nobody when there is nobody', () => {
    assert.equal(new RoundRobin().pick(0), undefined);
  });
});
