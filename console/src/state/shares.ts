import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';

/** What one worker got of all that the workers of its pool got. */
export interface Share {
  readonly worker: string;
  readonly label: string;
  readonly delivered: number;
  /** What it would have, were all as the weights say; `undefined` where weights do not count. */
  readonly expected: number | undefined;
}

export interface Shares {
  /** Messages that all workers got. */
  readonly total: number;
  /** Those that got the most, the most first. */
  readonly first: readonly Share[];
  /** The others together. */
  readonly others: { readonly workers: number; readonly delivered: number };
  /** The most and the least that one worker got. */
  readonly most: number;
  readonly least: number;
}

/** Algorithms that give by weight. */
const byWeight = new Set(['weighted', 'leastbusy', 'sticky']);
/** Algorithms under which everybody gets as many. */
const evenly = new Set(['roundrobin']);

/**
 * Who got what.
 * @param since What each had been given when counting began, by full JID; a worker that is not in it began at 0.
 * @param shown How many are shown one by one.
 */
export function sharesOf(
  workers: readonly WorkerReport[],
  algorithm: string,
  since: ReadonlyMap<string, number>,
  shown: number,
): Shares {
  const got = workers.map((worker) => ({ worker, delivered: gotSince(worker, since) }));
  const total = got.reduce((sum, { delivered }) => sum + delivered, 0);
  const weights = byWeight.has(algorithm) ? workers.reduce((sum, { weight }) => sum + weight, 0) : 0;
  const expected = (worker: WorkerReport): number | undefined => {
    if (evenly.has(algorithm)) return total / workers.length;
    return weights > 0 ? (total * worker.weight) / weights : undefined;
  };
  got.sort((a, b) => b.delivered - a.delivered || (a.worker.worker < b.worker.worker ? -1 : 1));
  const rest = got.slice(shown);
  return {
    total,
    first: got.slice(0, shown).map(({ worker, delivered }) => {
      return { worker: worker.worker, label: worker.label, delivered, expected: expected(worker) };
    }),
    others: { workers: rest.length, delivered: rest.reduce((sum, { delivered }) => sum + delivered, 0) },
    most: got[0]?.delivered ?? 0,
    least: got.at(-1)?.delivered ?? 0,
  };
}

/** A worker that has joined again counts from its new start. */
function gotSince({ worker, delivered }: WorkerReport, since: ReadonlyMap<string, number>): number {
  const before = since.get(worker) ?? 0;
  return delivered >= before ? delivered - before : delivered;
}
