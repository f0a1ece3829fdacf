import { useEffect, useRef, useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { ago, compact, count, nothing } from '../format.ts';
import { useCell, useDesk } from '../hooks.ts';
import { SortHeader } from '../parts/sort-header.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import type { Order } from '../state/order.ts';
import { rowsInSight } from '../state/window.ts';
import type { WorkerColumn } from '../state/worker-list.ts';

/** Pixels; the style sheet holds every row to it. */
const rowHeight = 44;
/** Rows that are seen at a time, at most. */
const inSight = 14;

interface WorkerTableProps {
  readonly pool: PoolOverview;
  readonly workers: readonly WorkerReport[];
  readonly order: Order<WorkerColumn>;
  readonly onOrder: (order: Order<WorkerColumn>) => void;
  readonly onOpen: (worker: string) => void;
}

const heads: readonly (readonly [WorkerColumn, string, boolean])[] = [
  ['worker', 'Worker', false],
  ['state', 'State', false],
  ['weight', 'Weight', true],
  ['inFlight', 'In flight', true],
  ['holds', 'Holds', true],
  ['latency', 'Latency', true],
  ['delivered', 'Delivered', true],
  ['heard', 'Heard', true],
  ['seen', 'Presence', true],
];

/** The workers as a table of which only the rows in sight are drawn. */
export function WorkerTable({ pool, workers, order, onOrder, onOpen }: WorkerTableProps) {
  const [top, setTop] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const { first, end, above, below } = rowsInSight(workers.length, rowHeight, top, rowHeight * inSight);
  useEffect(() => {
    // Another order or search begins at its beginning.
    if (frame.current !== null) frame.current.scrollTop = 0;
  }, [order]);
  return (
    <section
      ref={frame}
      class="table-frame rows"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
      tabIndex={0}
      aria-label={`Workers of ${pool.pool}`}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <table class="workers" aria-rowcount={workers.length + 1}>
        <caption class="hidden">Workers, their state and their load</caption>
        <thead>
          <tr aria-rowindex={1}>
            {heads.map(([column, label, number]) => (
              <SortHeader key={column} column={column} label={label} order={order} onOrder={onOrder} number={number} />
            ))}
            <th scope="col">
              <span class="hidden">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          <Gap height={above} />
          {workers.slice(first, end).map((worker, index) => (
            <OneRow key={worker.worker} worker={worker} index={first + index} onOpen={onOpen} />
          ))}
          <Gap height={below} />
        </tbody>
      </table>
    </section>
  );
}

/** The room of rows that are not drawn. */
function Gap({ height }: { readonly height: number }) {
  return height === 0 ? null : (
    <tr class="gap">
      <td colSpan={10} style={{ height: `${height}px` }} />
    </tr>
  );
}

interface OneRowProps {
  readonly worker: WorkerReport;
  readonly index: number;
  readonly onOpen: (worker: string) => void;
}

function OneRow({ worker, index, onOpen }: OneRowProps) {
  const now = Date.parse(useCell(useDesk().overview)?.at ?? '');
  const name = worker.label || worker.worker;
  return (
    <tr aria-rowindex={index + 2}>
      <th scope="row">
        <span class="worker-label">{worker.label}</span>
        <span class="jid muted" title={worker.worker}>
          {worker.worker}
        </span>
      </th>
      <td>
        <StateBadge state={worker.state} why={worker.why} />
      </td>
      <td class="number">
        {count(worker.weight)}
        {worker.orderedWeight !== null && (
          <span class="muted" title="Set by an operator">
            {' '}
            *
          </span>
        )}
      </td>
      <td class="number">{count(worker.inFlight)}</td>
      <td class="number">
        {worker.holds === null
          ? nothing
          : `${count(worker.holds)}${worker.mayHold === null ? '' : ` / ${count(worker.mayHold)}`}`}
      </td>
      <td class="number">{worker.latency === null ? nothing : `${count(worker.latency)} ms`}</td>
      <td class="number">{worker.delivered === undefined ? nothing : compact(worker.delivered)}</td>
      <td class="number">{ago(worker.heard, now)}</td>
      <td class="number">{ago(worker.seen, now)}</td>
      <td class="number">
        <button type="button" class="small" aria-label={`Steer ${name}`} onClick={() => onOpen(worker.worker)}>
          Steer
        </button>
      </td>
    </tr>
  );
}
