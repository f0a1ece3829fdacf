import { deepEqual } from 'node:assert/strict';
import { noHistories, remember } from '../../../console/src/state/history.ts';
import type { Order } from '../../../console/src/state/order.ts';
import { chooseRows, type PoolColumn, type PoolFilter, poolRows } from '../../../console/src/state/pool-list.ts';
import { overviewAt, poolOf } from './overviews.ts';

const queue = (oldest: string | null, dead: number) => ({
  pool: '',
  ready: 4,
  leased: 0,
  dead,
  redriving: 0,
  bytes: 0,
  oldest,
  stall: 'none' as const,
  why: '',
  until: null,
  tally: { accepted: 0, acknowledged: 0, bounced: 0, purged: 0 },
});

const pools = [
  poolOf('pool10', { title: 'Billing of the north', counts: { received: 9, delivered: 9, refused: 0 } }),
  poolOf('pool9', { stalled: true, available: 0, queue: queue(overviewAt(-60, []).at, 0) }),
  poolOf('Alerts', { queue: queue(overviewAt(-5, []).at, 3), algorithm: 'weighted', waiting: 1 }),
];
const overview = overviewAt(10, pools);
const histories = [overviewAt(0, [poolOf('pool10')]), overviewAt(10, [pools[0] ?? poolOf('')])].reduce(
  remember,
  noHistories,
);
const rows = poolRows(overview.pools, histories, Date.parse(overview.at));

function names(by: PoolColumn, down = false, search = '', filter: PoolFilter = 'all'): readonly string[] {
  const order: Order<PoolColumn> = { by, down };
  return chooseRows(rows, { search, filter, order }).map(({ pool }) => pool.pool);
}

describe('the list of pools', () => {
  it('sorts names as people do, whatever their case', () => {
    deepEqual(names('pool'), ['Alerts', 'pool9', 'pool10']);
    deepEqual(names('pool', true), ['pool10', 'pool9', 'Alerts']);
  });

  it('sorts by numbers, with those last that have none', () => {
    deepEqual(names('oldest', true), ['pool9', 'Alerts', 'pool10']);
    deepEqual(names('oldest'), ['Alerts', 'pool9', 'pool10']);
    deepEqual(names('depth', true), ['Alerts', 'pool9', 'pool10']);
    deepEqual(names('received', true), ['pool10', 'Alerts', 'pool9']);
  });

  it('leaves what has every word of the search, in name, title, address or algorithm', () => {
    deepEqual(names('pool', false, 'POOL'), ['Alerts', 'pool9', 'pool10']);
    deepEqual(names('pool', false, 'north bill'), ['pool10']);
    deepEqual(names('pool', false, 'weighted'), ['Alerts']);
    deepEqual(names('pool', false, 'weighted north'), []);
  });

  it('leaves what a filter lets through', () => {
    deepEqual(names('pool', false, '', 'stalled'), ['pool9']);
    deepEqual(names('pool', false, '', 'idle'), ['pool9']);
    deepEqual(names('pool', false, '', 'dead'), ['Alerts']);
  });
});
