import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { compact, count, duration, nothing, rate } from '../format.ts';
import { useCell, useDesk } from '../hooks.ts';
import { Meter } from '../parts/meter.tsx';
import { SortHeader } from '../parts/sort-header.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { hashOf } from '../route.ts';
import { ratesOverTime } from '../state/history.ts';
import type { Order } from '../state/order.ts';
import type { PoolColumn, PoolRow } from '../state/pool-list.ts';

interface PoolTableProps {
  readonly rows: readonly PoolRow[];
  readonly order: Order<PoolColumn>;
  readonly onOrder: (order: Order<PoolColumn>) => void;
}

export function PoolTable({ rows, order, onOrder }: PoolTableProps) {
  const histories = useCell(useDesk().histories);
  const heads: readonly (readonly [PoolColumn, string])[] = [
    ['received', 'In/s'],
    ['delivered', 'Out/s'],
    ['refused', 'Refused/s'],
    ['depth', 'Waiting'],
    ['oldest', 'Oldest'],
    ['inFlight', 'In flight'],
    ['workers', 'Workers'],
  ];
  return (
    <div class="table-frame">
      <table class="pools">
        <caption class="hidden">Pools, their traffic, what waits, and their workers</caption>
        <thead>
          <tr>
            <SortHeader column="pool" label="Pool" order={order} onOrder={onOrder} />
            <SortHeader column="algorithm" label="Algorithm" order={order} onOrder={onOrder} className="wide-only" />
            <th scope="col" class="trend">
              Last minute
            </th>
            {heads.map(([column, label]) => (
              <SortHeader key={column} column={column} label={label} order={order} onOrder={onOrder} number />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const samples = ratesOverTime((histories.of.get(row.pool.pool) ?? []).slice(-61));
            return <OneRow key={row.pool.pool} row={row} trend={samples.map(({ received }) => received)} />;
          })}
        </tbody>
      </table>
    </div>
  );
}

function OneRow({ row, trend }: { readonly row: PoolRow; readonly trend: readonly number[] }) {
  const { pool, rates, depth, oldest } = row;
  const refused = rates?.refused ?? 0;
  return (
    <tr class={pool.stalled ? 'is-stalled' : ''}>
      <PoolCell pool={pool} />
      <td class="wide-only">
        {pool.algorithm}
        {pool.guarantee !== 'plain' && <span class="badge is-quiet guarantee">{pool.guarantee}</span>}
      </td>
      <td class="trend">
        <Sparkline values={trend} />
      </td>
      <Figure label="In/s" value={rate(rates?.received)} quiet={rates?.received === 0} />
      <Figure label="Out/s" value={rate(rates?.delivered)} quiet={rates?.delivered === 0} />
      <Figure label="Refused/s" value={rate(rates?.refused)} quiet={refused === 0} bad={refused > 0} />
      <Figure label="Waiting" value={compact(depth)} quiet={depth === 0} />
      <Figure label="Oldest" value={oldest === undefined ? nothing : duration(oldest)} quiet={oldest === undefined} />
      <Figure label="In flight" value={compact(pool.inFlight)} quiet={pool.inFlight === 0} />
      <WorkersCell pool={pool} />
    </tr>
  );
}

/** The name, and what needs somebody. */
function PoolCell({ pool }: { readonly pool: PoolOverview }) {
  const dead = pool.queue?.dead ?? 0;
  return (
    <th scope="row">
      <a class="pool-name" href={hashOf({ page: 'pool', pool: pool.pool, tab: 'workers' })}>
        {pool.pool}
      </a>
      {pool.title !== null && <span class="muted pool-title">{pool.title}</span>}
      {dead > 0 && (
        <a class="badge is-quiet" href={hashOf({ page: 'pool', pool: pool.pool, tab: 'dead' })}>
          {compact(dead)} dead {dead === 1 ? 'letter' : 'letters'}
        </a>
      )}
      {pool.stalled && (
        <span class="stall">
          <span class="badge is-warn">Stalled</span> {pool.queue?.why ?? 'No worker can take work.'}
        </span>
      )}
    </th>
  );
}

function WorkersCell({ pool: { available, workers } }: { readonly pool: PoolOverview }) {
  return (
    <td class="number workers" data-label="Workers">
      <span>
        {count(available)}
        <span class="muted"> of {count(workers)}</span>
      </span>
      <Meter
        part={available}
        whole={workers}
        tone={available === 0 ? 'bad' : 2 * available < workers ? 'warn' : 'ok'}
      />
    </td>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly quiet?: boolean;
  readonly bad?: boolean;
}

function Figure({ label, value, quiet = false, bad = false }: FigureProps) {
  return (
    <td class={`number ${quiet ? 'is-quiet' : ''} ${bad ? 'is-bad' : ''}`} data-label={label}>
      {value}
    </td>
  );
}
