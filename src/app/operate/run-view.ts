import { z } from 'zod';
import { fitting } from '../terminal/table.ts';

const summary = z.looseObject({
  id: z.string(),
  scenario: z.string(),
  about: z.string(),
  state: z.string(),
  ended: z.string().nullable(),
  waiting: z.number(),
  underWay: z.number(),
  begun: z.number(),
  results: z.record(z.string(), z.number()),
});

const worker = z.looseObject({
  worker: z.string(),
  to: z.string().nullable(),
  stage: z.string(),
  result: z.string().nullable(),
  reason: z.string().nullable(),
  began: z.string(),
  ended: z.string().nullable(),
  returnedAs: z.string().nullable(),
});

const report = summary.extend({ workers: z.array(worker), notFollowed: z.array(z.string()) });

/** A run of transfers as the router tells it. */
export type RunView = z.output<typeof report>;

/** A run in short. */
type SummaryView = z.output<typeof summary>;

export function readRun(body: unknown): RunView | undefined {
  return report.safeParse(body).data;
}

export function readRuns(body: unknown): readonly SummaryView[] | undefined {
  return z.looseObject({ runs: z.array(summary) }).safeParse(body).data?.runs;
}

/** A line for each run. */
export function runsTable(runs: readonly SummaryView[], width?: number): string {
  return fitting(
    ['RUN', 'STATE', 'MOVED', 'NOT', 'WAITING', 'UNDER WAY', 'ABOUT'],
    runs.map(({ id, state, results, waiting, underWay, about }) => [
      id,
      state,
      String(results['moved'] ?? 0),
      String(notMoved(results)),
      String(waiting),
      String(underWay),
      about,
    ]),
    width,
  );
}

/** A line for each worker of a run, in the order in which they were moved, and how it stands. */
export function runTable(run: RunView, width?: number): string {
  const rows = run.workers.map(({ worker, stage, result, began, ended, reason, returnedAs }) => [
    worker,
    result ?? stage,
    ended === null ? '' : seconds(began, ended),
    reason ?? (returnedAs === null || returnedAs === worker ? '' : `came back as ${returnedAs}`),
  ]);
  return `${fitting(['WORKER', 'NOW', 'TOOK', 'WHY'], rows, width)}${outcomeOf(run)}\n`;
}

/** The line that closes a run, or says how it stands. */
export function outcomeOf(run: RunView): string {
  const { id, state, results, waiting, underWay, notFollowed } = run;
  const moved = results['moved'] ?? 0;
  const left = waiting + underWay === 0 ? '' : `, ${waiting} waiting, ${underWay} under way`;
  const others = notFollowed.length === 0 ? '' : `; did not follow: ${notFollowed.join(', ')}`;
  return `run ${id} ${state}: ${moved} moved, ${notMoved(results)} not${left}${others}`;
}

/** Milliseconds between two times, as seconds. */
export function seconds(from: string, to: string): string {
  return `${((Date.parse(to) - Date.parse(from)) / 1_000).toFixed(1)} s`;
}

function notMoved(results: Readonly<Record<string, number>>): number {
  return Object.entries(results).reduce((sum, [result, count]) => (result === 'moved' ? sum : sum + count), 0);
}
