import type { StoredDelivery } from '../../src/core/delivery-state.ts';
import type { Snapshot } from '../../src/core/durable-state.ts';
import { Journal } from '../../src/store/journal.ts';
import { moveToPostgres, moveToSqlite } from '../../src/store/moves/between.ts';
import type { MoveWatcher } from '../../src/store/moves/move.ts';
import type { PostgresSideOptions } from '../../src/store/moves/postgres-side.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import type { Store } from '../../src/store/store.ts';
import { DirectWriter } from '../store/direct-writer.ts';
import { sorted } from '../store/samples.ts';
import { claimDeployment } from './deployment.ts';

/** Tells nobody. */
export const silent: MoveWatcher = { progress: () => {}, reached: () => {} };

/** Of the deployments of `claimDeployment`. */
export function sideOptions(settings: ConnectionSettings): PostgresSideOptions {
  return {
    settings,
    domain: 'pools.example.org',
    mover: { id: 'mover of the tests', name: 'switchyard migrate', version: '1.0.0' },
  };
}

export function there(file: string, settings: ConnectionSettings, watcher: Partial<MoveWatcher> = {}) {
  return moveToPostgres(file, sideOptions(settings), { ...silent, ...watcher });
}

export function back(settings: ConnectionSettings, file: string, watcher: Partial<MoveWatcher> = {}) {
  return moveToSqlite(sideOptions(settings), file, { ...silent, ...watcher });
}

/** All that a store holds. */
export interface Content {
  readonly snapshot: Snapshot;
  readonly deliveries: readonly StoredDelivery[];
}

/** Reads all of it. */
export async function contentOf(store: Store): Promise<Content> {
  const snapshot = sorted(await store.load());
  const deliveries: StoredDelivery[] = [];
  for (const { pool } of snapshot.queues) {
    const query = { want: 'list', pool, states: ['ready', 'leased', 'dead'], after: -1, limit: 100_000 } as const;
    deliveries.push(...(await store.read(query)).rows);
  }
  return { snapshot, deliveries };
}

/** Opens the database file as a router would, has it used, and closes it. */
export async function withFile<Result>(file: string, use: (store: Store) => Promise<Result>): Promise<Result> {
  const store = new Journal(new DirectWriter(file));
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** The same of a schema. */
export async function withSchema<Result>(
  settings: ConnectionSettings,
  use: (store: Store) => Promise<Result>,
): Promise<Result> {
  const deployment = await claimDeployment(settings);
  try {
    const store = await deployment.database.openStore(deployment.epoch);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  } finally {
    await deployment.database.release(deployment.epoch);
    await deployment.close();
  }
}

export function inFile(file: string): Promise<Content> {
  return withFile(file, contentOf);
}

export function inSchema(settings: ConnectionSettings): Promise<Content> {
  return withSchema(settings, contentOf);
}
