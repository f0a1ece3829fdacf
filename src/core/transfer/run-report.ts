import { type Destination, formatDestination } from './destination.ts';
import { type Move, type MoveResult, moveResults } from './move.ts';
import type { Run } from './run.ts';

/** One worker in a report; times are ISO 8601, `null` for what did not happen. */
export interface MoveReport {
  readonly worker: string;
  readonly pools: readonly string[];
  /** `null` for connecting again. */
  readonly to: string | null;
  readonly stage: string;
  readonly result: MoveResult | null;
  readonly reason: string | null;
  readonly began: string;
  readonly told: string | null;
  readonly left: string | null;
  readonly ended: string | null;
  /** Messages that it had not answered when it was told. */
  readonly unfinished: number;
  readonly returnedAs: string | null;
}

/** A run in short. */
export interface RunSummary {
  readonly id: string;
  readonly scenario: string;
  readonly about: string;
  readonly state: string;
  /** `null` for the moves by the rules of the configuration, which begin with each worker that they concern. */
  readonly started: string | null;
  readonly ended: string | null;
  readonly batch: number;
  /** Seconds. */
  readonly pace: number;
  readonly waiting: number;
  readonly underWay: number;
  /** Workers that were begun with. */
  readonly begun: number;
  readonly results: Readonly<Record<MoveResult, number>>;
}

/** A run with its workers, in the order in which they were begun with. */
export interface RunReport extends RunSummary {
  readonly workers: readonly MoveReport[];
  /** Workers whose transfer is over and who did not come back as they should. */
  readonly notFollowed: readonly string[];
}

export function summaryOf(run: Run): RunSummary {
  const { id, plan, state, startedAt, endedAt, waiting, active } = run;
  return {
    id,
    scenario: plan.scenario,
    about: plan.about,
    state,
    started: plan.scenario === 'rules' ? null : new Date(startedAt).toISOString(),
    ended: timeOf(endedAt),
    batch: plan.batch,
    pace: plan.pace / 1_000,
    waiting,
    underWay: active,
    begun: run.begun,
    results: resultsOf(run),
  };
}

/** @param skip How many workers at the beginning are left out of `workers`. */
export function reportOf(run: Run, skip = 0): RunReport {
  const notFollowed = run.moves.filter(
    ({ result }) => result !== undefined && result !== 'moved' && result !== 'cancelled',
  );
  return {
    ...summaryOf(run),
    workers: run.moves.slice(skip).map(moveReport),
    notFollowed: notFollowed.map(({ jid }) => jid),
  };
}

function resultsOf(run: Run): Record<MoveResult, number> {
  const results = { moved: 0, refused: 0, unsupported: 0, silent: 0, stayed: 0, lost: 0, gone: 0, cancelled: 0 };
  for (const result of moveResults) results[result] = run.count(result);
  return results;
}

function moveReport(move: Move): MoveReport {
  return {
    worker: move.jid,
    pools: move.pools,
    to: textOf(move.to),
    stage: move.stage,
    result: move.result ?? null,
    reason: move.reason ?? null,
    began: new Date(move.beganAt).toISOString(),
    told: timeOf(move.toldAt),
    left: timeOf(move.leftAt),
    ended: timeOf(move.endedAt),
    unfinished: move.unfinished,
    returnedAs: move.returnedAs ?? null,
  };
}

function textOf(to: Destination | undefined): string | null {
  return to === undefined ? null : formatDestination(to);
}

function timeOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
