import assert from 'node:assert/strict';
import { Duty } from '../../../src/core/durable/duty.ts';
import { Candidates, forDurable } from '../../../src/core/pool/dispatch/candidates.ts';
import type { Member } from '../../../src/core/pool/member.ts';
import { algorithmNames } from '../../../src/core/select/table.ts';
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

describe('Candidates for deliveries that are acknowledged', () => {
  let takers: Candidates;
  beforeEach(() => {
    takers = new Candidates(
      undefined,
      forDurable(
        () => 'receipt',
        () => undefined,
      ),
    );
  });

  /** Lets a member take part that may hold one. */
  function enter(member: Member): Member {
    member.duty = new Duty(member, 1);
    takers.refresh(member);
    return member;
  }

  function fill(member: Member): void {
    member.duty?.lease(1, start);
    takers.reviewRest(member);
  }

  it('does not turn to members that are not verified while the others have only no room', () => {
    const [a, b] = [enter(newMember(1)), enter(newMember(2, { state: 'unverified' }))];
    fill(a);
    assert.deepEqual([takers.pick('roundrobin', start), takers.free, takers.size], [undefined, 0, 2]);
    takers.drop(a);
    assert.deepEqual([takers.pick('roundrobin', start), takers.free, takers.size], [b, 1, 1]);
  });

  it('leaves out who has no room also when an algorithm is asked for the first time', () => {
    const [a, b] = [enter(newMember(1)), enter(newMember(2))];
    fill(a);
    for (const name of algorithmNames()) assert.equal(takers.pick(name, start), b);
    fill(b);
    for (const name of algorithmNames()) assert.equal(takers.pick(name, start), undefined);
    assert.deepEqual(takers.pickAll(start), []);
  });

  it('forgets that a member had no room when it comes back', () => {
    const a = enter(newMember(1));
    fill(a);
    takers.drop(a);
    assert.equal(takers.free, 0);
    a.duty?.released();
    takers.refresh(a);
    for (const name of algorithmNames()) assert.equal(takers.pick(name, start), a);
    assert.deepEqual([takers.free, takers.size], [1, 1]);
  });
});
