import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { type Order, sorted } from './order.ts';

/** What the list of workers can be sorted by; `joined`: as they came. */
export type WorkerColumn =
  | 'joined'
  | 'worker'
  | 'state'
  | 'weight'
  | 'inFlight'
  | 'holds'
  | 'latency'
  | 'delivered'
  | 'seen'
  | 'heard';

/** Those that a search and a state leave, in order. */
export function chooseWorkers(
  workers: readonly WorkerReport[],
  { search, state, order }: { readonly search: string; readonly state: string; readonly order: Order<WorkerColumn> },
): readonly WorkerReport[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const left = workers.filter((worker) => {
    if (state !== '' && worker.state !== state) return false;
    const text = `${worker.worker} ${worker.label} ${worker.server ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (order.by === 'joined') return order.down ? left.toReversed() : left;
  return sorted(left, order, keyOf, ({ worker }) => worker);
}

function keyOf(worker: WorkerReport, column: WorkerColumn): number | string | undefined {
  switch (column) {
    case 'joined':
      return undefined;
    case 'worker':
      return worker.label || worker.worker;
    case 'seen':
    case 'heard':
      return worker[column] === null ? undefined : Date.parse(worker[column]);
    default:
      return worker[column] ?? undefined;
  }
}

/** How many workers are in each state, those in the most common one first. */
export function statesOf(workers: readonly WorkerReport[]): readonly (readonly [state: string, workers: number])[] {
  const counts = new Map<string, number>();
  for (const { state } of workers) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}
