import type { Pool } from '../pool/pool.ts';
import type { Column, CommandHouse } from './command.ts';
import type { QueueDepth, StallReason } from './queues.ts';

/** How a queue is doing, as operators see it. */
export interface QueueReport {
  readonly pool: string;
  readonly ready: number;
  readonly leased: number;
  readonly dead: number;
  /** Dead letters that are still to be put back into the queue. */
  readonly redriving: number;
  readonly bytes: number;
  /** Since when the oldest waits, ISO 8601; `null` when none does, or that is not known. */
  readonly oldest: string | null;
  /** Why it does not move; `none` when it does. */
  readonly stall: StallReason;
  /** The same in words. */
  readonly why: string;
  /** When that ends by itself, ISO 8601. */
  readonly until: string | null;
  /** What became of all that was ever accepted. */
  readonly tally: QueueDepth['tally'];
}

/** What a list of queues shows. */
export const queueColumns: readonly Column[] = [
  { key: 'pool', label: 'Pool' },
  { key: 'ready', label: 'Ready', kind: 'number' },
  { key: 'leased', label: 'Leased', kind: 'number' },
  { key: 'dead', label: 'Dead', kind: 'number' },
  { key: 'bytes', label: 'Size', kind: 'bytes' },
  { key: 'oldest', label: 'Oldest', kind: 'time' },
  { key: 'stall', label: 'Stall' },
  { key: 'why', label: 'Why' },
];

/** `undefined` for a pool that keeps no messages. */
export function queueReport({ queues }: CommandHouse, pool: Pool, now: number): QueueReport | undefined {
  const depth = queues?.depth(pool);
  if (queues === undefined || depth === undefined) return undefined;
  const { ready, leased, dead, redriving, bytes, oldestSince, tally } = depth;
  const { accepted, acknowledged, bounced, purged } = tally;
  const { reason, text, until } = queues.stall(pool, now);
  return {
    pool: pool.settings.name,
    ready,
    leased,
    dead,
    redriving,
    bytes,
    oldest: timeOf(oldestSince),
    stall: reason,
    why: text,
    until: timeOf(until),
    tally: { accepted, acknowledged, bounced, purged },
  };
}

function timeOf(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
