import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Duty } from '../../src/core/durable/duty.ts';
import { Candidates, forDurable } from '../../src/core/pool/dispatch/candidates.ts';
import { type Member, weightOf } from '../../src/core/pool/member.ts';
import { hashText } from '../../src/core/select/hash.ts';
import { algorithmNames } from '../../src/core/select/table.ts';
import type { AlgorithmName } from '../../src/core/settings.ts';
import { newMember } from '../unit/select/new-member.ts';

const size = 9;
/** So many of them, every other one, have a small capacity, so that they are full now and then; the others never are. */
const narrow = 5;
const endless = 1_000_000;

const capacities = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: narrow, maxLength: narrow });
const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: size, maxLength: size });
/** Messages that come, and members that acknowledge one: mostly the narrow ones, so that they are back often. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('pick' as const), times: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ op: fc.constant('done' as const), who: fc.nat({ max: narrow - 1 }).map((n) => 2 * n) }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('done' as const), who: fc.nat({ max: size - 1 }) }) },
);
const history = fc.array(step, { maxLength: 300, size: 'max' });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Workers with duties, and who takes what. */
class Works {
  readonly members: readonly Member[];
  bound: number | undefined;
  readonly takers = new Candidates(
    undefined,
    forDurable(
      () => 'receipt',
      () => this.bound,
    ),
  );
  readonly picks = new Map<Member, number>();
  readonly #algorithm: AlgorithmName;
  #count = 0;

  constructor(algorithm: AlgorithmName, narrowest: readonly number[], each: readonly number[] = []) {
    this.#algorithm = algorithm;
    this.members = Array.from({ length: size }, (_, index) => {
      const member = newMember(index + 1, { wishedWeight: each[index] });
      member.duty = new Duty(member, (index % 2 === 0 ? narrowest[index / 2] : undefined) ?? endless);
      this.takers.refresh(member);
      return member;
    });
  }

  /** Those that are never full. */
  get wide(): readonly Member[] {
    return this.members.filter((_, index) => index % 2 === 1);
  }

  /** Who has the key, if nobody has too much. */
  owner(key: number): Member | undefined {
    return this.takers.pick('sticky', 0, undefined, hashText(`key${key}`));
  }

  pick(exclude?: (member: Member) => boolean, key = this.#count % 40): Member | undefined {
    this.#count += 1;
    const member = this.takers.pick(this.#algorithm, 0, exclude, hashText(`key${key}`));
    if (member === undefined) return undefined;
    this.picks.set(member, (this.picks.get(member) ?? 0) + 1);
    member.duty?.lease(this.#count, 0);
    this.#changed(member);
    return member;
  }

  done(member: Member): void {
    member.duty?.released();
    this.#changed(member);
  }

  /** Does one step, and tells `after` of each pick. */
  run(step: Step, after: (picked: Member) => void): void {
    const member = step.op === 'done' ? this.members[step.who] : undefined;
    if (member !== undefined) this.done(member);
    for (let turn = 0; step.op === 'pick' && turn < step.times; turn += 1) after(this.pick() ?? assert.fail());
  }

  #changed(member: Member): void {
    this.takers.reviewRest(member);
    member.workChanged(0);
  }
}

describe('capacity, for any history of leases and acknowledgements', () => {
  for (const algorithm of algorithmNames().filter((name) => name !== 'all')) {
    it(`${algorithm} never gives to a worker that is full, and somebody while one is not`, () => {
      fc.assert(
        fc.property(history, weights, capacities, fc.nat({ max: size }), (steps, each, narrowest, failed) => {
          const works = new Works(algorithm, narrowest, each);
          // Here all are narrow.
          for (const member of works.wide) {
            member.duty?.resize(2);
            works.takers.refresh(member);
          }
          for (const step of steps) {
            const member = step.op === 'done' ? works.members[step.who] : undefined;
            if (member !== undefined) works.done(member);
            if (step.op !== 'pick') continue;
            const open = works.members.filter(({ duty, sequence }) => duty?.full === false && sequence !== failed);
            const picked = works.pick(({ sequence }) => sequence === failed);
            assert.equal(picked === undefined, open.length === 0);
            assert.ok(picked === undefined || open.includes(picked));
            const free = works.members.filter(({ duty }) => duty?.full === false).length;
            assert.equal(works.takers.free, free);
            assert.equal(works.takers.size, size);
          }
        }),
      );
    });
  }

  it('roundrobin: two workers that stay below capacity differ by at most 1', () => {
    fc.assert(
      fc.property(history, capacities, (steps, narrowest) => {
        const works = new Works('roundrobin', narrowest);
        for (const step of steps) {
          works.run(step, () => {
            const counts = works.wide.map((member) => works.picks.get(member) ?? 0);
            assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(' '));
          });
        }
      }),
    );
  });

  it('weighted: workers that stay below capacity are within 2 of their shares of what they get together', () => {
    fc.assert(
      fc.property(history, weights, capacities, (steps, each, narrowest) => {
        const works = new Works('weighted', narrowest, each);
        const sum = works.wide.reduce((total, member) => total + weightOf(member), 0);
        for (const step of steps) {
          works.run(step, () => {
            const together = works.wide.reduce((total, member) => total + (works.picks.get(member) ?? 0), 0);
            for (const member of works.wide) {
              const off = (works.picks.get(member) ?? 0) - (together * weightOf(member)) / sum;
              assert.ok(Math.abs(off) < 2, `${member.label} is ${off} off`);
            }
          });
        }
      }),
      { numRuns: 400 },
    );
  });

  for (const algorithm of ['roundrobin', 'weighted'] as const) {
    it(`${algorithm}: who was full has after it the share that it would have had, within 2`, () => {
      fc.assert(
        fc.property(history, weights, capacities, (steps, each, narrowest) => {
          const works = new Works(algorithm, narrowest, algorithm === 'weighted' ? each : []);
          for (const step of steps) works.run(step, () => undefined);
          // From now on nobody is ever full.
          for (const member of works.members) {
            member.duty?.resize(endless);
            works.takers.refresh(member);
          }
          works.picks.clear();
          const shares = works.members.map((member) => (algorithm === 'weighted' ? weightOf(member) : 1));
          const sum = shares.reduce((total, share) => total + share, 0);
          for (let turn = 1; turn <= 2 * sum; turn += 1) {
            works.pick();
            for (const [index, member] of works.members.entries()) {
              const off = (works.picks.get(member) ?? 0) - (turn * (shares[index] ?? 0)) / sum;
              // Ahead or behind by 2 before, and by 2 after.
              assert.ok(Math.abs(off) < 4, `${member.label} is ${off} off after ${turn}`);
            }
          }
        }),
        { numRuns: 400 },
      );
    });
  }

  it('sticky: a key is back with its worker as soon as that has room, and nobody else loses one', () => {
    const keys = Array.from({ length: 60 }, (_, index) => hashText(`sensor${index}@far.example`));
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: size - 1 }), { maxLength: size }), weights, (full, each) => {
        const works = new Works('sticky', [], each);
        const owners = () => keys.map((key) => works.takers.pick('sticky', 0, undefined, key));
        const before = owners();
        const resize = (capacity: number) => {
          for (const who of full) {
            works.members[who]?.duty?.resize(capacity);
            works.takers.refresh(works.members[who] ?? assert.fail());
          }
        };
        resize(0);
        for (const [index, owner] of owners().entries()) {
          const was = before[index];
          if (was?.duty?.full === false) assert.equal(owner, was);
          else assert.ok(full.length === size ? owner === undefined : owner?.duty?.full === false);
        }
        assert.deepEqual(owners(), owners());
        resize(endless);
        assert.deepEqual(owners(), before);
      }),
    );
  });

  it('sticky, bounded: a key leaves its worker only while that is over the bound, for one that is not', () => {
    const bounds = fc.constantFrom(1, 1.25, 2);
    const keys = fc.array(fc.nat({ max: 5 }), { maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(keys, weights, bounds, fc.nat({ max: 4 }), (picks, each, bound, done) => {
        const works = new Works('sticky', [], each);
        const owners = Array.from({ length: 6 }, (_, key) => works.owner(key));
        works.bound = bound;
        const sum = works.members.reduce((total, member) => total + weightOf(member), 0);
        for (const [turn, key] of picks.entries()) {
          const held = works.members.reduce((total, { duty }) => total + (duty?.held ?? 0), 0);
          const isOver = (member: Member) =>
            (member.duty?.held ?? 0) > Math.max(2, (bound * held * weightOf(member)) / sum);
          const over = new Set(works.members.filter(isOver));
          const owner = owners[key] ?? assert.fail();
          const picked = works.pick(undefined, key) ?? assert.fail();
          if (over.has(owner)) assert.equal(over.has(picked), over.size === size);
          else assert.equal(picked, owner);
          const oldest = works.members[turn % size];
          if (turn % 5 < done && oldest !== undefined) works.done(oldest);
        }
      }),
    );
  });
});
