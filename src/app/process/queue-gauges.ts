import { workersWanted } from '../../core/durable/demand.ts';
import type { Pool } from '../../core/pool/pool.ts';
import type { Router } from '../../core/router.ts';
import type { QueueGauges } from '../../telemetry/metric-sources.ts';

/** How the queue of `pool` is doing; `undefined` for a pool that keeps no messages. @param now Epoch milliseconds. */
export function queueGauges({ deliveries }: Router, pool: Pool, now: number): QueueGauges | undefined {
  const depth = deliveries.view.depth(pool);
  if (depth === undefined) return undefined;
  const { ready, leased, dead, bytes, oldestSince } = depth;
  const { reason } = deliveries.view.stall(pool, now);
  return {
    ready,
    leased,
    dead,
    bytes,
    oldest: oldestSince === undefined ? 0 : Math.max(0, now - oldestSince) / 1_000,
    workersWanted: workersWanted(pool, ready + leased),
    stall: reason === 'none' ? undefined : reason,
  };
}
