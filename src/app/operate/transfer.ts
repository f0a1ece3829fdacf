import { setTimeout as pause } from 'node:timers/promises';
import { commands } from '../../core/commands/perform.ts';
import type { LoadRequest } from '../load.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import { printable } from '../terminal/table.ts';
import { type AskedRouter, ask, targetOf } from './api.ts';
import { Progress } from './run-progress.ts';
import { outcomeOf, type RunView, readRun, readRuns, runsTable, runTable } from './run-view.ts';

/** How often a run is looked at, in milliseconds. */
const lookEvery = 500;

/** What every use of `switchyard transfer` says. */
export interface TransferRequest {
  readonly load: LoadRequest;
  /** Whether the answer is for machines: JSON on standard output, progress on standard error. */
  readonly json: boolean;
}

/** What a command asks for, as options of a command line show it. */
export interface CommandOption {
  readonly name: string;
  readonly help: string;
  readonly flag: boolean;
  readonly required: boolean;
  readonly fallback: string | undefined;
}

/** What one of the operator's commands is for, and what it asks for. */
export function describeCommand(name: string): { readonly help: string; readonly options: readonly CommandOption[] } {
  const command = commands.get(name);
  const options = (command?.fields ?? []).map(({ name, help, kind, required, fallback }) => {
    return { name, help, flag: kind === 'flag', required, fallback: kind === 'flag' ? undefined : fallback };
  });
  return { help: command?.help ?? '', options };
}

/**
 * Starts a run of transfers, and unless `wait` is false tells of its progress until it is over.
 * Returns the exit code: 0 all followed, 1 some did not, or the router refused, 2 there is no way to it.
 */
export async function startTransfers(
  request: TransferRequest,
  scenario: 'maintenance' | 'rebalance',
  given: Readonly<Record<string, unknown>>,
  wait: boolean,
): Promise<number> {
  const target = targetOf(request.load, 'all', request.json);
  if (target === undefined) return 2;
  const first = await ask(target, 'POST', '/v1/transfers', { scenario, ...given }, readRun);
  if (first === undefined) return 1;
  const last = wait ? await follow(target, first, request.json) : first;
  if (last === undefined) return 1;
  process.stdout.write(
    request.json ? `${JSON.stringify(last)}\n` : wait ? `${outcomeOf(last)}\n` : runTable(last, process.stdout.columns),
  );
  return !wait || (last.state === 'finished' && last.notFollowed.length === 0) ? 0 : 1;
}

/** Shows one run, or all of them in short. */
export async function showTransfers(request: TransferRequest, id: string | undefined): Promise<number> {
  const target = targetOf(request.load, 'read', request.json);
  if (target === undefined) return 2;
  if (id === undefined) {
    const runs = await ask(target, 'GET', '/v1/transfers', undefined, readRuns);
    if (runs !== undefined)
      process.stdout.write(request.json ? `${JSON.stringify(runs)}\n` : runsTable(runs, process.stdout.columns));
    return runs === undefined ? 1 : 0;
  }
  const run = await ask(target, 'GET', pathOf(id), undefined, readRun);
  if (run !== undefined)
    process.stdout.write(request.json ? `${JSON.stringify(run)}\n` : runTable(run, process.stdout.columns));
  return run === undefined ? 1 : 0;
}

/** Cancels a run: nobody more is moved. */
export async function cancelTransfers(request: TransferRequest, id: string): Promise<number> {
  const target = targetOf(request.load, 'all', request.json);
  if (target === undefined) return 2;
  const run = await ask(target, 'POST', `${pathOf(id)}/cancel`, undefined, readRun);
  if (run !== undefined) process.stdout.write(request.json ? `${JSON.stringify(run)}\n` : `${outcomeOf(run)}\n`);
  return run === undefined ? 1 : 0;
}

/** Tells of each worker as it is told and as it ends, on a terminal with a bar below, until the run is over; returns it whole. */
async function follow(target: AskedRouter, first: RunView, json: boolean): Promise<RunView | undefined> {
  const bar = new ProgressBar(json ? process.stderr : process.stdout);
  const progress = new Progress((line) => bar.line(printable(line)));
  progress.begin(first);
  for (let run: RunView | undefined = first; run !== undefined; ) {
    progress.tell(run);
    bar.show(run.begun - run.underWay, run.begun + run.waiting, `, ${run.underWay} under way`);
    if (run.ended === null) await pause(lookEvery);
    bar.clear();
    if (run.ended !== null) return ask(target, 'GET', pathOf(first.id), undefined, readRun);
    // Those whose end was told are left out: of a long run only the end is looked at.
    run = await ask(target, 'GET', `${pathOf(first.id)}?skip=${progress.over}`, undefined, readRun);
  }
  return undefined;
}

function pathOf(id: string): string {
  return `/v1/transfers/${encodeURIComponent(id)}`;
}
