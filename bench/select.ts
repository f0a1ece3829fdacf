import { Ledger } from '../src/core/pool/ledger.ts';
import { Member, type WorkObserver } from '../src/core/pool/member.ts';
import { hashText } from '../src/core/select/hash.ts';
import type { Selector } from '../src/core/select/selector.ts';
import { algorithmNames, createSelector } from '../src/core/select/table.ts';
import type { AlgorithmName } from '../src/core/settings.ts';
import { spread } from './statistics.ts';

/** Runs of each case; the median and the range of them are shown. */
const runs = 5;
/** How long one run lasts, in milliseconds. */
const runTime = 60;
const sizes = [10, 1_000, 10_000];

/** Keys that the messages of `sticky` have: fewer than are remembered. */
const keys = Array.from({ length: 10_000 }, (_, index) => hashText(`sender${index}@example.org`));

type Situation = 'all eligible' | 'all but one ineligible' | 'one excluded' | 'all but one excluded' | 'every key new';
const situations: readonly Situation[] = [
  'all eligible',
  'one excluded',
  'all but one ineligible',
  'all but one excluded',
  'every key new',
];

interface Scene {
  readonly selector: Selector;
  readonly exclude: ((member: Member) => boolean) | undefined;
  /** The key of the n-th message. */
  readonly key: (n: number) => number;
}

/** Members of mixed weights and one priority: the case in which every policy has most to choose from. */
function members(count: number): Member[] {
  const ledger = new Ledger(10_000);
  return Array.from(
    { length: count },
    (_, index) =>
      new Member(
        {
          pool: 'bench',
          jid: `worker@example.org/w${index}`,
          label: `w${index}`,
          sequence: index + 1,
          priority: 0,
          show: 'online',
          wishedWeight: 1 + (index % 7),
          capacity: undefined,
          configuredWeight: undefined,
          drain: false,
          state: 'verified',
          pings: undefined,
          seen: 0,
        },
        ledger,
      ),
  );
}

function setScene(algorithm: AlgorithmName, count: number, situation: Situation): Scene {
  const selector = createSelector(algorithm);
  const all = members(count);
  const observer: WorkObserver = { workChanged: (member, now) => selector.workChanged?.(member, now) };
  for (const member of all) {
    selector.add(member);
    member.observer = observer;
  }
  const chosen = all[count >> 1];
  if (situation === 'all but one ineligible') {
    for (const member of all) if (member !== chosen) selector.remove(member);
  }
  const key = (n: number): number => keys[n % keys.length] ?? 0;
  if (algorithm === 'sticky' && situation !== 'every key new') {
    for (const known of keys) selector.pick(0, undefined, known);
  }
  if (situation === 'every key new') return { selector, exclude: undefined, key: (n) => n * 4_294_967_311 };
  if (situation === 'one excluded') return { selector, exclude: (member) => member === chosen, key };
  if (situation === 'all but one excluded') return { selector, exclude: (member) => member !== chosen, key };
  return { selector, exclude: undefined, key };
}

/** Nanoseconds for a pick and its being noted; a fifth is answered at once, the rest falls out of the window. */
function measure({ selector, exclude, key }: Scene): number {
  const begin = performance.now();
  let picks = 0;
  let now = begin;
  while (now - begin < runTime) {
    for (let turn = 0; turn < 16; turn += 1) {
      // One simulated millisecond a pick, so that work comes and goes within the run.
      const time = 1_000_000 + picks + turn;
      const member = selector.pick(time, exclude, key(picks + turn));
      member?.served(time);
      if (turn % 5 === 0) member?.answeredOne(time);
    }
    picks += 16;
    now = performance.now();
  }
  return ((now - begin) * 1_000_000) / picks;
}

function show(nanoseconds: number): string {
  return nanoseconds < 10_000 ? `${nanoseconds.toFixed(0)} ns` : `${(nanoseconds / 1000).toFixed(1)} us`;
}

function printCosts(): void {
  console.log('One pick, its forward noted in the work window: median of 5 runs (least to most)\n');
  console.log('| algorithm | situation | workers | median | range |');
  console.log('|---|---|--:|--:|---|');
  for (const algorithm of algorithmNames()) {
    for (const situation of situations) {
      if (situation === 'every key new' && algorithm !== 'sticky') continue;
      for (const size of sizes) {
        measure(setScene(algorithm, size, situation));
        const times = Array.from({ length: runs }, () => measure(setScene(algorithm, size, situation)));
        const { median, min, max } = spread(times) ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
        console.log(`| ${algorithm} | ${situation} | ${size} | ${show(median)} | ${show(min)} to ${show(max)} |`);
      }
    }
  }
}

printCosts();
