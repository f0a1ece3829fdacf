import { useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { count, counted } from '../format.ts';
import { ReadOnlyHint } from '../parts/act.tsx';
import { Empty } from '../parts/facts.tsx';
import type { Order } from '../state/order.ts';
import type { WorkerBook } from '../state/worker-book.ts';
import { chooseWorkers, statesOf, type WorkerColumn } from '../state/worker-list.ts';
import { useWorkers } from './use-workers.ts';
import { WorkerDialog } from './worker-dialog.tsx';
import { WorkerTable } from './worker-table.tsx';

/** The workers of a pool, however many. */
export function WorkersTab({ pool }: { readonly pool: PoolOverview }) {
  const { book, phase, put } = useWorkers(pool.pool);
  const [search, setSearch] = useState('');
  const [state, setState] = useState('');
  const [order, setOrder] = useState<Order<WorkerColumn>>({ by: 'joined', down: false });
  const [opened, setOpened] = useState<string | undefined>(undefined);
  if (phase.kind === 'refused') return <Empty title="The workers are not shown.">{phase.why.text}</Empty>;
  if (book.total === 0) {
    if (pool.workers > 0) return <p class="waiting">Asking for the workers …</p>;
    return (
      <Empty title="No worker is in this pool.">
        A worker joins by sending available presence to <span class="jid">{pool.address}</span>.
      </Empty>
    );
  }
  const chosen = chooseWorkers(book.workers, { search, state, order });
  const worker = opened === undefined ? undefined : book.workers.find((each) => each.worker === opened);
  return (
    <>
      <div class="toolbar">
        <label class="search">
          <span class="hidden">Search workers</span>
          <input
            type="search"
            placeholder="Search workers"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <StateChoice workers={book.workers} state={state} onState={setState} />
        <Counted chosen={chosen.length} book={book} />
      </div>
      <ReadOnlyHint what="Steering workers" />
      <WorkerTable pool={pool} workers={chosen} order={order} onOrder={setOrder} onOpen={setOpened} />
      {worker !== undefined && <WorkerDialog worker={worker} onClose={() => setOpened(undefined)} onReports={put} />}
    </>
  );
}

function Counted({ chosen, book: { total, whole } }: { readonly chosen: number; readonly book: WorkerBook }) {
  return (
    <p class="muted counted" role="status">
      {chosen === total ? counted(total, 'worker') : `${count(chosen)} of ${counted(total, 'worker')}`}
      {whole ? '' : ', reading the others'}
    </p>
  );
}

interface StateChoiceProps {
  readonly workers: readonly WorkerReport[];
  readonly state: string;
  readonly onState: (state: string) => void;
}

function StateChoice({ workers, state, onState }: StateChoiceProps) {
  return (
    <label class="field inline">
      <span>State</span>
      <select value={state} onChange={({ currentTarget }) => onState(currentTarget.value)}>
        <option value="">All</option>
        {statesOf(workers).map(([each, many]) => (
          <option key={each} value={each}>
            {each} ({count(many)})
          </option>
        ))}
      </select>
    </label>
  );
}
