import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Candidates } from '../../src/core/pool/dispatch/candidates.ts';
import { type Member, weightOf } from '../../src/core/pool/member.ts';
import { hashText, mix } from '../../src/core/select/hash.ts';
import { LeastBusy } from '../../src/core/select/least-busy.ts';
import { MostActive } from '../../src/core/select/most-active.ts';
import { RoundRobin } from '../../src/core/select/round-robin.ts';
import type { Selector } from '../../src/core/select/selector.ts';
import { Sticky } from '../../src/core/select/sticky.ts';
import { algorithmNames } from '../../src/core/select/table.ts';
import { Weighted } from '../../src/core/select/weighted.ts';
import { newMember, place } from '../unit/select/new-member.ts';

const shows = ['chat', 'online', 'away', 'xa', 'dnd'] as const;
const size = 8;
const who = fc.nat({ max: size - 1 });

/** What can happen to a pool. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('pick' as const), times: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('add' as const, 'remove' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('update' as const),
      who,
      priority: fc.integer({ min: -2, max: 3 }),
      show: fc.constantFrom(...shows),
      drain: fc.boolean(),
      wishedWeight: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('answer' as const), who }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), time: fc.nat({ max: 15_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
// As long as they may be: of the ten steps that are usual hardly two are about the same member.
const history = fc.array(step, { maxLength: 120, size: 'max' });

/** Everybody's weight, and turns taken with nobody coming or going. */
const weights = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 });

/** Members, those of them that the selector knows, and the time. */
class Play {
  readonly members: readonly Member[];
  readonly added = new Set<Member>();
  now = 1_000_000;
  readonly #selector: Selector;

  constructor(selector: Selector) {
    this.#selector = selector;
    this.members = Array.from({ length: size }, (_, index) => newMember(index + 1));
  }

  /** Does everything but picking. */
  act(step: Step): void {
    if (step.op === 'wait') this.now += step.time;
    if (step.op === 'wait' || step.op === 'pick') return;
    const member = this.members[step.who] ?? assert.fail();
    if (step.op === 'answer') member.answeredOne(this.now);
    if (step.op === 'add' && !this.added.has(member)) {
      this.added.add(member);
      place(this.#selector, member);
    }
    if (step.op === 'remove' && this.added.delete(member)) this.#selector.remove(member);
    if (step.op !== 'update') return;
    Object.assign(member, { priority: step.priority, show: step.show, wishedWeight: step.wishedWeight });
    if (this.added.has(member)) this.#selector.update(member);
  }
}

/** The member with the highest score for a key, by looking at each. */
function best(members: ReadonlySet<Member>, key: number): Member | undefined {
  const score = (member: Member) => -weightOf(member) / Math.log(mix(key, hashText(member.jid)));
  return [...members].sort((a, b) => score(b) - score(a))[0];
}

describe('selection, for any history of joins, leaves and updates', () => {
  it('roundrobin: two workers that stay differ by at most 1', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const selector = new RoundRobin();
        const play = new Play(selector);
        /** By pair: how often the first was picked more often since both were there. */
        const lead = new Map<string, number>();
        const pairsOf = (member: Member) => play.members.filter((other) => other !== member);
        for (const step of steps) {
          play.act(step);
          if (step.op === 'add' || step.op === 'remove') {
            for (const key of lead.keys()) {
              const gone = play.members.some((m) => !play.added.has(m) && key.split(' ').includes(m.label));
              if (gone) lead.delete(key);
            }
          }
          for (let turn = 0; step.op === 'pick' && turn < step.times; turn += 1) {
            const picked = selector.pick(play.now);
            assert.equal(picked !== undefined, play.added.size > 0);
            if (picked === undefined) continue;
            assert.ok(play.added.has(picked));
            for (const other of pairsOf(picked).filter((m) => play.added.has(m))) {
              const more = (lead.get(`${picked.label} ${other.label}`) ?? 0) + 1;
              assert.ok(more <= 1, `${picked.label} is ${more} ahead of ${other.label}`);
              lead.set(`${picked.label} ${other.label}`, more);
              lead.set(`${other.label} ${picked.label}`, -more);
            }
          }
        }
      }),
    );
  });

  it('roundrobin: the next is the first in join order after the last', () => {
    fc.assert(
      fc.property(history, fc.func(fc.boolean()), (steps, excludes) => {
        const selector = new RoundRobin();
        const play = new Play(selector);
        let last = 0;
        for (const step of steps) {
          play.act(step);
          if (step.op !== 'pick') continue;
          const exclude = (member: Member) => excludes(member.label, step.times);
          const allowed = play.members.filter((member) => play.added.has(member) && !exclude(member));
          const expected = allowed.find((member) => member.sequence > last) ?? allowed[0];
          assert.equal(selector.pick(play.now, exclude)?.label, expected?.label);
          last = expected?.sequence ?? last;
        }
      }),
    );
  });

  it('mostactive: equals a naive search', () => {
    fc.assert(
      fc.property(history, fc.func(fc.integer({ min: 0, max: 4 })), (steps, excludes) => {
        const selector = new MostActive();
        const play = new Play(selector);
        /** Who was served when within one millisecond is known only while a member stays. */
        const turns = new Map<Member, number>();
        let count = 0;
        for (const who of play.members.keys()) play.act({ op: 'add', who });
        for (const step of steps) {
          // Mostly of one rank, so that what is in flight decides.
          if (step.op !== 'update' || step.priority === 3) play.act(step);
          for (const member of turns.keys()) if (!play.added.has(member)) turns.delete(member);
          for (let turn = 0; step.op === 'pick' && turn < step.times; turn += 1) {
            const exclude = (member: Member) => excludes(member.label, step.times) === 0;
            const allowed = play.members.filter((member) => play.added.has(member) && !exclude(member));
            const [expected] = allowed.sort(
              (a, b) =>
                b.priority - a.priority ||
                shows.indexOf(a.show) - shows.indexOf(b.show) ||
                a.inFlight(play.now) - b.inFlight(play.now) ||
                a.servedAt - b.servedAt ||
                (turns.get(a) ?? 0) - (turns.get(b) ?? 0) ||
                a.sequence - b.sequence,
            );
            const picked = selector.pick(play.now, exclude);
            assert.equal(picked?.label, expected?.label);
            picked?.served(play.now);
            count += 1;
            if (picked !== undefined) turns.set(picked, count);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('leastbusy: equals a naive search', () => {
    fc.assert(
      fc.property(history, fc.func(fc.integer({ min: 0, max: 4 })), (steps, excludes) => {
        const selector = new LeastBusy();
        const play = new Play(selector);
        /** Number of the pick that chose it last, or that it came after. */
        const turns = new Map<Member, number>();
        let count = 0;
        for (const step of steps) {
          play.act(step);
          for (const member of turns.keys()) if (!play.added.has(member)) turns.delete(member);
          for (const member of play.added) if (!turns.has(member)) turns.set(member, count);
          for (let turn = 0; step.op === 'pick' && turn < step.times; turn += 1) {
            const exclude = (member: Member) => excludes(member.label, step.times) === 0;
            const allowed = play.members.filter((member) => play.added.has(member) && !exclude(member));
            const [expected] = allowed.sort(
              (a, b) =>
                a.inFlight(play.now) * weightOf(b) - b.inFlight(play.now) * weightOf(a) ||
                (turns.get(a) ?? 0) - (turns.get(b) ?? 0) ||
                a.sequence - b.sequence,
            );
            const picked = selector.pick(play.now, exclude);
            assert.equal(picked?.label, expected?.label);
            if (picked === undefined) continue;
            picked.served(play.now);
            count += 1;
            turns.set(picked, count);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('sticky: a leave moves only its keys, a join takes only what it wins, and nothing else moves any', () => {
    const keys = Array.from({ length: 40 }, (_, index) => hashText(`sensor${index}@far.example`));
    fc.assert(
      fc.property(history, fc.constantFrom(16, 1024), (steps, remembered) => {
        const selector = new Sticky(remembered);
        const play = new Play(selector);
        let before: (Member | undefined)[] = keys.map(() => undefined);
        for (const [at, step] of steps.entries()) {
          const changed = 'who' in step ? play.members[step.who] : undefined;
          const lighter = changed === undefined ? 0 : weightOf(changed);
          play.act(step);
          const after = keys.map((key) => best(play.added, key));
          for (const [index, owner] of after.entries()) {
            const was = before[index];
            if (owner === was) continue;
            assert.ok(changed !== undefined && (owner === changed || was === changed));
            if (step.op === 'remove') assert.equal(was, changed);
            if (step.op === 'add') assert.equal(owner, changed);
            if (step.op === 'update') assert.equal(owner === changed, weightOf(changed) > lighter);
          }
          // Not every key is seen after every step: some meet several newcomers at once.
          for (const [index, key] of keys.entries()) {
            if ((index + at) % 3 === 0) assert.equal(selector.pick(play.now, undefined, key), after[index]);
          }
          before = after;
        }
      }),
    );
  });

  it('weighted: only members are picked, and no pair drifts apart', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const selector = new Weighted();
        const play = new Play(selector);
        /** Picks less what was due, since the member was added. */
        const ahead = new Map<Member, number>();
        for (const step of steps) {
          play.act(step);
          if (step.op === 'add' || step.op === 'remove') ahead.clear();
          for (let turn = 0; step.op === 'pick' && turn < step.times; turn += 1) {
            const picked = selector.pick(play.now);
            assert.equal(picked !== undefined, play.added.size > 0);
            if (picked === undefined) continue;
            const sum = [...play.added].reduce((total, member) => total + weightOf(member), 0);
            for (const member of play.added) ahead.set(member, (ahead.get(member) ?? 0) - weightOf(member) / sum);
            ahead.set(picked, (ahead.get(picked) ?? assert.fail()) + 1);
          }
          for (const value of ahead.values()) assert.ok(Math.abs(value) < 4, `${value} ahead`);
        }
      }),
    );
  });
});

describe('selection among workers that stay', () => {
  it('weighted: everybody is within 2 of its share after every turn', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 2000 }), (each, turns) => {
        const selector = new Weighted();
        const members = each.map((wishedWeight, index) => newMember(index + 1, { wishedWeight }));
        for (const member of members) place(selector, member);
        const sum = each.reduce((total, weight) => total + weight, 0);
        const picks = new Map<Member, number>(members.map((member) => [member, 0]));
        for (let turn = 1; turn <= turns; turn += 1) {
          const picked = selector.pick(0) ?? assert.fail();
          picks.set(picked, (picks.get(picked) ?? 0) + 1);
          for (const [member, count] of picks) {
            assert.ok(Math.abs(count - (turn * weightOf(member)) / sum) < 2, `${member.label} after ${turn}`);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('weighted: a whole round gives exactly the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }), (each) => {
        const selector = new Weighted();
        const picks = Array.from({ length: each.length }, () => 0);
        for (const [index, wishedWeight] of each.entries()) place(selector, newMember(index + 1, { wishedWeight }));
        const sum = each.reduce((total, weight) => total + weight, 0);
        for (let turn = 0; turn < sum; turn += 1) {
          const index = (selector.pick(0)?.sequence ?? 0) - 1;
          picks[index] = (picks[index] ?? 0) + 1;
        }
        assert.deepEqual(picks, each);
      }),
    );
  });
});

/** Who may get new work, in the words of RFC 6121 8.5.2.1.1 and design.md, and not in those of the code. */
function takesWork({ priority, show, drain }: Member): boolean {
  return priority >= 0 && show !== 'dnd' && !drain;
}

describe('eligibility, for any history', () => {
  for (const algorithm of algorithmNames()) {
    it(`${algorithm} never picks a worker that is negative, dnd or draining`, () => {
      fc.assert(
        fc.property(history, (steps) => {
          const candidates = new Candidates();
          const members = Array.from({ length: size }, (_, index) => newMember(index + 1));
          const present = new Set<Member>();
          for (const step of steps) {
            if (step.op === 'wait' || step.op === 'answer') continue;
            if (step.op === 'pick') {
              const picked = candidates.pick(algorithm, 0);
              const allowed = picked === undefined || (present.has(picked) && takesWork(picked));
              assert.ok(allowed, `picked ${picked?.jid}`);
              assert.equal(picked !== undefined, [...present].some(takesWork));
              continue;
            }
            const member = members[step.who] ?? assert.fail();
            if (step.op === 'update') {
              Object.assign(member, { priority: step.priority, show: step.show, drain: step.drain });
            }
            if (step.op === 'remove') {
              present.delete(member);
              candidates.drop(member);
            } else if (step.op === 'add' || present.has(member)) {
              present.add(member);
              candidates.refresh(member);
            }
          }
        }),
      );
    });
  }
});
