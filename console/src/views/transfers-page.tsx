import type { RunSummary } from '../../../src/core/transfer/run-report.ts';
import { count, counted, nothing } from '../format.ts';
import { useFollowed } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';
import { ActButton, ReadOnlyHint, useAct } from '../parts/act.tsx';
import { Empty } from '../parts/facts.tsx';
import { Meter } from '../parts/meter.tsx';
import { hashOf } from '../route.ts';
import { TransferRun } from './transfer-run.tsx';

/** Workers that are moved to other servers. */
export function TransfersPage({ run }: { readonly run: string | undefined }) {
  const { state, phase } = useFollowed({ command: 'transfers.list', given: {} }, isRunList);
  return (
    <>
      <div class="page-head">
        <div class="page-title">
          <h1>Transfers</h1>
          <p class="muted">Workers that are told to connect elsewhere, each followed until it is back.</p>
        </div>
        <p class="acts">
          <a class="button" href="#/commands/transfers.maintenance">
            Move workers for maintenance …
          </a>
          <a class="button" href="#/commands/transfers.rebalance">
            Rebalance …
          </a>
        </p>
      </div>
      <ReadOnlyHint what="Moving workers" />
      {phase.kind === 'refused' && <Empty title="Transfers are not shown.">{phase.why.text}</Empty>}
      {state?.runs.length === 0 && (
        <Empty title="Nothing has been moved.">
          Runs for maintenance and of rules in the configuration are shown here.
        </Empty>
      )}
      {state !== undefined && state.runs.length > 0 && <Runs runs={state.runs} current={run} />}
      {run !== undefined && <TransferRun key={run} id={run} />}
    </>
  );
}

interface RunsProps {
  readonly runs: readonly RunSummary[];
  readonly current: string | undefined;
}

function Runs({ runs, current }: RunsProps) {
  return (
    <div class="table-frame">
      <table class="runs">
        <caption class="hidden">Runs of transfers</caption>
        <thead>
          <tr>
            {['Run', 'About', 'State', 'Progress', ''].map((head) => (
              <th key={head} scope="col">
                {head === '' ? <span class="hidden">More</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Run key={run.id} run={run} current={run.id === current} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Run({ run, current }: { readonly run: RunSummary; readonly current: boolean }) {
  const act = useAct();
  const { moved } = run.results;
  const all = run.begun + run.waiting;
  const over = run.ended !== null;
  return (
    <tr class={current ? 'is-chosen' : ''}>
      <th scope="row">
        <a href={hashOf({ page: 'transfers', run: run.id })} aria-current={current ? 'true' : undefined}>
          {run.id}
        </a>
      </th>
      <td class="prose">{run.about}</td>
      <td>
        <span class={`badge is-${over ? 'quiet' : 'ok'}`}>{run.state}</span>
      </td>
      <td>
        {all === 0 ? nothing : `${count(moved)} of ${counted(all, 'worker')} moved, ${count(run.underWay)} under way`}
        {all > 0 && <Meter part={moved} whole={all} tone="ok" />}
      </td>
      <td class="number">
        {!over && run.scenario !== 'rules' && (
          <ActButton
            danger
            label={`Cancel run ${run.id}`}
            onAct={() => void act('transfers.cancel', { id: run.id }, `Cancel run ${run.id}`)}
          >
            Cancel
          </ActButton>
        )}
      </td>
    </tr>
  );
}

function isRunList(value: unknown): value is { readonly runs: readonly RunSummary[] } {
  return isRecord(value) && isListOf(value['runs'], 'id', 'results', 'state');
}
