import type { Table } from '../report.ts';
import { ratios, type Spread, spread } from '../statistics.ts';
import { verdictOf } from '../verdict.ts';
import type { ServerCell } from './cell.ts';
import { type Way, type WayName, ways } from './scene.ts';

/** Cells of one server, by way, in the order of the rounds. */
export type ServerCells = ReadonlyMap<WayName, readonly ServerCell[]>;

/**
 * The least share of a naive component's throughput that Switchyard has to reach. What it writes into
 * each message costs the server as much as from anybody else: against the component that writes the
 * same, the router alone is judged.
 */
const least = 0.97;

/** What Switchyard is held against, and the least ratio; `undefined` where there is none. */
const rivals: readonly (readonly [name: WayName, title: string, least: number | undefined])[] = [
  ['naive', 'naive', least],
  ['annotating', 'naive with the same additions', least],
  ['direct', 'client to client', undefined],
];

/** Throughput, CPU time and latency of each way. */
export function waysTable(cells: ServerCells): Table {
  const head = ['way', 'messages/s', 'server CPU s per million', 'component CPU s per million', 'p50 µs', 'p99 µs'];
  const rows = measuredIn(cells).map(({ name, title }) => {
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

/** Switchyard beside the naive components and beside no component at all, in throughput and in what a message costs the server. */
export function comparisonTable(cells: ServerCells): Table {
  const of = (name: WayName, value: (cell: ServerCell) => number): number[] => (cells.get(name) ?? []).map(value);
  const rows = rivals
    .filter(([name]) => cells.has(name))
    .map(([name, title, bar]) => {
      const speeds = (way: WayName): number[] => of(way, ({ perSecond }) => perSecond);
      const cpu = (way: WayName): number[] => of(way, ({ serverCpu }) => serverCpu ?? Number.NaN);
      const quotients = ratios(speeds('router'), speeds(name));
      return [
        `Switchyard to ${title}`,
        inWords(spread(quotients), 2),
        bar === undefined ? '-' : `≥ ${bar}`,
        verdictOf({ least: bar }, spread(quotients), quotients.length),
        inWords(spread(ratios(cpu(name), cpu('router'))), 2),
      ];
    });
  return [
    ['compared', 'ratio of throughput', 'wanted', 'verdict', "ratio of the server's CPU time a message"],
    ...rows,
  ];
}

/** How much later a message arrives than from client to client, at the fixed rate, in microseconds. */
export function addedTable(cells: ServerCells): Table {
  const medians = (name: WayName): number[] => (cells.get(name) ?? []).map(({ latency }) => latency?.p50 ?? Number.NaN);
  const direct = medians('direct');
  const rows = measuredIn(cells)
    .filter(({ domain }) => domain !== undefined)
    .map(({ name, title }) => [
      title,
      inWords(spread(medians(name).map((value, round) => value - (direct[round] ?? Number.NaN))), 0),
    ]);
  return [['way', 'p50 added µs'], ...rows];
}

/** What was wrong in any round; a run with problems proves nothing. */
export function problemsOf(cells: ServerCells): string[] {
  return [...cells].flatMap(([name, rounds]) =>
    rounds.flatMap(({ problems }, round) => problems.map((problem) => `${name}, round ${round + 1}: ${problem}`)),
  );
}

/** The ways that there are with this kind of messages. */
function measuredIn(cells: ServerCells): readonly Way[] {
  return ways.filter(({ name }) => cells.has(name));
}

function inWords(one: Spread | undefined, digits: number): string {
  if (one === undefined) return '-';
  const [median, min, max] = [one.median, one.min, one.max].map((value) => value.toFixed(digits));
  return min === max ? `${median}` : `${median} (${min} - ${max})`;
}
