import type { Overview, PoolOverview } from '../../../src/core/commands/overview.ts';

const start = Date.UTC(2026, 10, 21);

/** A pool of an overview, with these values. */
export function poolOf(pool: string, values: Partial<PoolOverview> = {}): PoolOverview {
  return {
    pool,
    address: `${pool}@pools.example`,
    title: null,
    algorithm: 'roundrobin',
    guarantee: 'plain',
    workers: 2,
    available: 2,
    inFlight: 0,
    waiting: 0,
    counts: { received: 0, delivered: 0, refused: 0 },
    queue: null,
    stalled: false,
    ...values,
  };
}

/** An overview so many seconds after the beginning. */
export function overviewAt(seconds: number, pools: readonly PoolOverview[], started = start): Overview {
  return {
    at: new Date(start + seconds * 1_000).toISOString(),
    router: {
      domain: 'pools.example',
      version: '0.1.0',
      started: new Date(started).toISOString(),
      link: { up: true, since: null },
      store: { kind: 'sqlite', failed: false },
      instance: null,
      ready: true,
      reasons: [],
      memory: { rss: 1, heap: 1 },
      loopDelay: 1,
      outcomes: {},
    },
    pools,
  };
}
