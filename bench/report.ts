import type { Cell } from './cell.ts';
import type { Spread } from './statistics.ts';
import { spread } from './statistics.ts';
import { variants } from './variants/table.ts';
import type { LoopDelay, VariantName } from './variants/variant.ts';
import type { Cells, Judged } from './verdict.ts';
import { judge, voidReasons } from './verdict.ts';

/** Lines of a table, the head first. */
export type Table = readonly (readonly string[])[];

/** Speed, CPU time and memory of each variant: median, and least to most. */
export function speedTable(cells: Cells): Table {
  const head = ['component', 'messages/s', 'CPU s per million', 'resident MB', "mock's share of a core"];
  const rows = [...cells].map(([name, rounds]) => [
    titleOf(name),
    written(rounds, ({ perSecond }) => perSecond, thousands),
    written(rounds, ({ cpuPerMillion }) => cpuPerMillion, decimals),
    written(rounds, ({ resident }) => (resident === undefined ? undefined : resident / 1e6), whole),
    written(
      rounds,
      ({ mockShare }) => mockShare * 100,
      (value) => `${whole(value)} %`,
    ),
  ]);
  return [head, ...rows];
}

/** Latency of each variant at each fixed rate, in microseconds. */
export function latencyTable(cells: Cells): Table {
  const head = ['component', 'rate', 'p50 µs', 'p99 µs', 'longest µs', 'kept up'];
  const rows = [...cells].flatMap(([name, rounds]) =>
    (rounds[0]?.latencies ?? []).map(({ rate }, index) => [
      titleOf(name),
      `${rate / 1000} k/s`,
      written(rounds, ({ latencies }) => latencies[index]?.p50, whole),
      written(rounds, ({ latencies }) => latencies[index]?.p99, whole),
      written(rounds, ({ latencies }) => latencies[index]?.max, whole),
      rounds.every(({ latencies }) => latencies[index]?.sustained === true) ? 'yes' : 'no',
    ]),
  );
  return [head, ...rows];
}

/** How late the event loops were at each fixed rate, in microseconds, of those that tell. */
export function loopTable(cells: Cells): Table {
  const head = ['event loop of', 'rate', 'p50 µs', 'p99 µs', 'longest µs'];
  const rows = [...cells].flatMap(([name, rounds]) =>
    (rounds[0]?.latencies ?? []).flatMap(({ rate, loop }, index) => {
      if (loop === undefined) return [];
      const column = (which: keyof LoopDelay): string =>
        written(rounds, ({ latencies }) => latencies[index]?.loop?.[which], whole);
      return [[titleOf(name), `${rate / 1000} k/s`, column('p50'), column('p99'), column('max')]];
    }),
  );
  return [head, ...rows];
}

/** Ratios of speeds against what they have to reach. */
export function ratioTable(cells: Cells): Table {
  const judged = judge(cells).filter(({ verdict }) => verdict !== 'not measured');
  return [['compared', 'ratio of speeds', 'wanted', 'verdict', 'ratio of CPU time a message'], ...judged.map(ratioRow)];
}

function ratioRow({ of, to, ratio, cpuRatio, least, verdict }: Judged): string[] {
  const inWords = (one: Spread | undefined): string => (one === undefined ? '-' : range(one, decimals));
  return [
    `${titleOf(of)} to ${titleOf(to)}`,
    inWords(ratio),
    least === undefined ? '-' : `≥ ${least}`,
    verdict,
    inWords(cpuRatio),
  ];
}

/** The whole report as text for a terminal. */
export function terminalReport(cells: Cells): string {
  const reasons = voidReasons(cells);
  const end = reasons.length > 0 ? ['', 'VOID: this run proves nothing.', ...reasons.map((why) => `  ${why}`)] : [];
  const parts = [speedTable(cells), latencyTable(cells), loopTable(cells), ratioTable(cells)].map(alignedTable);
  return [...parts, 'Median of the rounds (least - most). Ratios are of the same round.', ...end].join('\n');
}

/** The same table in Markdown. */
export function markdownTable([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The same table for a terminal. */
export function alignedTable(table: Table): string {
  const width = (column: number): number => Math.max(...table.map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(width(column))).join('  ');
  return `${table.map((row) => line(row).trimEnd()).join('\n')}\n`;
}

function titleOf(name: VariantName): string {
  return variants.find((variant) => variant.name === name)?.title ?? name;
}

function written(
  rounds: readonly Cell[],
  value: (cell: Cell) => number | undefined,
  format: (value: number) => string,
): string {
  const found = spread(rounds.map(value));
  return found === undefined ? '-' : range(found, format);
}

function range({ median, min, max }: Spread, format: (value: number) => string): string {
  return min === max ? format(median) : `${format(median)} (${format(min)} - ${format(max)})`;
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(value < 1e5 ? 1 : 0)} k`;
}

function decimals(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

function whole(value: number): string {
  return value.toFixed(0);
}
