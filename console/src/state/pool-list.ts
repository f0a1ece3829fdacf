import type { PoolOverview } from '../../../src/core/commands/overview.ts';
import { depthOf, type Histories, type Rates, ratesOf } from './history.ts';
import { type Order, sorted } from './order.ts';

/** A row of the list of pools. */
export interface PoolRow {
  readonly pool: PoolOverview;
  readonly rates: Rates | undefined;
  readonly depth: number;
  /** Milliseconds that the oldest has waited. */
  readonly oldest: number | undefined;
}

/** What the list can be narrowed to. */
export const poolFilters = ['all', 'stalled', 'idle', 'dead'] as const;
export type PoolFilter = (typeof poolFilters)[number];

/** What the list can be sorted by. */
export type PoolColumn =
  | 'pool'
  | 'algorithm'
  | 'received'
  | 'delivered'
  | 'refused'
  | 'depth'
  | 'oldest'
  | 'inFlight'
  | 'workers';

export function poolRows(pools: readonly PoolOverview[], histories: Histories, now: number): readonly PoolRow[] {
  return pools.map((pool) => {
    const since = pool.queue?.oldest;
    return {
      pool,
      rates: ratesOf(histories.of.get(pool.pool)),
      depth: depthOf(pool),
      oldest: since === null || since === undefined ? undefined : Math.max(0, now - Date.parse(since)),
    };
  });
}

/** Whether a pool is among those that a filter leaves. */
export function passes({ pool }: PoolRow, filter: PoolFilter): boolean {
  switch (filter) {
    case 'stalled':
      return pool.stalled;
    case 'idle':
      return pool.available === 0;
    case 'dead':
      return (pool.queue?.dead ?? 0) > 0;
    default:
      return true;
  }
}

/** The rows that a filter and a search leave, in order. All words of the search must be somewhere in the row. */
export function chooseRows(
  rows: readonly PoolRow[],
  {
    search,
    filter,
    order,
  }: { readonly search: string; readonly filter: PoolFilter; readonly order: Order<PoolColumn> },
): readonly PoolRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const left = rows.filter((row) => {
    const { pool, address, title, algorithm, guarantee } = row.pool;
    const text = `${pool} ${address} ${title ?? ''} ${algorithm} ${guarantee}`.toLowerCase();
    return passes(row, filter) && words.every((word) => text.includes(word));
  });
  return sorted(left, order, keyOf, ({ pool }) => pool.pool);
}

function keyOf({ pool, rates, depth, oldest }: PoolRow, column: PoolColumn): number | string | undefined {
  switch (column) {
    case 'pool':
    case 'algorithm':
    case 'inFlight':
    case 'workers':
      return pool[column];
    case 'depth':
      return depth;
    case 'oldest':
      return oldest;
    default:
      return rates?.[column];
  }
}
