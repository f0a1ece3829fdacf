import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Duty } from '../../src/core/durable/duty.ts';
import type { Member } from '../../src/core/pool/member.ts';
import { hashText } from '../../src/core/select/hash.ts';
import type { Selector } from '../../src/core/select/selector.ts';
import { algorithmNames, createSelector } from '../../src/core/select/table.ts';
import { newMember, place } from '../unit/select/new-member.ts';

const size = 8;
const who = fc.nat({ max: size - 1 });
const shows = ['chat', 'online', 'away', 'xa'] as const;

/** What can happen to a selector, each pick with somebody who is to be left out. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('pick' as const),
      out: fc.array(who, { maxLength: 3 }),
      key: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom('add' as const, 'remove' as const, 'pause' as const, 'resume' as const, 'answer' as const),
      who,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('update' as const),
      who,
      priority: fc.integer({ min: 0, max: 3 }),
      show: fc.constantFrom(...shows),
      wishedWeight: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('wait' as const), time: fc.nat({ max: 15_000 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A selector and its members, to which the same happens as to another one. */
class Side {
  readonly selector: Selector;
  readonly members: readonly Member[] = Array.from({ length: size }, (_, index) => {
    const member = newMember(index + 1);
    member.duty = new Duty(member, 100);
    return member;
  });
  readonly #there = new Set<Member>();

  constructor(selector: Selector) {
    this.selector = selector;
  }

  get there(): number {
    return this.#there.size;
  }

  act(step: Exclude<Step, { op: 'pick' | 'wait' }>, now: number): void {
    const member = this.members[step.who] ?? assert.fail();
    const there = this.#there.has(member);
    if (step.op === 'add' && !there) {
      this.#there.add(member);
      place(this.selector, member);
    } else if (step.op === 'answer') {
      member.duty?.released();
      member.answeredOne(now);
    } else if (step.op === 'update') {
      Object.assign(member, { priority: step.priority, show: step.show, wishedWeight: step.wishedWeight });
      if (there) this.selector.update(member);
    } else if (there) {
      if (step.op === 'remove') this.#there.delete(member);
      if (step.op !== 'add') this.selector[step.op](member);
    }
  }

  pick(step: Step & { op: 'pick' }, now: number): string | undefined {
    const picked = this.selector.pick(now, this.#excludes(step), keyOf(step));
    picked?.duty?.lease(0, now);
    picked?.served(now);
    return picked?.label;
  }

  peek(step: Step & { op: 'pick' }, now: number): string | undefined {
    return this.selector.peek(now, this.#excludes(step), keyOf(step))?.label;
  }

  #excludes({ out }: Step & { op: 'pick' }): ((member: Member) => boolean) | undefined {
    return out.length === 0 ? undefined : ({ sequence }) => out.includes(sequence - 1);
  }
}

function keyOf({ key }: { readonly key: number }): number {
  return hashText(`sensor${key}@far.example`);
}

describe('a look at who is next', () => {
  const selectors: readonly [string, () => Selector][] = [
    ...algorithmNames().map((name): [string, () => Selector] => [name, () => createSelector(name)]),
    ['sticky with a bound', () => createSelector('sticky', 64, () => 1.2)],
  ];
  for (const [name, create] of selectors) {
    it(`${name}: shows whom the next pick gives, and changes nothing`, () => {
      let picked = 0;
      fc.assert(
        fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
          const watched = new Side(create());
          const alone = new Side(create());
          let now = 1_000_000;
          for (const next of steps) {
            if (next.op === 'wait') now += next.time;
            else if (next.op === 'pick') {
              const seen = watched.peek(next, now);
              assert.equal(watched.peek(next, now), seen);
              assert.equal(watched.pick(next, now), seen);
              // Nobody ever looked at this one.
              assert.equal(alone.pick(next, now), seen);
              if (seen !== undefined) picked += 1;
            } else {
              watched.act(next, now);
              alone.act(next, now);
              watched.peek({ op: 'pick', out: [next.who], key: next.who }, now);
            }
          }
        }),
        { numRuns: 300 },
      );
      assert.ok(picked > 1_000, `only ${picked} were picked`);
    });
  }
});
