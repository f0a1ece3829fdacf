import type { OwnStoreConfig, PostgresConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { CommandEnd } from '../core/commands/command.ts';
import { MemoryBudget } from '../core/memory/memory.ts';
import { changesShare } from '../core/memory/memory-shares.ts';
import { openStore } from '../store/open.ts';
import { PostgresDatabase } from '../store/postgres/database.ts';
import type { Opened } from './opened.ts';
import { type Listeners, Premises } from './process/premises.ts';
import type { MadeBook } from './reload/made-book.ts';
import type { Running } from './running.ts';
import { SharedRun } from './standby/shared-run.ts';
import { Term } from './term.ts';

const alone: CommandEnd = {
  refused: 'not-stepped-down',
  text: 'No other instance can follow: the store is of one process. With store.driver "postgres" several can share it.',
};

/** Whom a router is run for, and what it keeps there. */
export interface RunSurroundings {
  readonly listeners: Listeners;
  readonly book: MadeBook;
  /** Told with what a router runs that began later. */
  readonly rebase: (loaded: LoadedConfig) => void;
}

/**
 * Starts the router and returns once it runs; it attaches to the server in its own time. Throws
 * `StoreError`, `ListenError`, and `ConfigError` where a pool that was made contradicts the
 * configuration, with nothing left running. On a database that others share it only stands by at first, whatever
 * is wrong with that.
 */
export async function run(loaded: LoadedConfig, surroundings: RunSurroundings): Promise<Running> {
  const { store } = loaded.config;
  return store.driver === 'postgres' ? runShared(loaded, store, surroundings) : runAlone(loaded, store, surroundings);
}

async function runShared(
  loaded: LoadedConfig,
  settings: PostgresConfig,
  surroundings: RunSurroundings,
): Promise<Running> {
  const { component, service, standby } = loaded.config;
  const { domain } = component;
  const database = new PostgresDatabase({ settings, domain, name: standby.name, version: service.version });
  const shared = new SharedRun(loaded, database, surroundings);
  await shared.start();
  return shared;
}

async function runAlone(
  loaded: LoadedConfig,
  own: OwnStoreConfig,
  { book, listeners }: RunSurroundings,
): Promise<Running> {
  const { config } = loaded;
  const changes = new MemoryBudget(changesShare(config.service.memory));
  const store = await openStore(own, changes);
  try {
    const snapshot = await store.load();
    book.open(store, snapshot.made);
    const whole = loaded.withMade(book.all());
    const running = await start(whole, { store, snapshot, changes }, listeners);
    book.adopt(whole.taken, listeners.log);
    return running;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function start(loaded: LoadedConfig, opened: Opened, listeners: Listeners): Promise<Running> {
  const { config } = loaded;
  const { log } = listeners;
  const premises = new Premises(config, listeners);
  const term = new Term(config, opened, premises);
  const http = await premises.open(term);
  term.start();
  log.logger.info({ pools: config.service.pools.length, http }, `Switchyard ${config.service.version} runs`);
  const stop = async (): Promise<void> => {
    await term.end();
    premises.stopTime();
    await premises.close();
  };
  const countReload = (result: 'done' | 'failed'): void => premises.metrics.reload(result);
  return { http, loaded, apply: (next) => term.apply(next.config), countReload, stepDown: () => alone, stop };
}
