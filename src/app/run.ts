import type { Config, OwnStoreConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { CommandEnd } from '../core/commands/command.ts';
import { MemoryBudget } from '../core/memory.ts';
import { changesShare } from '../core/memory-shares.ts';
import { StoreError } from '../store/error.ts';
import { openStore } from '../store/open.ts';
import { placeOf } from '../store/postgres/settings.ts';
import type { MadeBook } from './made-book.ts';
import type { Opened } from './opened.ts';
import { type Listeners, Premises } from './premises.ts';
import { Term } from './term.ts';

/** A router that runs. */
export interface Running {
  /** Where the HTTP listener is, or `undefined`. */
  readonly http: string | undefined;
  /** What it was started with: the configuration, and the pools that were made. */
  readonly loaded: LoadedConfig;
  /** Goes on with the settings of another configuration: those that need no restart. */
  apply(loaded: LoadedConfig): void;
  countReload(result: 'done' | 'failed'): void;
  /** As of `ServiceDesk`. */
  stepDown(): CommandEnd;
  /** Takes no more work, finishes what it has within `drainTimeout`, and lets go of everything. */
  stop(): Promise<void>;
}

const alone: CommandEnd = {
  refused: 'not-stepped-down',
  text: 'No other instance can follow: the store is of one process. With store.driver "postgres" several can share it.',
};

/**
 * Starts the router and returns once it runs; it attaches to the server in its own time. Throws
 * `StoreError`, `ListenError`, and `ConfigError` where a pool that was made contradicts the
 * configuration, with nothing left running.
 */
export async function run(loaded: LoadedConfig, book: MadeBook, listeners: Listeners): Promise<Running> {
  const { config } = loaded;
  const changes = new MemoryBudget(changesShare(config.service.memory));
  const store = await openStore(ownStore(config.store), changes);
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

function ownStore(store: Config['store']): OwnStoreConfig {
  if (store.driver !== 'postgres') return store;
  const problem = 'routers do not run on PostgreSQL yet.';
  throw new StoreError('refused', placeOf(store), problem, 'Write "sqlite" for "store.driver".');
}
