import type { Cell } from '../cell.ts';
import { markdownTable } from '../report.ts';
import { ratios, type Spread, spread } from '../statistics.ts';
import { verdictOf } from '../verdict.ts';
import type { Backlog } from './backlog.ts';

/** What was measured, in the order of the rounds. */
export interface Rounds {
  readonly plain: Cell[];
  readonly naive: Cell[];
  readonly durable: Cell[];
  /** At least once as well, with PostgreSQL. */
  readonly postgres: Cell[];
  /** Rows put in and taken out a second. */
  readonly raw: number[];
}

const bars = [
  ['plain', 'Switchyard, plain', 0.25],
  ['naive', 'naive @xmpp/component, plain', 0.5],
] as const;

/** The ratios that have a bar, and the share of what the disk can do. */
export function ratioTable(rounds: Rounds): string {
  const head = ['at least once, compared to', 'ratio of speeds', 'wanted', 'verdict'];
  const rows = judged(rounds).map(({ title, ratio, least, verdict }) => [
    title,
    written(ratio, 2),
    `≥ ${least}`,
    verdict,
  ]);
  const share = spread(ratios(speeds(rounds.durable), rounds.raw));
  const postgres = spread(ratios(speeds(rounds.postgres), speeds(rounds.durable)));
  return markdownTable([
    head,
    ...rows,
    ["the disk's rows put in and taken out", written(share, 2), '-', 'shown'],
    ['on PostgreSQL, compared to SQLite', written(postgres, 2), '-', 'shown'],
  ]);
}

/** Whether no bar was missed. */
export function reached(rounds: Rounds): boolean {
  return judged(rounds).every(({ verdict }) => verdict !== 'missed');
}

/** Speed, CPU time, latency and the delay of the event loop. */
export function speedTable({ plain, naive, durable, postgres, raw }: Rounds): string {
  const ways = [
    ['Switchyard, at least once', durable],
    ['Switchyard, at least once, PostgreSQL', postgres],
    ['Switchyard, plain', plain],
    ['naive @xmpp/component, plain', naive],
  ] as const;
  const of = (cells: readonly Cell[], value: (cell: Cell) => number | undefined, digits: number): string =>
    written(spread(cells.map(value)), digits);
  const rates = (durable[0]?.latencies ?? []).map(({ rate }) => rate);
  const columns: readonly (readonly [head: string, value: (cell: Cell) => number | undefined, digits: number])[] = [
    ['messages/s', ({ perSecond }) => perSecond, 0],
    ['CPU s per million', ({ cpuPerMillion }) => cpuPerMillion, 1],
    ['resident MB', ({ resident }) => (resident ?? Number.NaN) / 1e6, 0],
    ...rates.flatMap(
      (rate, index) =>
        [
          [`p50 µs at ${rate / 1000} k/s`, ({ latencies }: Cell) => latencies[index]?.p50, 0],
          ['p99 µs', ({ latencies }: Cell) => latencies[index]?.p99, 0],
          ['loop p99 µs', ({ latencies }: Cell) => latencies[index]?.loop?.p99, 0],
        ] as const,
    ),
  ];
  const rows = ways.map(([title, cells]) => [title, ...columns.map(([, value, digits]) => of(cells, value, digits))]);
  const added = spread(
    durable.map(
      ({ latencies }, round) => (latencies[0]?.p50 ?? Number.NaN) - (plain[round]?.latencies[0]?.p50 ?? Number.NaN),
    ),
  );
  const table = markdownTable([['way', ...columns.map(([head]) => head)], ...rows]);
  return `${table}\n\nAdded p50 over plain at 1 k/s: ${written(added, 0)} µs. The disk's own rate: ${written(spread(raw), 0)} rows put in and taken out a second.`;
}

/** What a long queue costs. */
export function backlogTable({ acceptRate, resident, turnaround, drainRate, loop }: Backlog): string {
  const megabytes = resident.map((bytes) => (bytes / 1e6).toFixed(0));
  const micros = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(0));
  return markdownTable([
    ['of the long queue', ''],
    ['accepted a second, nobody working', acceptRate.toFixed(0)],
    ['resident MB, empty and after each tenth', megabytes.join(', ')],
    [
      'p50, p99 and longest µs from a receipt to the next message',
      [turnaround?.p50, turnaround?.p99, turnaround?.max].map(micros).join(', '),
    ],
    ['delivered and acknowledged a second, until it is empty', drainRate.toFixed(0)],
    [
      'event loop p99 µs, while it fills and while it empties',
      `${micros(loop.filling?.p99)}, ${micros(loop.draining?.p99)}`,
    ],
  ]);
}

function judged(
  rounds: Rounds,
): readonly { title: string; ratio: Spread | undefined; least: number; verdict: string }[] {
  return bars.map(([name, title, least]) => {
    const quotients = ratios(speeds(rounds.durable), speeds(rounds[name]));
    const ratio = spread(quotients);
    return { title, ratio, least, verdict: verdictOf({ least }, ratio, quotients.length) };
  });
}

function speeds(cells: readonly Cell[]): number[] {
  return cells.map(({ perSecond }) => perSecond);
}

function written(one: Spread | undefined, digits: number): string {
  if (one === undefined) return '-';
  const [median, min, max] = [one.median, one.min, one.max].map((value) => value.toFixed(digits));
  return min === max ? `${median}` : `${median} (${min} - ${max})`;
}
