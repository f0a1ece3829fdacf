import type { RunReport } from '../../../src/core/transfer/run-report.ts';
import { count, counted, nothing } from '../format.ts';
import { useFollowed } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';
import { Empty, Facts } from '../parts/facts.tsx';

/** Most workers of a run that are shown: the last ones. */
const shown = 200;

/** One run with what became of each worker. */
export function TransferRun({ id }: { readonly id: string }) {
  const { state, phase } = useFollowed({ command: 'transfers.show', given: { id } }, isRun);
  if (phase.kind === 'refused') return <Empty title={`Run ${id} is not shown.`}>{phase.why.text}</Empty>;
  if (state === undefined) return <p class="waiting">Asking for the run …</p>;
  const results = Object.entries(state.results).filter(([, workers]) => workers > 0);
  return (
    <section class="panel" aria-labelledby="run-title">
      <h2 id="run-title">Run {state.id}</h2>
      <p>{state.about}</p>
      <Facts
        items={[
          ['State', state.state],
          ['Wait for their turn', count(state.waiting)],
          ['Under way', count(state.underWay)],
          ['Results', results.map(([name, workers]) => `${name} ${count(workers)}`).join(', ') || nothing],
          ['At once', count(state.batch)],
          ['Pause', `${count(state.pace)} s`],
        ]}
      />
      {state.notFollowed.length > 0 && (
        <p class="problem">
          {counted(state.notFollowed.length, 'worker')} did not follow: {state.notFollowed.slice(0, 20).join(', ')}
        </p>
      )}
      {state.workers.length > 0 && <Moves run={state} />}
    </section>
  );
}

function Moves({ run }: { readonly run: RunReport }) {
  return (
    <div class="table-frame">
      <table class="moves">
        <caption class="hidden">Workers of run {run.id}</caption>
        <thead>
          <tr>
            {['Worker', 'To', 'Stage', 'Result', 'Why'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {run.workers.slice(-shown).map((move) => (
            <tr key={`${move.worker} ${move.began}`}>
              <th scope="row" class="jid">
                {move.worker}
              </th>
              <td class="jid">{move.to ?? 'connect again'}</td>
              <td>{move.stage}</td>
              <td>{move.result ?? nothing}</td>
              <td class="prose">{move.reason ?? nothing}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isRun(value: unknown): value is RunReport {
  return isRecord(value) && isRecord(value['results']) && isListOf(value['workers'], 'worker', 'stage');
}
