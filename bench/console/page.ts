import type { Conditions } from '../conditions.ts';
import { markdownTable, type Table } from '../report.ts';
import { ratios, type Spread, spread } from '../statistics.ts';
import { verdictOf } from '../verdict.ts';
import type { Pair, Side } from './measure.ts';

/** What was measured, by the titles of the houses. */
export type Results = ReadonlyMap<string, readonly Pair[]>;

const least = 0.95;

/** `docs/benchmarks-console.md`, whole. */
export function consolePage(circumstances: Conditions, results: Results): string {
  const parts = [opening, sound(results), '## Ratios', markdownTable(ratioTable(results)), meaning];
  return [
    ...parts,
    '## Figures',
    markdownTable(figureTable(results)),
    notes,
    `## Conditions\n\n${markdownTable([['', ''], ...circumstances])}`,
    method,
  ]
    .join('\n\n')
    .concat('\n');
}

/** With consoles open to without, against what it has to be. */
export function ratioTable(results: Results): Table {
  const head = ['house', 'messages/s, five consoles to none', 'wanted', 'verdict', 'CPU per message, five to none'];
  const rows = [...results].map(([title, pairs]) => {
    const ratio = ratioOf(pairs, ({ perSecond }) => perSecond);
    const cpu = ratioOf(pairs, ({ cpuPerMillion }) => cpuPerMillion ?? Number.NaN);
    return [title, written(ratio, 3), `≥ ${least}`, verdictOf({ least }, ratio, pairs.length), written(cpu, 3)];
  });
  return [head, ...rows];
}

/** The figures of both sides. */
export function figureTable(results: Results): Table {
  const head = [
    'house',
    'consoles',
    'messages/s',
    'CPU s per million',
    'loop p99 µs',
    'loop longest µs',
    'states/s',
    'kB/s',
  ];
  const rows = [...results].flatMap(([title, pairs]) =>
    (['none', 'open'] as const).map((side) => {
      const of = (value: (side: Side) => number | undefined, digits: number): string =>
        written(spread(pairs.map((pair) => value(pair[side]))), digits);
      return [
        title,
        side === 'none' ? '0' : '5',
        of(({ perSecond }) => perSecond, 0),
        of(({ cpuPerMillion }) => cpuPerMillion, 2),
        of(({ late }) => late, 0),
        of(({ latest }) => latest, 0),
        side === 'none' ? '-' : written(spread(pairs.map(({ states }) => states)), 1),
        side === 'none' ? '-' : written(spread(pairs.map(({ bytes }) => bytes / 1_000)), 0),
      ];
    }),
  );
  return [head, ...rows];
}

/** Whatever was not as it must be. */
export function problemsOf(results: Results): readonly string[] {
  return [...results].flatMap(([title, pairs]) =>
    pairs.flatMap(({ problems }, pair) => problems.map((problem) => `${title}, pair ${pair + 1}: ${problem}`)),
  );
}

/** Whether no bar was missed. */
export function reached(results: Results): boolean {
  return [...results.values()].every((pairs) => {
    return (
      verdictOf(
        { least },
        ratioOf(pairs, ({ perSecond }) => perSecond),
        pairs.length,
      ) !== 'missed'
    );
  });
}

function ratioOf(pairs: readonly Pair[], value: (side: Side) => number): Spread | undefined {
  return spread(
    ratios(
      pairs.map(({ open }) => value(open)),
      pairs.map(({ none }) => value(none)),
    ),
  );
}

function written(one: Spread | undefined, digits: number): string {
  if (one === undefined) return '-';
  const [median, min, max] = [one.median, one.min, one.max].map((value) => value.toFixed(digits));
  return min === max ? `${median}` : `${median} (${min} - ${max})`;
}

function sound(results: Results): string {
  const problems = problemsOf(results);
  if (problems.length === 0) return 'The run was sound: in no phase was a message lost or doubled.';
  return ['**This run is void and proves nothing:**', '', ...problems.map((problem) => `- ${problem}`)].join('\n');
}

const opening = `# Benchmarks with consoles open

<!-- Written by \`npm run bench:console -- --write\`. Change bench/console/page.ts, not this file. -->

What it costs the router to be watched: messages a second with five consoles open, beside none, in pairs of
phases in one process of the router, of which every other begins with the consoles. Every figure is the median of
the pairs, with the least and the most.`;

const meaning = `Verdicts: *reached* if every pair reached it, *missed* if none did, *not shown* if it lies within the
spread, or there are fewer than five pairs. The last column compares the CPU time of the router's process for a message, which other work on
the machine moves less than the speed: above 1, messages are dearer with consoles.`;

const notes = `The delay of the event loop is from the router's own metrics, as in the [other benchmarks](benchmarks.md). States and
bytes are what all consoles together were sent in a second.`;

const method = `## Method

The mock server of the other benchmarks plays senders and workers, and keeps a fixed number of messages under way.
Each console holds three streams: the overview of the service, a pool, and the first thousand workers of the pool, each
looked at every second as the console does. In the small house all look at the one pool. In the large house a thousand
workers share the messages of one pool, whose page three consoles show, and two show others; the other 4 000 workers sit in
199 pools. The streams are read in the process of the benchmark, which draws nothing: browsers are elsewhere.
Afterwards the router's own metrics must account for every message.

To repeat it: \`npm run bench:console\`, with \`-- --pairs N\` and \`-- --seconds N\`. Nothing else should run on the machine meanwhile.`;
