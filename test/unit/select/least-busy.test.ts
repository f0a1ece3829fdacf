import assert, { equal } from 'node:assert/strict';
import { LeastBusy } from '../../../src/core/select/least-busy.ts';
import { newMember, place } from './new-member.ts';

const now = 1_000_000;

/** Picks `times` in a row, each forwarded at `at`; the labels of who was picked. */
function deal(selector: LeastBusy, times: number, at = now): string {
  return Array.from({ length: times }, () => {
    const member = selector.pick(at);
    member?.served(at);
    return member?.label;
  }).join(' ');
}

function crew(...weights: number[]): { selector: LeastBusy; members: ReturnType<typeof newMember>[] } {
  const selector = new LeastBusy();
  const members = weights.map((wishedWeight, index) => newMember(index + 1, { wishedWeight }));
  for (const member of members) place(selector, member);
  return { selector, members };
}

describe('leastbusy', () => {
  it('goes in turn while nobody answers, and to whoever has answered', () => {
    const { selector, members } = crew(1, 1, 1);
    equal(deal(selector, 4), 'w1 w2 w3 w1');
    members[2]?.answeredOne(now);
    equal(deal(selector, 3), 'w3 w2 w3');
  });

  it('goes in turn while everybody answers at once', () => {
    const { selector, members } = crew(1, 1, 1);
    const picked = Array.from({ length: 6 }, () => {
      const label = deal(selector, 1);
      for (const member of members) member.answeredOne(now);
      return label;
    });
    equal(picked.join(' '), 'w1 w2 w3 w1 w2 w3');
  });

  it('keeps the turn of one that pauses, and sees what it has when it resumes', () => {
    const { selector, members } = crew(1, 1, 1);
    const [first, second, third] = members;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    equal(deal(selector, 3), 'w1 w2 w3');
    selector.pause(first);
    selector.pause(first);
    equal(deal(selector, 2), 'w2 w3');
    selector.resume(first);
    selector.resume(first);
    // It has less than they have.
    equal(deal(selector, 2), 'w1 w2');
    selector.pause(second);
    second.answeredOne(now);
    selector.update(second);
    equal(deal(selector, 1), 'w3');
    selector.resume(second);
    equal(deal(selector, 2), 'w1 w2');
    for (const member of members) for (let n = 0; n < 3; n += 1) member.answeredOne(now);
    // All alike again: the one picked longest ago goes first, although it was away.
    selector.pause(third);
    selector.resume(third);
    equal(deal(selector, 3), 'w3 w1 w2');
  });

  it('sees what left the window while one paused', () => {
    const { selector, members } = crew(1, 1);
    const [first] = members;
    assert.ok(first !== undefined);
    for (let n = 0; n < 2; n += 1) first.served(now);
    members[1]?.served(now + 5_000);
    selector.pause(first);
    equal(selector.pick(now + 11_000)?.label, 'w2');
    selector.resume(first);
    equal(selector.pick(now + 11_000)?.label, 'w1');
  });

  it('forgets one that leaves while it pauses', () => {
    const { selector, members } = crew(1, 1);
    const [first] = members;
    assert.ok(first !== undefined);
    selector.pause(first);
    selector.remove(first);
    selector.resume(first);
    equal(deal(selector, 2), 'w2 w2');
  });

  it('lets a worker have as much in flight as its weight says', () => {
    const { selector, members } = crew(5, 1, 2);
    deal(selector, 80);
    equal(members.map((member) => member.inFlight(now)).join(' '), '50 10 20');
  });

  it('forgets what fell out of the work window, without being told', () => {
    const { selector } = crew(1, 1);
    equal(deal(selector, 2), 'w1 w2');
    selector.pick(now)?.served(now + 5_000);
    equal(deal(selector, 1, now + 12_000), 'w2');
  });

  it('follows a weight that changes, and gives a newcomer the end of the line', () => {
    const { selector, members } = crew(1, 1);
    deal(selector, 4);
    const [first] = members;
    if (first !== undefined) {
      first.wishedWeight = 3;
      selector.update(first);
    }
    equal(deal(selector, 3), 'w1 w1 w1');
    const late = crew(1, 1);
    equal(deal(late.selector, 2), 'w1 w2');
    for (const member of late.members) member.answeredOne(now);
    place(late.selector, newMember(9));
    equal(deal(late.selector, 3), 'w1 w2 w9');
  });

  it('passes over who is excluded', () => {
    const { selector } = crew(1, 1, 1);
    equal(selector.pick(now, (member) => member.label === 'w1')?.label, 'w2');
    equal(
      selector.pick(now, () => true),
      undefined,
    );
  });
});
