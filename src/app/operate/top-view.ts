import { z } from 'zod';
import { bytes, span } from '../terminal/amounts.ts';
import { printable, table } from '../terminal/table.ts';

const count = z.number();
const pool = z.object({
  pool: z.string(),
  algorithm: z.string(),
  workers: count,
  available: count,
  inFlight: count,
  waiting: count,
  counts: z.object({ received: count, delivered: count, refused: count }),
  queue: z
    .object({
      ready: count,
      leased: count,
      dead: count,
      oldest: z.string().nullable(),
      stall: z.string(),
      why: z.string(),
    })
    .nullable(),
  stalled: z.boolean(),
});
const router = z.object({
  domain: z.string(),
  version: z.string(),
  started: z.string(),
  link: z.object({ up: z.boolean(), since: z.string().nullable() }),
  instance: z
    .object({
      name: z.string(),
      role: z.string(),
      epoch: count.nullable(),
      others: z.array(z.object({ name: z.string(), differs: z.array(z.string()).default([]) })).default([]),
    })
    .nullish(),
  ready: z.boolean(),
  reasons: z.array(z.object({ text: z.string() })),
  memory: z.object({ rss: count }),
  loopDelay: count,
});
const picture = z.object({ at: z.string(), router: router.nullable(), pools: z.array(pool) });

/** What `service.overview` answers, as far as it is shown here. */
export type Picture = z.infer<typeof picture>;
type PoolPicture = Picture['pools'][number];

/** The picture in an answer, if it is one. */
export function readPicture(text: string): Picture | undefined {
  try {
    return picture.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** By what pools are sorted; the names that come first are those of the keys to press. */
export const orders = ['pool', 'in', 'depth', 'oldest', 'workers'] as const;
export type Order = (typeof orders)[number];

/** Messages a second. */
interface Rates {
  readonly received: number;
  readonly delivered: number;
  readonly refused: number;
}

interface Row {
  readonly pool: PoolPicture;
  /** `undefined` while there is no earlier picture. */
  readonly rates: Rates | undefined;
  /** Messages that wait, in memory or in the queue. */
  readonly depth: number;
  /** Milliseconds that the oldest has waited. */
  readonly age: number;
}

/** Where the picture is shown; characters. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** The lines of a live view, none longer and no more than the frame holds. */
export function topLines(now: Picture, before: Picture | undefined, order: Order, { width, height }: Frame): string[] {
  const rows = rowsOf(now, before).sort(comparisons[order]);
  const head = headOf(now, rows).flatMap((line) => foldedAt(line, width));
  const space = Math.max(1, height - head.length - 2);
  const shown = rows.slice(0, space);
  const whole = shown.map((row) => cellsOf(row, false));
  const cells = widthOf(whole) <= width ? whole : shown.map((row) => cellsOf(row, true));
  const body = cells.length === 0 ? [noneText(now)] : tableOf(cells, width);
  const hidden = rows.length - shown.length;
  const rest = hidden > 0 ? [`... and ${hidden} more pools`] : [];
  return [...head, ...body, ...rest].map((line) => line.slice(0, width)).slice(0, height);
}

const labels = [
  'POOL',
  'ALGORITHM',
  'WORKERS',
  'IN/S',
  'OUT/S',
  'REFUSED/S',
  'IN FLIGHT',
  'DEPTH',
  'OLDEST',
  'DEAD',
  'STATE',
];
/** What a narrow terminal does without, the first of these first. */
const expendable = ['ALGORITHM', 'REFUSED/S', 'IN FLIGHT', 'DEAD', 'OLDEST', 'OUT/S', 'IN/S', 'WORKERS'];
/** What is left to the state of a pool, and to its name, before anything is done without. */
const [leastState, leastName] = [12, 20];

/** The table, of as many columns as find room. */
function tableOf(cells: readonly (readonly string[])[], width: number): readonly string[] {
  const widths = labels.map((label, at) => Math.max(label.length, ...cells.map((row) => row[at]?.length ?? 0)));
  const needed = (label: string): number => {
    const own = widths[labels.indexOf(label)] ?? 0;
    return 2 + (label === 'STATE' ? Math.min(own, leastState) : label === 'POOL' ? Math.min(own, leastName) : own);
  };
  let kept: readonly string[] = labels;
  for (const label of expendable) {
    if (kept.reduce((sum, each) => sum + needed(each), -2) <= width) break;
    kept = kept.filter((each) => each !== label);
  }
  const rows = cells.map((row) => kept.map((label) => row[labels.indexOf(label)] ?? ''));
  return table(kept, rows, width).trimEnd().split('\n');
}

/** Columns that the table takes. */
function widthOf(cells: readonly (readonly string[])[]): number {
  const lines = table(labels, cells).split('\n');
  return Math.max(...lines.map(({ length }) => length));
}

/** @param brief Whether one word says why a pool stands. */
function cellsOf({ pool, rates, depth, age }: Row, brief: boolean): string[] {
  const { queue, stalled } = pool;
  const reason = brief ? queue?.stall : queue?.why;
  const why = stalled ? (reason ?? 'stalled') : pool.available === 0 ? 'no worker' : 'ok';
  return [
    pool.pool,
    pool.algorithm,
    `${pool.available}/${pool.workers}`,
    rate(rates?.received),
    rate(rates?.delivered),
    rate(rates?.refused),
    String(pool.inFlight),
    String(depth),
    depth === 0 || age === 0 ? '-' : span(age),
    String(queue?.dead ?? 0),
    why,
  ];
}

/** An instance that stands by has no router, so it knows of no pool. */
function noneText({ router }: Picture): string {
  if (router?.instance?.role !== 'standby') return 'There is no pool.';
  return 'This instance stands by: the active one shows the pools.';
}

function headOf({ at, router }: Picture, rows: readonly Row[]): string[] {
  const sum = (of: keyof Rates): string => rate(total(rows, of));
  const flow = `in ${sum('received')}/s  out ${sum('delivered')}/s  refused ${sum('refused')}/s`;
  if (router === null) return [flow, ''];
  const { domain, version, started, link, instance, ready, reasons, memory, loopDelay } = router;
  const up = span(Date.parse(at) - Date.parse(started));
  const state = ready ? 'ready' : `NOT READY: ${reasons.map(({ text }) => text).join(' ')}`;
  const { name = '', role = '', epoch, others = [] } = instance ?? {};
  const unlike = others.filter(({ differs }) => differs.length > 0);
  const warnings = unlike.map((each) => `  WARNING: ${each.name} is configured otherwise: ${each.differs.join(', ')}`);
  const lease = typeof epoch === 'number' ? ` (epoch ${epoch})` : '';
  const which = role === '' ? '' : `  ${name} ${role}${lease}`;
  return [
    printable(`${domain}${which}  ${version}  up ${up}  link ${link.up ? 'up' : 'DOWN'}  ${state}${warnings.join('')}`),
    `${flow}  memory ${bytes(memory.rss)}  event loop ${loopDelay.toFixed(1)} ms`,
    '',
  ];
}

/** A line of parts with two spaces between them, as few lines as they fit in. */
function foldedAt(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split('  ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 2 + part.length > width) lines.push(part);
    else lines.splice(-1, 1, `${last}  ${part}`);
  }
  return lines;
}

function total(rows: readonly Row[], of: keyof Rates): number | undefined {
  if (rows.some(({ rates }) => rates === undefined)) return undefined;
  return rows.reduce((all, { rates }) => all + (rates?.[of] ?? 0), 0);
}

function rowsOf(now: Picture, before: Picture | undefined): Row[] {
  const at = Date.parse(now.at);
  const seconds = before === undefined ? 0 : (at - Date.parse(before.at)) / 1_000;
  const earlier = new Map(before?.pools.map((each) => [each.pool, each]));
  return now.pools.map((each) => {
    const { queue } = each;
    const oldest = queue === null || queue.oldest === null ? at : Date.parse(queue.oldest);
    const depth = each.waiting + (queue?.ready ?? 0);
    return { pool: each, rates: ratesOf(each, earlier.get(each.pool), seconds), depth, age: Math.max(0, at - oldest) };
  });
}

/** A router that was started anew counts from 0 again: then it is not known. */
function ratesOf({ counts }: PoolPicture, before: PoolPicture | undefined, seconds: number): Rates | undefined {
  if (before === undefined || seconds <= 0 || counts.received < before.counts.received) return undefined;
  const of = (key: keyof Rates): number => Math.max(0, counts[key] - before.counts[key]) / seconds;
  return { received: of('received'), delivered: of('delivered'), refused: of('refused') };
}

function rate(perSecond: number | undefined): string {
  if (perSecond === undefined) return '-';
  return perSecond < 10 && perSecond > 0 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}

const byName = (a: Row, b: Row): number => (a.pool.pool < b.pool.pool ? -1 : 1);
const comparisons: Readonly<Record<Order, (a: Row, b: Row) => number>> = {
  pool: byName,
  in: (a, b) => (b.rates?.received ?? 0) - (a.rates?.received ?? 0) || byName(a, b),
  depth: (a, b) => b.depth - a.depth || byName(a, b),
  oldest: (a, b) => b.age - a.age || byName(a, b),
  workers: (a, b) => b.pool.workers - a.pool.workers || byName(a, b),
};
