import type { Pool } from '../pool/pool.ts';
import type { CommandHouse } from './command.ts';
import type { JsonObject } from './merge-patch.ts';
import { stateOf } from './worker-report.ts';

/** A pool in short, as operators see it. */
export interface PoolSummary {
  readonly pool: string;
  readonly address: string;
  /** What it runs now, which clients may have set. */
  readonly algorithm: string;
  readonly guarantee: string;
  /** Workers that are in it, and those of them that can take work. */
  readonly workers: number;
  readonly available: number;
  /** What workers were given within the work window and have not answered. */
  readonly inFlight: number;
  /** Messages that wait in memory for workers to be verified. */
  readonly waiting: number;
}

/** A pool with what is to be known of it. */
export interface PoolReport extends PoolSummary {
  readonly title: string | null;
  readonly configuredAlgorithm: string;
  readonly offer: readonly string[];
  /** How many workers are in each state. */
  readonly states: Readonly<Record<string, number>>;
  /** Requests that workers have not answered yet. */
  readonly openRequests: number;
  /** The new address of a pool that has moved. */
  readonly movedTo: string | null;
  /** What operators have decided about workers, those that are not here included. */
  readonly orders: readonly {
    readonly worker: string;
    readonly order: string | null;
    readonly weight: number | null;
  }[];
}

/** Where a pool comes from. */
export interface PoolOrigin {
  /** The configuration, or a command. */
  readonly origin: 'file' | 'made';
  /** Who made it, or changed it last; `null` for one of the configuration. */
  readonly madeBy: string | null;
  readonly madeAt: string | null;
  /** What it was made with, as the configuration would have it; `null` for one that stands there. */
  readonly settings: JsonObject | null;
}

export function originOf({ desk }: CommandHouse, { settings }: Pool): PoolOrigin {
  const made = desk.pools.find(settings.name);
  if (made === undefined) return { origin: 'file', madeBy: null, madeAt: null, settings: null };
  return { origin: 'made', madeBy: made.by, madeAt: new Date(made.at).toISOString(), settings: made.settings };
}

export function poolSummary(pool: Pool, now: number): PoolSummary {
  let inFlight = 0;
  for (const member of pool.roster) inFlight += member.inFlight(now);
  return {
    pool: pool.settings.name,
    address: pool.jid,
    algorithm: pool.algorithm,
    guarantee: pool.settings.delivery.guarantee,
    workers: pool.roster.size,
    available: pool.eligible,
    inFlight,
    waiting: pool.waiting.size,
  };
}

export function poolReport(pool: Pool, now: number): PoolReport {
  const { settings } = pool;
  const states: Record<string, number> = {};
  for (const member of pool.roster) {
    const { state } = stateOf(pool, member);
    states[state] = (states[state] ?? 0) + 1;
  }
  const orders = [...pool.orders.all()].map(([worker, { held, weight }]) => {
    return { worker, order: held ?? null, weight: weight ?? null };
  });
  return {
    ...poolSummary(pool, now),
    title: settings.title ?? null,
    configuredAlgorithm: settings.algorithm,
    offer: settings.offer,
    states,
    openRequests: pool.openRequests,
    movedTo: settings.moved?.to ?? null,
    orders,
  };
}
