import { useState } from 'preact/hooks';
import type { Explanation } from '../../../src/core/commands/explain.ts';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { count, nothing } from '../format.ts';
import { useFollowed } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';
import { Empty } from '../parts/facts.tsx';

const pageSize = 100;
const interval = 2_000;

/** Who gets the next message, and why nobody else does. */
export function ExplainTab({ pool }: { readonly pool: PoolOverview }) {
  const [skip, setSkip] = useState(0);
  const given = { pool: pool.pool, skip, limit: pageSize };
  const { state, phase } = useFollowed({ command: 'pools.explain', given, interval }, isExplanation);
  if (phase.kind === 'refused') return <Empty title="It is not explained.">{phase.why.text}</Empty>;
  if (state === undefined) return <p class="waiting">Asking the router …</p>;
  return (
    <>
      {state.text.split('\n').map((line) => (
        <p key={line} class="explain-line">
          {line}
        </p>
      ))}
      {state.workers.length > 0 && <Chances explanation={state} />}
      {state.total > pageSize && (
        <nav class="paging" aria-label="Pages of workers">
          <button type="button" disabled={skip === 0} onClick={() => setSkip(skip - pageSize)}>
            Back
          </button>
          <span class="muted">
            {count(skip + 1)} to {count(Math.min(state.total, skip + pageSize))} of {count(state.total)}
          </span>
          <button type="button" disabled={skip + pageSize >= state.total} onClick={() => setSkip(skip + pageSize)}>
            Next
          </button>
        </nav>
      )}
    </>
  );
}

function Chances({ explanation }: { readonly explanation: Explanation }) {
  return (
    <div class="table-frame">
      <table class="chances">
        <caption class="hidden">Workers, and why each gets the next message or does not</caption>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">Chance</th>
            <th scope="col">Why</th>
            <th scope="col" class="number">
              In flight
            </th>
            <th scope="col" class="number">
              Holds
            </th>
          </tr>
        </thead>
        <tbody>
          {explanation.workers.map(({ worker, label, chance, why, inFlight, holds }) => (
            <tr key={worker} class={chance === 'next' ? 'is-next' : ''}>
              <th scope="row">
                <span class="worker-label">{label}</span>
                <span class="jid muted" title={worker}>
                  {worker}
                </span>
              </th>
              <td>
                <span class={`badge is-${chance === 'next' ? 'ok' : chance === 'later' ? 'quiet' : 'warn'}`}>
                  {chance}
                </span>
              </td>
              <td class="prose">{why}</td>
              <td class="number">{count(inFlight)}</td>
              <td class="number">{holds === null ? nothing : count(holds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isExplanation(value: unknown): value is Explanation {
  return isRecord(value) && typeof value['text'] === 'string' && isListOf(value['workers'], 'worker', 'chance', 'why');
}
