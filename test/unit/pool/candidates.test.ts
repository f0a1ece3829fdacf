import assert from 'node:assert/strict';
import { Candidates } from '../../../src/core/pool/candidates.ts';
import type { AlgorithmName } from '../../../src/core/settings.ts';
import { newMember } from '../select/new-member.ts';

const start = 1_000_000;

describe('Candidates', () => {
  for (const algorithm of ['mostactive', 'leastbusy'] as const) {
    it(`tells ${algorithm} of work that came after it was first asked for`, () => {
      const candidates = new Candidates();
      const [a, b] = [newMember(1), newMember(2)];
      for (const member of [a, b]) candidates.refresh(member);
      const pick = (name: AlgorithmName = algorithm) => candidates.pick(name, start);
      assert.equal(pick(), a);
      a.served(start);
      assert.equal(pick(), b);
      for (const name of ['roundrobin', 'mostactive', 'leastbusy'] as const) pick(name);
      b.served(start);
      b.served(start);
      assert.equal(pick(), a);
      b.answeredOne(start);
      b.answeredOne(start);
      assert.equal(pick(), b);
    });
  }

  it('counts each member once, wherever it is', () => {
    const candidates = new Candidates();
    const [a, b, c] = [newMember(1), newMember(2, { state: 'checking' }), newMember(3, { priority: -1 })];
    const counts = () => [candidates.verified, candidates.size];
    for (const member of [a, b, c, a]) candidates.refresh(member);
    assert.deepEqual(counts(), [1, 2]);
    b.state = 'verified';
    candidates.refresh(b);
    assert.deepEqual(counts(), [2, 2]);
    b.drain = true;
    candidates.refresh(b);
    candidates.drop(a);
    candidates.drop(a);
    assert.deepEqual(counts(), [0, 0]);
    assert.equal(candidates.pick('roundrobin', start), undefined);
  });

  it('uses a member that is not verified only while there is no other', () => {
    const candidates = new Candidates();
    const [a, b] = [newMember(1, { state: 'unverified' }), newMember(2)];
    candidates.refresh(a);
    assert.equal(candidates.pick('mostactive', start), a);
    candidates.refresh(b);
    assert.equal(candidates.pick('mostactive', start), b);
    b.served(start);
    assert.equal(candidates.pick('mostactive', start), b);
    candidates.drop(b);
    assert.equal(candidates.pick('mostactive', start), a);
  });
});
