import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { ago, compact, count, nothing, rate } from '../format.ts';
import { useCell, useDesk } from '../hooks.ts';
import { Empty, Tile } from '../parts/facts.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { hashOf, type PoolTab } from '../route.ts';
import { depthOf, type History, ratesOf } from '../state/history.ts';
import { AlgorithmSwitch } from './algorithm-switch.tsx';
import { ExplainTab } from './explain-tab.tsx';
import { MessagesTab } from './messages-tab.tsx';
import { LoadChart, TrafficChart, Waiting } from './pools-page.tsx';
import { SettingsTab } from './settings-tab.tsx';
import { SharesTab } from './shares-tab.tsx';
import { WorkersTab } from './workers-tab.tsx';

interface PoolPageProps {
  readonly name: string;
  readonly tab: PoolTab;
}

/** One pool: its numbers, and behind tabs all that belongs to it. */
export function PoolPage({ name, tab }: PoolPageProps) {
  const desk = useDesk();
  const overview = useCell(desk.overview);
  const histories = useCell(desk.histories);
  if (overview === undefined) return <Waiting />;
  const pool = overview.pools.find((each) => each.pool === name);
  if (pool === undefined) {
    return (
      <Empty title={`There is no pool ${name}.`}>
        It may have been taken out of the configuration. <a href="#/pools">All pools</a>
      </Empty>
    );
  }
  const history = histories.of.get(name) ?? [];
  return (
    <>
      <Head pool={pool} />
      <Stall pool={pool} />
      <section class="summary" aria-label="Numbers">
        <Numbers pool={pool} history={history} now={Date.parse(overview.at)} />
        <TrafficChart title="Messages a second" history={history} />
        <LoadChart title="Waiting and in flight" history={history} />
      </section>
      <PoolTabs pool={pool} tab={tab} />
    </>
  );
}

function Head({ pool }: { readonly pool: PoolOverview }) {
  return (
    <div class="page-head">
      <div class="page-title">
        <p class="crumbs">
          <a href="#/pools">Pools</a> <span aria-hidden="true">/</span>
        </p>
        <h1>{pool.title ?? pool.pool}</h1>
        <p class="jid muted">{pool.address}</p>
      </div>
      <AlgorithmSwitch pool={pool} />
    </div>
  );
}

function Stall({ pool }: { readonly pool: PoolOverview }) {
  if (!pool.stalled && pool.queue === null) return null;
  const why = pool.queue?.why ?? 'No worker can take work.';
  return (
    <p class={`stall-line ${pool.stalled ? 'is-stalled' : ''}`}>
      <span class={`badge ${pool.stalled ? 'is-warn' : 'is-ok'}`}>{pool.stalled ? 'Stalled' : 'Moves'}</span> {why}
    </p>
  );
}

interface NumbersProps {
  readonly pool: PoolOverview;
  readonly history: History;
  readonly now: number;
}

function Numbers({ pool, history, now }: NumbersProps) {
  const rates = ratesOf(history);
  const { queue } = pool;
  return (
    <dl class="tiles">
      <Tile name="Received" value={rate(rates?.received)} unit="/s" />
      <Tile name="Delivered" value={rate(rates?.delivered)} unit="/s" />
      <Tile
        name="Refused"
        value={rate(rates?.refused)}
        unit="/s"
        tone={(rates?.refused ?? 0) > 0 ? 'bad' : undefined}
      />
      <Tile name="Waiting" value={compact(depthOf(pool))} tone={pool.stalled ? 'warn' : undefined} />
      <Tile name="Oldest waits" value={queue === null ? nothing : ago(queue.oldest, now)} />
      <Tile name="In flight" value={compact(pool.inFlight)} />
      <Tile name="Workers available" value={count(pool.available)} unit={`of ${count(pool.workers)}`} />
      <Tile name="Dead letters" value={queue === null ? nothing : compact(queue.dead)} />
    </dl>
  );
}

function PoolTabs({ pool, tab }: { readonly pool: PoolOverview; readonly tab: PoolTab }) {
  const { queue } = pool;
  const tabs: readonly (readonly [PoolTab, string])[] = [
    ['workers', `Workers ${count(pool.workers)}`],
    ['shares', 'Shares'],
    ['queue', queue === null ? 'Queue' : `Queue ${compact(queue.ready + queue.leased)}`],
    ['dead', queue === null ? 'Dead letters' : `Dead letters ${compact(queue.dead)}`],
    ['explain', 'Explain'],
    ['settings', 'Settings'],
  ];
  return (
    <Tabs
      label={`About ${pool.pool}`}
      chosen={tab}
      tabs={tabs.map(([name, label]) => ({ name, label, href: hashOf({ page: 'pool', pool: pool.pool, tab: name }) }))}
    >
      <Tab pool={pool} tab={tab} />
    </Tabs>
  );
}

function Tab({ pool, tab }: { readonly pool: PoolOverview; readonly tab: PoolTab }) {
  switch (tab) {
    case 'workers':
      return <WorkersTab pool={pool} />;
    case 'shares':
      return <SharesTab pool={pool} />;
    case 'queue':
    case 'dead':
      return <MessagesTab key={tab} pool={pool} dead={tab === 'dead'} />;
    case 'explain':
      return <ExplainTab pool={pool} />;
    case 'settings':
      return <SettingsTab pool={pool} />;
  }
}
