import type { Cell } from './cell.ts';
import type { Spread } from './statistics.ts';
import { ratios, spread } from './statistics.ts';
import type { VariantName } from './variants/variant.ts';

/** Rounds below which nothing is claimed. */
export const leastRounds = 5;

/** Every cell of a run, by variant, in the order of the rounds. */
export type Cells = ReadonlyMap<VariantName, readonly Cell[]>;

/** One ratio of speeds and what it has to reach. */
export interface Bar {
  readonly of: VariantName;
  readonly to: VariantName;
  /** `undefined` for a ratio that is only shown. */
  readonly least: number | undefined;
  /** `mock`: whether the load generator can be believed. `goal`: what the router is to reach. `scale`: what more senders cost. */
  readonly about: 'mock' | 'goal' | 'scale';
}

/** The mock must carry the relay five times as fast as the router runs; the router has two goals. */
export const bars: readonly Bar[] = [
  { of: 'relay', to: 'router', least: 5, about: 'mock' },
  { of: 'router', to: 'naive', least: 3, about: 'goal' },
  { of: 'router', to: 'slixmpp', least: 10, about: 'goal' },
  { of: 'crowd', to: 'router', least: undefined, about: 'scale' },
];

export interface Judged extends Bar {
  readonly ratio: Spread | undefined;
  /** CPU time a message of the second, to that of the first: the same comparison, less moved by what else runs. */
  readonly cpuRatio: Spread | undefined;
  /** `not shown`: the bar lies within the spread, or there are too few rounds. */
  readonly verdict: 'reached' | 'missed' | 'not shown' | 'not measured' | 'shown';
}

/** A run that proves nothing, with the reasons, or a sound one with none. */
export function voidReasons(cells: Cells): string[] {
  const reasons: string[] = [];
  for (const [name, rounds] of cells) {
    rounds.forEach(({ problems }, round) => {
      for (const problem of problems) reasons.push(`${name}, round ${round + 1}: ${problem}`);
    });
  }
  const mock = judge(cells).find(({ about }) => about === 'mock');
  if (mock?.ratio !== undefined && mock.least !== undefined && mock.ratio.median < mock.least) {
    reasons.push(`the mock carried the relay only ${mock.ratio.median.toFixed(1)} times as fast as the router ran`);
  }
  return reasons;
}

/** Holds the medians and spreads of a run against the bars. */
export function judge(cells: Cells): Judged[] {
  const speeds = (name: VariantName): number[] => (cells.get(name) ?? []).map(({ perSecond }) => perSecond);
  const cpu = (name: VariantName): number[] =>
    (cells.get(name) ?? []).map(({ cpuPerMillion }) => cpuPerMillion ?? Number.NaN);
  return bars.map((bar) => {
    const quotients = ratios(speeds(bar.of), speeds(bar.to));
    const ratio = spread(quotients);
    const cpuRatio = spread(ratios(cpu(bar.to), cpu(bar.of)));
    return { ...bar, ratio, cpuRatio, verdict: verdictOf(bar, ratio, quotients.length) };
  });
}

/** Holds the ratio of several rounds against the least that it has to be in each of them. */
export function verdictOf({ least }: Pick<Bar, 'least'>, ratio: Spread | undefined, rounds: number): Judged['verdict'] {
  if (ratio === undefined) return 'not measured';
  if (least === undefined) return 'shown';
  if (rounds < leastRounds) return 'not shown';
  if (ratio.min >= least) return 'reached';
  return ratio.max < least ? 'missed' : 'not shown';
}
