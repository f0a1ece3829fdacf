import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import type { PoolOrigin, PoolReport } from '../../../src/core/commands/pool-report.ts';
import { plain } from '../form/answer-view.ts';
import { count, counted, nothing } from '../format.ts';
import { useCell, useDesk, useFollowed } from '../hooks.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';
import { ActButton, ReadOnlyHint, useAct } from '../parts/act.tsx';
import { Empty, Facts } from '../parts/facts.tsx';
import { hashOf } from '../route.ts';

/** The answer of `pools.show`. */
type ShownPool = PoolReport & PoolOrigin;

const interval = 2_000;
/** What the router refuses for a pool of the configuration: that is changed there. */
const forMadeOnly = new Set(['pools.edit', 'pools.delete']);

/** What a pool is set to, what operators have decided about its workers, and what else can be done with it. */
export function SettingsTab({ pool }: { readonly pool: PoolOverview }) {
  const { state, phase } = useFollowed({ command: 'pools.show', given: { pool: pool.pool }, interval }, isPoolReport);
  if (phase.kind === 'refused') return <Empty title="The pool is not shown.">{phase.why.text}</Empty>;
  if (state === undefined) return <p class="waiting">Asking the router …</p>;
  const states = Object.entries(state.states).map(([name, workers]) => `${name} ${count(workers)}`);
  return (
    <>
      <Facts
        card
        items={[
          ['Name', state.pool],
          ['Origin', state.origin === 'made' ? `made by ${state.madeBy ?? 'a command'}` : 'the configuration'],
          ['Title', state.title ?? nothing],
          ['Algorithm now', state.algorithm],
          ['Algorithm in the configuration', state.configuredAlgorithm],
          ['Offers', state.offer.join(', ')],
          ['Guarantee', state.guarantee],
          ['Workers by state', states.join(', ') || nothing],
          ['Open requests', count(state.openRequests)],
          ['Moved to', state.movedTo ?? nothing],
          ['Ever accepted', pool.queue === null ? nothing : plain(pool.queue.tally)],
        ]}
      />
      <Orders report={state} />
      <OtherCommands pool={pool.pool} made={state.origin === 'made'} />
    </>
  );
}

function Orders({ report }: { readonly report: ShownPool }) {
  const { orders } = report;
  return (
    <section aria-labelledby="orders">
      <h2 id="orders">Orders about workers</h2>
      {orders.length === 0 ? (
        <p class="muted">No operator has drained, suspended or weighed a worker of this pool.</p>
      ) : (
        <>
          <p class="muted">{counted(orders.length, 'order')}, which hold also for workers that are not here.</p>
          <ReadOnlyHint what="Taking an order back" />
          <OrderTable report={report} />
        </>
      )}
    </section>
  );
}

function OrderTable({ report: { orders, pool } }: { readonly report: ShownPool }) {
  const act = useAct();
  return (
    <div class="table-frame">
      <table class="orders">
        <caption class="hidden">Orders about workers</caption>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col">Order</th>
            <th scope="col" class="number">
              Weight
            </th>
            <th scope="col">
              <span class="hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {orders.map(({ worker, order, weight }) => (
            <tr key={worker}>
              <th scope="row" class="jid">
                {worker}
              </th>
              <td>{order ?? nothing}</td>
              <td class="number">{count(weight)}</td>
              <td class="number">
                <ActButton
                  disabled={order === null}
                  label={`Resume ${worker}`}
                  onAct={() => void act('workers.resume', { worker, pool }, `Resume ${worker}`)}
                >
                  Resume
                </ActButton>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Commands about pools, each with its form, in which this pool stands already. */
function OtherCommands({ pool, made }: { readonly pool: string; readonly made: boolean }) {
  const commands = useCell(useDesk().commands).filter(
    ({ name, reads, fields }) =>
      !reads && fields.some((field) => field.name === 'pool') && (made || !forMadeOnly.has(name)),
  );
  return (
    <section aria-labelledby="other-commands">
      <h2 id="other-commands">All commands about this pool</h2>
      <ul class="command-links">
        {commands.map(({ name, title }) => (
          <li key={name}>
            <a href={hashOf({ page: 'commands', command: name, pool })}>{title}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function isPoolReport(value: unknown): value is ShownPool {
  return (
    isRecord(value) && Array.isArray(value['offer']) && isRecord(value['states']) && isListOf(value['orders'], 'worker')
  );
}
