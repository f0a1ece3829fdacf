import { useState } from 'preact/hooks';
import type { Overview } from '../../../src/core/commands/overview.ts';
import { compact, count, rate } from '../format.ts';
import { useCell, useDesk, useInstance } from '../hooks.ts';
import { Chart } from '../parts/chart.tsx';
import { Empty, Tile } from '../parts/facts.tsx';
import { hashOf } from '../route.ts';
import { depthOf, type History, ratesOf, ratesOverTime } from '../state/history.ts';
import type { Order } from '../state/order.ts';
import {
  chooseRows,
  type PoolColumn,
  type PoolFilter,
  type PoolRow,
  passes,
  poolFilters,
  poolRows,
} from '../state/pool-list.ts';
import { PoolTable } from './pool-table.tsx';

/** Every pool at a glance. */
export function PoolsPage() {
  const desk = useDesk();
  const overview = useCell(desk.overview);
  const histories = useCell(desk.histories);
  const instance = useInstance();
  if (overview === undefined) return <Waiting />;
  if (instance?.role === 'standby') {
    const active = instance.others.find(({ role }) => role === 'active');
    return (
      <Empty title="This instance stands by.">
        {active === undefined ? 'No instance is active.' : `The pools are shown by the active one, ${active.name}.`}
      </Empty>
    );
  }
  const rows = poolRows(overview.pools, histories, Date.parse(overview.at));
  return (
    <>
      <h1 class="hidden">Pools</h1>
      <Summary overview={overview} history={histories.of.get('') ?? []} />
      <PoolList rows={rows} />
    </>
  );
}

/** Before the first state. */
export function Waiting() {
  const { kind } = useCell(useDesk().phase);
  return kind === 'connecting' ? <p class="waiting">Asking the router …</p> : null;
}

function Summary({ overview, history }: { readonly overview: Overview; readonly history: History }) {
  const rates = ratesOf(history);
  const sum = (value: (pool: Overview['pools'][number]) => number): number =>
    overview.pools.reduce((total, pool) => total + value(pool), 0);
  const workers = sum((pool) => pool.workers);
  const available = sum((pool) => pool.available);
  const stalled = sum((pool) => Number(pool.stalled));
  return (
    <section class="summary" aria-label="All pools together">
      <dl class="tiles">
        <Tile name="Received" value={rate(rates?.received)} unit="/s" />
        <Tile name="Delivered" value={rate(rates?.delivered)} unit="/s" />
        <Tile
          name="Refused"
          value={rate(rates?.refused)}
          unit="/s"
          tone={(rates?.refused ?? 0) > 0 ? 'bad' : undefined}
        />
        <Tile name="Waiting" value={compact(sum(depthOf))} />
        <Tile name="In flight" value={compact(sum((pool) => pool.inFlight))} />
        <Tile
          name="Workers available"
          value={count(available)}
          unit={`of ${count(workers)}`}
          tone={workers > 0 && available === 0 ? 'bad' : undefined}
        />
        <Tile name="Stalled pools" value={count(stalled)} tone={stalled > 0 ? 'warn' : undefined} />
      </dl>
      <TrafficChart title="Messages a second" history={history} />
      <LoadChart title="Waiting and in flight" history={history} />
    </section>
  );
}

/** What came, went to workers and was refused, over time. */
export function TrafficChart({ title, history }: { readonly title: string; readonly history: History }) {
  const samples = ratesOverTime(history);
  return (
    <Chart
      title={title}
      times={samples.map(({ at }) => at)}
      show={rate}
      lines={[
        { label: 'Received', color: '--received', values: samples.map(({ received }) => received) },
        { label: 'Delivered', color: '--delivered', values: samples.map(({ delivered }) => delivered) },
        { label: 'Refused', color: '--refused', values: samples.map(({ refused }) => refused) },
      ]}
    />
  );
}

/** There is no half a message: a mark between two whole numbers says nothing. */
function wholeOnly(value: number): string {
  return Number.isInteger(value) ? compact(value) : '';
}

/** What waits, and what workers have, over time. */
export function LoadChart({ title, history }: { readonly title: string; readonly history: History }) {
  return (
    <Chart
      title={title}
      times={history.map(({ at }) => at)}
      show={wholeOnly}
      lines={[
        { label: 'Waiting', color: '--waiting', values: history.map(({ depth }) => depth) },
        { label: 'In flight', color: '--in-flight', values: history.map(({ inFlight }) => inFlight) },
      ]}
    />
  );
}

const filterWords: Readonly<Record<PoolFilter, string>> = {
  all: 'All',
  stalled: 'Stalled',
  idle: 'Nobody can work',
  dead: 'Dead letters',
};

function PoolList({ rows }: { readonly rows: readonly PoolRow[] }) {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<PoolFilter>('all');
  const [order, setOrder] = useState<Order<PoolColumn>>({ by: 'pool', down: false });
  const chosen = chooseRows(rows, { search, filter, order });
  if (rows.length === 0) {
    return (
      <Empty title="There is no pool yet.">
        Add one under <code>pools</code> in the configuration and reload, or make one here.
        <span class="empty-acts">
          <MakePool />
        </span>
      </Empty>
    );
  }
  return (
    <section aria-label="Pools">
      <div class="toolbar">
        <label class="search">
          <span class="hidden">Search pools</span>
          <input
            type="search"
            placeholder="Search pools"
            value={search}
            onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        </label>
        <fieldset class="choices">
          <legend class="hidden">Show</legend>
          {poolFilters.map((each) => (
            <button key={each} type="button" aria-pressed={filter === each} onClick={() => setFilter(each)}>
              {filterWords[each]} <span class="muted">{rows.filter((row) => passes(row, each)).length}</span>
            </button>
          ))}
        </fieldset>
        <MakePool />
        <p class="muted counted" role="status">
          {chosen.length === rows.length
            ? `${count(rows.length)} pools`
            : `${count(chosen.length)} of ${count(rows.length)} pools`}
        </p>
      </div>
      {chosen.length === 0 ? (
        <Empty title="No pool is like this.">Take another search or another filter.</Empty>
      ) : (
        <PoolTable rows={chosen} order={order} onOrder={setOrder} />
      )}
    </section>
  );
}

function MakePool() {
  const command = useCell(useDesk().commands).find(({ name }) => name === 'pools.create');
  return command === undefined ? null : (
    <a class="button" href={hashOf({ page: 'commands', command: command.name, pool: undefined })}>
      {command.title} …
    </a>
  );
}
