import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';

/** A page of the list of workers: the answer of `workers.list`. */
export interface WorkerPage {
  readonly total: number;
  readonly workers: readonly WorkerReport[];
}

export function isWorkerPage(value: unknown): value is WorkerPage {
  return (
    isRecord(value) && typeof value['total'] === 'number' && isListOf(value['workers'], 'worker', 'state', 'inFlight')
  );
}

/** All workers of a pool, gathered from pages that come one after another. */
export interface WorkerBook {
  readonly total: number;
  /** In the order in which they joined, as far as the pages tell. */
  readonly workers: readonly WorkerReport[];
  /** Whether a page of every worker has come. */
  readonly whole: boolean;
}

export const emptyBook: WorkerBook = { total: 0, workers: [], whole: false };

/**
 * Puts a page in its place. Workers come and go between two pages: one that has moved to another
 * place stands there only, and what lies beyond the total is gone.
 */
export function putPage(book: WorkerBook, skip: number, { total, workers }: WorkerPage): WorkerBook {
  const moved = new Set(workers.map(({ worker }) => worker));
  const stays = ({ worker }: WorkerReport): boolean => !moved.has(worker);
  const end = skip + workers.length;
  const all = [
    ...book.workers.slice(0, skip).filter(stays),
    ...workers,
    ...book.workers.slice(end).filter(stays),
  ].slice(0, total);
  return { total, workers: all, whole: all.length >= total };
}

/** Puts newer reports of single workers in their places, such as those of a command about them. */
export function putReports(book: WorkerBook, reports: readonly WorkerReport[]): WorkerBook {
  const newer = new Map(reports.map((report) => [report.worker, report]));
  return { ...book, workers: book.workers.map((worker) => newer.get(worker.worker) ?? worker) };
}

/** Where the page after this one begins; the first again after the last. */
export function nextPage(skip: number, size: number, total: number): number {
  return skip + size < total ? skip + size : 0;
}
