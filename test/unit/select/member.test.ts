import assert from 'node:assert/strict';
import { Ledger } from '../../../src/core/pool/ledger.ts';
import { eligible, type MemberStart, weightOf } from '../../../src/core/pool/member.ts';
import { newMember } from './new-member.ts';

describe('eligible', () => {
  const cases: readonly [string, Partial<MemberStart>, boolean][] = [
    ['a member of priority 0', {}, true],
    ['one of a negative priority', { priority: -1 }, false],
    ['one that is dnd', { show: 'dnd' }, false],
    ['one that is away for long', { show: 'xa' }, true],
    ['one that drains', { drain: true }, false],
    ['one that did not answer its ping', { state: 'unverified' }, true],
  ];
  for (const [name, start, expected] of cases) {
    it(`${expected ? 'takes' : 'leaves out'} ${name}`, () => {
      assert.equal(eligible(newMember(1, start)), expected);
    });
  }
});

describe('weightOf', () => {
  const cases: readonly [Partial<MemberStart>, number][] = [
    [{ priority: 0 }, 1],
    [{ priority: 7 }, 7],
    [{ priority: 7, configuredWeight: 3 }, 3],
    [{ priority: 7, configuredWeight: 3, wishedWeight: 2 }, 2],
    [{ priority: 0, wishedWeight: 9 }, 9],
    [{ priority: -5 }, 1],
  ];
  for (const [start, expected] of cases) {
    it(`is ${expected} for ${JSON.stringify(start)}`, () => {
      assert.equal(weightOf(newMember(1, start)), expected);
    });
  }
});

describe('Member in flight', () => {
  it('counts what was forwarded within the window', () => {
    const member = newMember(1);
    member.served(1_000_000);
    member.served(1_005_000);
    assert.equal(member.inFlight(1_005_000), 2);
    assert.equal(member.inFlightFallsAt(1_005_000), 1_010_000);
    assert.equal(member.inFlight(1_009_999), 2);
    assert.equal(member.inFlight(1_010_000), 1);
    assert.equal(member.inFlight(1_015_000), 0);
    assert.equal(member.inFlightFallsAt(1_015_000), Number.POSITIVE_INFINITY);
    assert.equal(member.servedAt, 1_005_000);
  });

  it('lets an answer take out the oldest', () => {
    const member = newMember(1);
    member.served(1_000_000);
    member.served(1_005_000);
    member.answeredOne(1_006_000);
    assert.equal(member.inFlight(1_012_000), 1);
    member.answeredOne(1_012_000);
    member.answeredOne(1_012_000);
    assert.equal(member.inFlight(1_012_000), 0);
  });

  it('forgets all after a long silence', () => {
    const member = newMember(1);
    for (let n = 0; n < 50; n += 1) member.served(1_000_000 + n * 200);
    assert.equal(member.inFlight(1_000_000 + 49 * 200), 50);
    assert.equal(member.inFlight(9_000_000), 0);
  });

  it('counts all that is open as if it were new when the window gets another length', () => {
    const ledger = new Ledger(10_000);
    const member = newMember(1, {}, ledger);
    for (const at of [1_000_000, 1_003_000, 1_008_000]) member.served(at);
    ledger.work.setLength(2_000, 1_009_000);
    assert.equal(member.inFlight(1_009_000), 3);
    assert.equal(member.inFlightFallsAt(1_009_000), 1_011_000);
    assert.equal(member.inFlight(1_010_999), 3);
    assert.equal(member.inFlight(1_011_000), 0);
  });

  it('stands still when time runs backwards', () => {
    const member = newMember(1);
    member.served(1_000_000);
    assert.equal(member.inFlight(5), 1);
    member.served(5);
    assert.equal(member.inFlight(1_000_000), 2);
  });
});
