import { ratios, spread } from '../statistics.ts';
import type { Cell, Scene } from './cell.ts';

type Cells = ReadonlyMap<Scene, readonly Cell[]>;

/** The figures of a run as tables. */
export function report(cells: Cells): string {
  return [false, true]
    .map((durable) => `${durable ? '### At least once' : '### Plain'}\n\n${table(cells, durable)}`)
    .join('\n\n');
}

function table(cells: Cells, durable: boolean): string {
  const rows = [...cells].filter(([scene]) => scene.durable === durable);
  const first = rows.find(([{ behind }]) => behind === 1)?.[1] ?? [];
  const lines = rows.map(([scene, rounds]) => {
    const middle = (of: (cell: Cell) => number, digits = 0): string => show(rounds.map(of), digits);
    const gain = ratios(
      rounds.map(({ perSecond }) => perSecond),
      first.map(({ perSecond }) => perSecond),
    ).map((ratio) => (100 * ratio) / Math.max(1, scene.behind));
    const efficiency = scene.behind === 0 ? '' : `${show(gain, 0)} %`;
    const lost = rounds.reduce((sum, cell) => sum + cell.lost, 0);
    return `| ${scene.title} | ${middle((c) => c.perSecond)} | ${efficiency} | ${middle((c) => c.frontCpu)} | ${
      scene.behind === 0 ? '' : middle((c) => c.behindCpu)
    } | ${middle((c) => c.hubCpu)} | ${middle((c) => c.p50, 2)} | ${middle((c) => c.p99, 2)} | ${lost} |`;
  });
  return [
    '| Scene | Messages/s | Efficiency | CPU of the first router, us/message | of those behind it | of the hub | p50, ms | p99, ms | Lost |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

/** Median, with the least and the most of the rounds. */
function show(values: readonly number[], digits: number): string {
  const found = spread(values);
  if (found === undefined) return 'not measured';
  const text = (value: number): string => value.toFixed(digits);
  return values.length < 2 ? text(found.median) : `${text(found.median)} (${text(found.min)}-${text(found.max)})`;
}

/** The page of the documentation. */
export function spreadPage(conditions: readonly (readonly [string, string])[], cells: Cells, apart: boolean): string {
  return `# Benchmarks of pools that spread

<!-- Written by npm run bench:spread -- --write; do not edit. -->

One front over one, two and four pools of other domains, beside one pool with workers of its own ([spreading.md](spreading.md)). A hub stands for the XMPP servers: it carries stanzas between the routers, and has the senders and eight workers at each pool. All is on one machine. Medians of the rounds, with the least and the most.

*Efficiency* is the throughput for each pool behind the front, against that of a front over one.

${
  apart
    ? 'Each process had a core of its own.'
    : `**This machine has too few cores to show how throughput grows**: all routers share one, so that more of them cannot be faster together; the column of efficiency shows that and nothing else. What holds elsewhere too is the CPU time that a message costs each router: a front whose messages cost it a microseconds of its core, over pools whose messages cost them b, carries at most 1/a, and needs b/a pools behind it to do so.`
}

${report(cells)}

## Conditions

${conditions.map(([name, value]) => `- ${name}: ${value}`).join('\n')}
`;
}
