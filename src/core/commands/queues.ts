import type { QueueRows, StoredDelivery, StoredTally } from '../delivery-state.ts';
import type { Pool } from '../pool/pool.ts';

/** Why what waits in a pool does not move; `none`: it moves, or nothing waits. */
export type StallReason =
  | 'none'
  | 'no-link'
  | 'draining'
  | 'verifying'
  | 'congested'
  | 'no-worker'
  | 'none-willing'
  | 'none-reachable'
  | 'none-acknowledges'
  | 'at-capacity'
  | 'backing-off'
  | 'no-alias'
  | 'key-busy'
  | 'store-slow'
  | 'store-failed';

/** Why what waits in a pool does not move, for machines and for people. */
export interface Stall {
  readonly reason: StallReason;
  /** A sentence. */
  readonly text: string;
  /** Epoch milliseconds when it ends by itself, if it does. */
  readonly until: number | undefined;
}

/** What a pool's queue holds. */
export interface QueueDepth {
  /** Messages that wait for a worker, and that workers have. */
  readonly ready: number;
  readonly leased: number;
  readonly dead: number;
  /** Dead letters that are still to be put back into the queue. */
  readonly redriving: number;
  /** Bytes of those that are ready or leased. */
  readonly bytes: number;
  /** Epoch milliseconds since when the oldest that waits has waited; `undefined` when none does, or that is not known. */
  readonly oldestSince: number | undefined;
  /** What became of all that was ever accepted. */
  readonly tally: Pick<StoredTally, 'accepted' | 'acknowledged' | 'bounced' | 'purged'>;
}

/** What operators see and do of the queues of durable pools. What returns a promise rejects when the store fails. */
export interface Queues {
  /** `undefined` for a pool that keeps no messages. */
  depth(pool: Pool): QueueDepth | undefined;
  stall(pool: Pool, now: number): Stall;
  /** Which attempt each worker (full JID) has failed of the oldest message that waits: it goes to others. */
  failures(pool: Pool): ReadonlyMap<string, number>;
  /** Deliveries of these states, by id, after the id `after`. */
  list(pool: Pool, states: readonly StoredDelivery['state'][], after: number, limit: number): Promise<QueueRows>;
  /** Takes messages that are not over out of the queue, and tells their senders. Returns how many. */
  cancel(pool: Pool, ids: readonly number[]): Promise<number>;
  /** Takes out all that wait, whose senders are told, or all dead letters. Returns how many. */
  purge(pool: Pool, state: 'ready' | 'dead'): Promise<number>;
  /** Begins to put dead letters back into the queue, so many a second. */
  redrive(pool: Pool, ids: readonly number[] | 'all', perSecond: number): void;
}
