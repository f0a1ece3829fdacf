import type { LoadedConfig } from '../config/load.ts';
import type { Snapshot } from '../core/durable-state.ts';
import { MemoryBudget } from '../core/memory.ts';
import { changesShare } from '../core/memory-shares.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { build } from './build.ts';
import { answered, catchUp, within } from './catch-up.ts';
import { httpServer } from './http-server.ts';
import { delayFor, keepTime } from './keep-time.ts';
import type { MadeBook } from './made-book.ts';
import { readiness, statusText } from './readiness.ts';
import type { AppDesk } from './service-desk.ts';
import type { ServiceManager } from './service-manager.ts';

/** How long a server may take to bring what it had for us when we began to drain, in milliseconds. */
const catchUpTimeout = 2_000;

/** What the store has at least to write what it was given, however long workers took to answer, in milliseconds. */
const flushTimeout = 1_000;

/** Between the end of our stream and the server's, which may not have known of ours. */
const closingLost = 'the server still wrote as the stream was being closed: whoever sent that is told nothing';

/** A router that runs. */
export interface Running {
  /** Where the HTTP listener is, or `undefined`. */
  readonly http: string | undefined;
  /** What it was started with: the configuration, and the pools that were made. */
  readonly loaded: LoadedConfig;
  /** Goes on with the settings of another configuration: those that need no restart. */
  apply(loaded: LoadedConfig): void;
  countReload(result: 'done' | 'failed'): void;
  /** Takes no more work, finishes what it has within `drainTimeout`, and lets go of everything. */
  stop(): Promise<void>;
}

/** Whom a router tells how it is doing. */
interface Listeners {
  readonly log: Log;
  readonly desk: AppDesk;
  readonly manager: Pick<ServiceManager, 'beat'>;
}

/**
 * Starts the router and returns once it runs; it attaches to the server in its own time. Throws
 * `StoreError`, `ListenError`, and `ConfigError` where a pool that was made contradicts the
 * configuration, with nothing left running.
 */
export async function run(loaded: LoadedConfig, book: MadeBook, listeners: Listeners): Promise<Running> {
  const { config } = loaded;
  const changes = new MemoryBudget(changesShare(config.service.memory));
  const store = await openStore(config.store, changes);
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

/** The store once it is open. */
interface Opened {
  readonly store: Store;
  readonly snapshot: Snapshot;
  /** What the store may hold of changes that wait. */
  readonly changes: MemoryBudget;
}

async function start(loaded: LoadedConfig, opened: Opened, { log, desk, manager }: Listeners): Promise<Running> {
  const { config } = loaded;
  const { store, changes } = opened;
  const { router, link, metrics, notices, clock, counts } = build(config, opened, log, desk);
  let draining = false;
  const unready = () => readiness(link, store, draining);
  const http = httpServer(config, { router, metrics, clock }, unready, log);
  const delay = delayFor(metrics);
  desk.open({ config, link, counts, store, metrics, delay, readiness: unready });
  const address = await http?.start();
  if (http !== undefined) metrics.setGaugeSource('http', () => http.counts);
  metrics.setGaugeSource('unready', () => unready().map(({ code }) => code));
  const stopTime = keepTime({ router, notices, clock }, delay, () => manager.beat(() => statusText(unready())));
  link.start();
  log.logger.info({ pools: config.service.pools.length, http: address }, `Switchyard ${config.service.version} runs`);

  let { drainTimeout } = config;
  const apply = ({ config: next }: LoadedConfig): void => {
    drainTimeout = next.drainTimeout;
    log.logger.level = next.log.level;
    changes.resize(changesShare(next.service.memory));
    for (const { name } of next.service.pools) metrics.addPool(name);
    metrics.keepPools(new Set(next.service.pools.map(({ name }) => name)));
    router.reload(next.service, clock.now());
  };

  const stop = async (): Promise<void> => {
    draining = true;
    router.drain();
    // Who wrote before we close is answered: what the server has for us by now is still read.
    await catchUp(link, counts, Math.min(drainTimeout, catchUpTimeout));
    const until = performance.now() + drainTimeout;
    await within(drainTimeout, answered(router, link));
    router.end();
    await within(Math.max(flushTimeout, until - performance.now()), store.flush());
    stopTime();
    await link.stop();
    if (link.unread > 0) log.logger.warn({ event: 'closing-lost', bytes: link.unread }, closingLost);
    await within(drainTimeout, store.close());
    await http?.stop();
    notices.flush();
    log.logger.info('stopped');
    log.flush();
  };
  return { http: address, loaded, apply, countReload: (result) => metrics.reload(result), stop };
}
