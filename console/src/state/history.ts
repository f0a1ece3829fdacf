import type { Overview, PoolOverview } from '../../../src/core/commands/overview.ts';

/** How a pool, or all of them, stood at one moment. */
export interface Sample {
  /** Epoch milliseconds by the router's clock. */
  readonly at: number;
  readonly received: number;
  readonly delivered: number;
  readonly refused: number;
  /** Messages that wait: in the queue, and in memory for workers to be verified. */
  readonly depth: number;
  readonly inFlight: number;
}

/** Messages a second. */
export interface Rates {
  readonly received: number;
  readonly delivered: number;
  readonly refused: number;
}

/** How long samples are kept, and over how long a rate is a mean, in milliseconds. */
const kept = 300_000;
const meanOver = 10_000;
/** Two overviews nearer to each other than this are one sample. */
const apart = 400;

/** The samples of the last minutes, the oldest first; all of one run of the router. */
export type History = readonly Sample[];

/** The histories of all pools by name, and of all together under the empty name. */
export interface Histories {
  /** When the router started: counts begin again with it. */
  readonly started: string | null;
  readonly of: ReadonlyMap<string, History>;
}

export const noHistories: Histories = { started: null, of: new Map() };

/** What a pool has waiting. */
export function depthOf(pool: Pick<PoolOverview, 'queue' | 'waiting'>): number {
  return (pool.queue?.ready ?? 0) + pool.waiting;
}

/** Adds an overview. A router that has started anew begins new histories. */
export function remember(before: Histories, { at: time, router, pools }: Overview): Histories {
  const at = Date.parse(time);
  const started = router?.started ?? null;
  const known = started === before.started ? before.of : noHistories.of;
  const samples = pools.map((pool): readonly [string, Sample] => [
    pool.pool,
    { at, ...pool.counts, depth: depthOf(pool), inFlight: pool.inFlight },
  ]);
  const of = new Map(samples.map(([name, sample]) => [name, extend(known.get(name) ?? [], sample)]));
  // The sum of other pools than before would be a leap.
  const same = known.size === of.size + 1 && pools.every(({ pool }) => known.has(pool));
  const all = samples.reduce((sum, [, sample]) => add(sum, sample), { ...empty, at });
  of.set('', extend(same ? (known.get('') ?? []) : [], all));
  return { started, of };
}

/** Messages a second of late; `undefined` before there are two samples. */
export function ratesOf(history: History | undefined): Rates | undefined {
  const last = history?.at(-1);
  if (history === undefined || last === undefined || history.length < 2) return undefined;
  const first = history.find(({ at }) => at >= last.at - meanOver) ?? last;
  const from = first === last ? history.at(-2) : first;
  return from === undefined ? undefined : between(from, last);
}

/** The rate between each sample and the one before. */
export function ratesOverTime(history: History): readonly (Rates & { readonly at: number })[] {
  return history.slice(1).map((sample, index) => ({ at: sample.at, ...between(history[index] ?? sample, sample) }));
}

function between(from: Sample, to: Sample): Rates {
  const seconds = Math.max(0.001, (to.at - from.at) / 1_000);
  const rate = (key: keyof Rates): number => Math.max(0, (to[key] - from[key]) / seconds);
  return { received: rate('received'), delivered: rate('delivered'), refused: rate('refused') };
}

const empty: Sample = { at: 0, received: 0, delivered: 0, refused: 0, depth: 0, inFlight: 0 };

function add(sum: Sample, sample: Sample): Sample {
  return {
    at: sum.at,
    received: sum.received + sample.received,
    delivered: sum.delivered + sample.delivered,
    refused: sum.refused + sample.refused,
    depth: sum.depth + sample.depth,
    inFlight: sum.inFlight + sample.inFlight,
  };
}

function extend(history: History, sample: Sample): History {
  const last = history.at(-1);
  if (last === undefined || sample.received < last.received || sample.at < last.at) return [sample];
  const before = sample.at - last.at < apart && history.length > 1 ? history.slice(0, -1) : history;
  const first = before.findIndex(({ at }) => at >= sample.at - kept);
  return [...(first < 0 ? [] : before.slice(first)), sample];
}
