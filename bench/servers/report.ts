import type { Table } from '../report.ts';
import { ratios, type Spread, spread } from '../statistics.ts';
import { verdictOf } from '../verdict.ts';
import type { ServerCell } from './cell.ts';
import { type WayName, ways } from './scene.ts';

/** Cells of one server, by way, in the order of the rounds. */
export type ServerCells = ReadonlyMap<WayName, readonly ServerCell[]>;

/** The least share of the naive component's throughput that Switchyard has to reach. */
const least = 0.97;

/** Throughput, CPU time and latency of each way. */
export function waysTable(cells: ServerCells): Table {
  const head = ['way', 'messages/s', 'server CPU s per million', 'component CPU s per million', 'p50 µs', 'p99 µs'];
  const rows = ways.map(({ name, title }) => {
    const rounds = cells.get(name) ?? [];
    const written = (value: (cell: ServerCell) => number | undefined, digits: number): string =>
      inWords(spread(rounds.map(value)), digits);
    return [
      title,
      written(({ perSecond }) => perSecond, 0),
      written(({ serverCpu }) => serverCpu, 1),
      written(({ componentCpu }) => componentCpu, 1),
      written(({ latency }) => latency?.p50, 0),
      written(({ latency }) => latency?.p99, 0),
    ];
  });
  return [head, ...rows];
}

/** Switchyard beside the naive component and beside no component at all. */
export function comparisonTable(cells: ServerCells): Table {
  const of = (name: WayName, value: (cell: ServerCell) => number): number[] => (cells.get(name) ?? []).map(value);
  const speeds = (name: WayName): number[] => of(name, ({ perSecond }) => perSecond);
  const medians = (name: WayName): number[] => of(name, ({ latency }) => latency?.p50 ?? Number.NaN);
  const toNaive = ratios(speeds('router'), speeds('naive'));
  const added = (name: WayName): string => {
    const direct = medians('direct');
    return inWords(spread(medians(name).map((value, round) => value - (direct[round] ?? Number.NaN))), 0);
  };
  return [
    ['compared', 'figure', 'wanted', 'verdict'],
    [
      'throughput, Switchyard to naive',
      inWords(spread(toNaive), 2),
      `≥ ${least}`,
      verdictOf({ least }, spread(toNaive), toNaive.length),
    ],
    [
      'throughput, Switchyard to naive with the same additions',
      inWords(spread(ratios(speeds('router'), speeds('annotating'))), 2),
      '-',
      '-',
    ],
    [
      'throughput, Switchyard to client to client',
      inWords(spread(ratios(speeds('router'), speeds('direct'))), 2),
      '-',
      '-',
    ],
    ['p50 added by Switchyard, µs', added('router'), '-', '-'],
    ['p50 added by naive, µs', added('naive'), '-', '-'],
  ];
}

/** What was wrong in any round; a run with problems proves nothing. */
export function problemsOf(cells: ServerCells): string[] {
  return [...cells].flatMap(([name, rounds]) =>
    rounds.flatMap(({ problems }, round) => problems.map((problem) => `${name}, round ${round + 1}: ${problem}`)),
  );
}

function inWords(one: Spread | undefined, digits: number): string {
  if (one === undefined) return '-';
  const [median, min, max] = [one.median, one.min, one.max].map((value) => value.toFixed(digits));
  return min === max ? `${median}` : `${median} (${min} - ${max})`;
}
