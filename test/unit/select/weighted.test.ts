import assert from 'node:assert/strict';
import type { Member } from '../../../src/core/pool/member.ts';
import { Weighted } from '../../../src/core/select/weighted.ts';
import { newMember } from './new-member.ts';

function withWeights(...weights: readonly number[]): { selector: Weighted; members: Member[] } {
  const selector = new Weighted();
  const members = weights.map((wishedWeight, index) => newMember(index + 1, { wishedWeight }));
  for (const member of members) selector.add(member);
  return { selector, members };
}

const labels = (selector: Weighted, times: number) =>
  Array.from({ length: times }, () => selector.pick(0)?.label ?? '-').join(' ');

describe('Weighted', () => {
  it('interleaves 5, 1, 1 as nginx does', () => {
    const { selector } = withWeights(5, 1, 1);
    assert.equal(labels(selector, 14), 'w1 w1 w2 w1 w3 w1 w1 w1 w1 w2 w1 w3 w1 w1');
  });

  it('goes round in join order among equals', () => {
    assert.equal(labels(withWeights(2, 2, 2).selector, 6), 'w1 w2 w3 w1 w2 w3');
  });

  it('follows a changed weight', () => {
    const { selector, members } = withWeights(1, 1);
    for (const member of members.slice(1)) {
      member.wishedWeight = 3;
      selector.update(member);
    }
    const picked = labels(selector, 8).split(' ');
    assert.equal(picked.filter((label) => label === 'w2').length, 6);
  });

  it('owes nobody hundreds of turns when a heavy one leaves', () => {
    const { selector, members } = withWeights(1, 1, 1000);
    labels(selector, 600);
    for (const heavy of members.slice(2)) selector.remove(heavy);
    const picked = labels(selector, 10).split(' ');
    const first = picked.filter((label) => label === 'w1').length;
    assert.ok(Math.abs(first - 5) <= 1, picked.join(' '));
  });

  it('gives a newcomer its share and no more', () => {
    const { selector } = withWeights(1, 1, 1);
    labels(selector, 1000);
    selector.add(newMember(4, { wishedWeight: 1 }));
    const picked = labels(selector, 40).split(' ');
    const newcomer = picked.filter((label) => label === 'w4').length;
    assert.ok(Math.abs(newcomer - 10) <= 1, picked.join(' '));
  });

  it('keeps the order of nginx when others join one that worked alone', () => {
    const { selector } = withWeights(5);
    labels(selector, 3);
    for (const sequence of [2, 3]) selector.add(newMember(sequence, { wishedWeight: 1 }));
    assert.equal(labels(selector, 7), 'w1 w1 w2 w1 w3 w1 w1');
  });

  it('owes a newcomer nothing for those that came and went without work', () => {
    const { selector } = withWeights(2, 2);
    for (let turn = 0; turn < 500; turn += 1) {
      const flapper = newMember(3 + turn, { wishedWeight: 1 });
      selector.add(flapper);
      selector.pick(0);
      selector.remove(flapper);
    }
    selector.add(newMember(1000, { wishedWeight: 1 }));
    const newcomer = labels(selector, 50)
      .split(' ')
      .filter((label) => label === 'w1000').length;
    assert.ok(Math.abs(newcomer - 10) <= 1, String(newcomer));
  });

  it('takes what a member is owed along into its new weight', () => {
    const { selector, members } = withWeights(1, 3, 1);
    labels(selector, 1003);
    for (const member of members.slice(0, 1)) {
      member.wishedWeight = 3;
      selector.update(member);
    }
    const picked = labels(selector, 70)
      .split(' ')
      .filter((label) => label === 'w1').length;
    assert.ok(Math.abs(picked - 30) <= 1, String(picked));
  });

  it('lets an excluded member gain nothing meanwhile', () => {
    const { selector, members } = withWeights(1, 1, 1);
    for (let turn = 0; turn < 300; turn += 1) selector.pick(0, (member) => member === members[0]);
    const picked = labels(selector, 9).split(' ');
    assert.equal(picked.filter((label) => label === 'w1').length, 3, picked.join(' '));
  });

  it('picks nobody when all are excluded, and loses no turn by it', () => {
    const { selector } = withWeights(5, 1, 1);
    assert.equal(
      selector.pick(0, () => true),
      undefined,
    );
    assert.equal(labels(selector, 7), 'w1 w1 w2 w1 w3 w1 w1');
    assert.equal(new Weighted().pick(0), undefined);
  });
});
