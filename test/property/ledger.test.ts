import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Ledger } from '../../src/core/pool/ledger.ts';
import type { Member } from '../../src/core/pool/member.ts';
import { newMember } from '../unit/select/new-member.ts';

const who = fc.nat({ max: 5 });
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('enter' as const, 'leave' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constantFrom('served' as const, 'answered' as const, 'heard' as const), who }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('wait' as const), time: fc.nat({ max: 4_000 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant('window' as const), length: fc.integer({ min: 10, max: 9_999 }) }),
  },
);

/** A member twice: in the ledger that all share, and alone in one of its own. */
interface Pair {
  readonly shared: Member;
  readonly alone: Member;
  readonly own: Ledger;
}

function look(member: Member, now: number): readonly number[] {
  const { seen, servedAt, heardAt, pingedAt, toldAt } = member;
  return [seen, servedAt, heardAt, pingedAt, toldAt, member.inFlight(now), member.inFlightFallsAt(now)];
}

describe('the ledger of a pool', () => {
  it('keeps for each member what it would keep for it alone, whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 200 }), (steps) => {
        let now = 1_800_000_000_000;
        let length = 10_000;
        let joined = 0;
        const ledger = new Ledger(length);
        const present = new Map<number, Pair>();
        for (const event of steps) {
          if (event.op === 'wait') now += event.time;
          if (event.op === 'window') {
            ({ length } = event);
            for (const { work } of [ledger, ...[...present.values()].map(({ own }) => own)])
              work.setLength(length, now);
          }
          if (!('who' in event)) continue;
          const pair = present.get(event.who);
          if (event.op === 'enter' && pair === undefined) {
            joined += 1;
            const own = new Ledger(length);
            const start = { seen: now };
            present.set(event.who, {
              shared: newMember(joined, start, ledger),
              alone: newMember(joined, start, own),
              own,
            });
          }
          if (pair === undefined) continue;
          for (const member of [pair.shared, pair.alone]) {
            if (event.op === 'served') member.served(now);
            if (event.op === 'answered') member.answeredOne(now);
            if (event.op === 'heard') member.heardAt = now;
          }
          if (event.op === 'leave') {
            pair.shared.depart();
            present.delete(event.who);
            pair.shared.served(now);
            pair.shared.heardAt = now;
            assert.deepEqual(look(pair.shared, now), [0, 0, 0, 0, 0, 0, Number.POSITIVE_INFINITY]);
          }
          // Not after every step: to look brings the counts up to date.
          if (event.op !== 'heard') continue;
          for (const { shared, alone } of present.values()) assert.deepEqual(look(shared, now), look(alone, now));
        }
      }),
    );
  });

  it('gives back what those took who have left', () => {
    const ledger = new Ledger(10_000);
    const members = Array.from({ length: 1_000 }, (_, index) => newMember(index + 1, {}, ledger));
    const most = ledger.capacity;
    assert.ok(most >= 1_000 && most <= 1_300, `${most} rows`);
    for (const member of members) member.depart();
    assert.ok(ledger.capacity < 10, `${ledger.capacity} rows`);
    for (const member of members) member.depart();
    assert.equal(newMember(1, {}, ledger).row, 0);
  });
});
