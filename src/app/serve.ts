import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/issue.ts';
import type { LoadedConfig } from '../config/load.ts';
import { ListenError } from '../http/listen-error.ts';
import { StoreError } from '../store/error.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { type LoadRequest, load } from './load.ts';
import { AppDesk } from './process/service-desk.ts';
import { ServiceManager } from './process/service-manager.ts';
import { MadeBook } from './reload/made-book.ts';
import { PoolMaker } from './reload/pool-maker.ts';
import { Reloads } from './reload/reloads.ts';
import { run } from './run.ts';
import type { Running } from './running.ts';

/**
 * Runs the router until SIGTERM, SIGINT or a command to shut down, and drains it then; a second
 * signal ends the process at once. SIGHUP reloads the configuration. Returns the exit code.
 */
export async function serve(request: LoadRequest): Promise<number> {
  const loaded = load(request);
  if (loaded === undefined) return 2;
  const { config } = loaded;
  const log = createLog({
    level: config.log.level,
    format: config.log.format,
    component: config.component.domain,
    version: config.service.version,
    secrets: [config.component.secret, config.http.token ?? '', passwordOf(config.store)],
  });
  watchFaults(log);
  const book = new MadeBook();
  const reloads = new Reloads(request, loaded, book, log);
  const manager = new ServiceManager(process.env, log);
  // From the start: without a listener the signal would end the process.
  process.on('SIGHUP', () => manager.reload(() => reloads.ask()));
  const ending = endingOf();
  const desk = new AppDesk(
    {
      reload: () => reloads.ask(),
      stepDown: () => reloads.running?.stepDown() ?? { refused: 'shutting-down' },
      shutdown: () => ending.begin('service.shutdown'),
    },
    new PoolMaker(book, reloads),
  );
  const rebase = (whole: LoadedConfig): void => reloads.rebase(whole);
  const running = await start(() => run(loaded, { listeners: { log, desk, manager }, book, rebase }), log);
  if (typeof running === 'number') return running;
  reloads.begin(running);
  manager.ready();
  endOnSignal(ending);
  const signal = await ending.begun;
  reloads.end();
  manager.stopping();
  log.logger.info({ signal }, 'draining');
  await running.stop();
  return 0;
}

/** Returns the exit code when it cannot be started. */
async function start(begin: () => Promise<Running>, log: Log): Promise<Running | number> {
  try {
    return await begin();
  } catch (error) {
    const known = error instanceof StoreError || error instanceof ListenError || error instanceof ConfigError;
    if (!known) throw error;
    log.logger.fatal(error.message);
    log.flush();
    return error instanceof ConfigError ? 2 : 1;
  }
}

/** The end of the process: begun by a signal, or by a command. */
interface Ending {
  /** What begins it. */
  readonly begun: Promise<string>;
  readonly begin: (by: string) => void;
}

/** The first signal begins the end, where no command has; the second ends the process at once. */
function endOnSignal({ begin }: Ending): void {
  let signals = 0;
  const take = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    begin(signal);
  };
  process.on('SIGTERM', take);
  process.on('SIGINT', take);
}

function endingOf(): Ending {
  let begin: Ending['begin'] = () => undefined;
  const begun = new Promise<string>((resolve) => {
    begin = resolve;
  });
  return { begun, begin };
}

/** A fault that nobody caught leaves the state in doubt: it is logged, and the process ends. */
function watchFaults(log: Log): void {
  const end = (error: unknown): void => {
    log.logger.fatal({ err: error }, 'a fault of Switchyard ended the process; please report it');
    log.flush();
    process.exit(70);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function passwordOf(store: Config['store']): string {
  return store.driver === 'postgres' ? (store.password ?? '') : '';
}
