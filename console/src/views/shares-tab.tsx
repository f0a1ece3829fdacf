import { useEffect, useState } from 'preact/hooks';
import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { count, percent } from '../format.ts';
import { Empty } from '../parts/facts.tsx';
import { Meter } from '../parts/meter.tsx';
import { type Share, type Shares, sharesOf } from '../state/shares.ts';
import { useWorkers } from './use-workers.ts';

/** Workers that are shown one by one. */
const shown = 40;

/** Who got what: a bar for each worker, with a mark where its fair share would be. */
export function SharesTab({ pool }: { readonly pool: PoolOverview }) {
  const { book, phase } = useWorkers(pool.pool);
  const [recent, setRecent] = useState(false);
  const [start, setStart] = useState<ReadonlyMap<string, number> | undefined>(undefined);
  useEffect(() => {
    if (book.whole && book.total > 0) setStart((before) => before ?? countsOf(book.workers));
  }, [book]);
  if (phase.kind === 'refused') return <Empty title="The workers are not shown.">{phase.why.text}</Empty>;
  if (pool.workers === 0) return <Empty title="No worker is in this pool.">So nobody gets anything.</Empty>;
  if (book.total === 0) return <p class="waiting">Asking for the workers …</p>;
  const shares = sharesOf(book.workers, pool.algorithm, recent ? (start ?? new Map()) : new Map(), shown);
  return (
    <>
      <div class="toolbar">
        <fieldset class="choices">
          <legend class="hidden">Counted</legend>
          <button type="button" aria-pressed={!recent} onClick={() => setRecent(false)}>
            Since each joined
          </button>
          <button type="button" aria-pressed={recent} onClick={() => setRecent(true)}>
            Since this page was opened
          </button>
        </fieldset>
      </div>
      <Sentence shares={shares} workers={book.total} algorithm={pool.algorithm} marked={isMarked(shares)} />
      {shares.total > 0 && <Bars shares={shares} />}
    </>
  );
}

interface SentenceProps {
  readonly shares: Shares;
  readonly workers: number;
  readonly algorithm: string;
  /** Whether there is a share to be expected of each. */
  readonly marked: boolean;
}

function Sentence({ shares: { total, most, least }, workers, algorithm, marked }: SentenceProps) {
  if (total === 0) return <Empty title="No message was given to anybody yet." />;
  return (
    <p class="shares-text">
      {count(total)} messages went to {count(workers)} workers by <strong>{algorithm}</strong>. The most that one got is{' '}
      {percent(most, total)}, the least {percent(least, total)}; even shares would be {percent(1, workers)}.{' '}
      {marked && 'The mark in each bar is what its weight would give.'}
    </p>
  );
}

function Bars({ shares }: { readonly shares: Shares }) {
  const { total, first, others, most } = shares;
  const widest = Math.max(most, ...first.map(({ expected }) => expected ?? 0));
  const marked = isMarked(shares);
  return (
    <div class="table-frame">
      <table class="shares">
        <caption class="hidden">Messages by worker</caption>
        <thead>
          <tr>
            <th scope="col">Worker</th>
            <th scope="col" class="number">
              Delivered
            </th>
            <th scope="col" class="number">
              Share
            </th>
            {marked && (
              <th scope="col" class="number">
                By weight
              </th>
            )}
            <th scope="col" class="bar">
              <span class="hidden">Picture</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {first.map((share) => (
            <Bar key={share.worker} share={share} total={total} widest={widest} marked={marked} />
          ))}
          {others.workers > 0 && (
            <tr>
              <th scope="row" class="muted">
                {count(others.workers)} others together
              </th>
              <td class="number">{count(others.delivered)}</td>
              <td class="number">{percent(others.delivered, total)}</td>
              {marked && <td />}
              <td />
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface BarProps {
  readonly share: Share;
  readonly total: number;
  readonly widest: number;
  readonly marked: boolean;
}

function Bar({ share: { worker, label, delivered, expected }, total, widest, marked }: BarProps) {
  return (
    <tr>
      <th scope="row">
        <span class="worker-label">{label}</span>
        <span class="jid muted" title={worker}>
          {worker}
        </span>
      </th>
      <td class="number">{count(delivered)}</td>
      <td class="number">{percent(delivered, total)}</td>
      {marked && <td class="number">{expected === undefined ? '' : percent(expected, total)}</td>}
      <td class="bar">
        <Meter part={delivered} whole={widest} mark={expected} />
      </td>
    </tr>
  );
}

function isMarked({ first }: Shares): boolean {
  return first.some(({ expected }) => expected !== undefined);
}

function countsOf(workers: readonly WorkerReport[]): ReadonlyMap<string, number> {
  return new Map(workers.map(({ worker, delivered }) => [worker, delivered]));
}
