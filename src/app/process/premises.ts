import type { Config } from '../../config/config.ts';
import type { HttpServer } from '../../http/server.ts';
import type { Log } from '../../telemetry/log.ts';
import { Metrics } from '../../telemetry/metrics.ts';
import type { LinkCounts } from './gauges.ts';
import { httpServer } from './http-server.ts';
import { delayFor, keepTime } from './keep-time.ts';
import type { LoopDelay } from './loop-delay.ts';
import { statusText } from './readiness.ts';
import type { AppDesk } from './service-desk.ts';
import type { ServiceManager } from './service-manager.ts';
import type { Stage } from './stage.ts';

/** Whom a router tells how it is doing. */
export interface Listeners {
  readonly log: Log;
  readonly desk: AppDesk;
  readonly manager: Pick<ServiceManager, 'beat'>;
}

/** What lives as long as the process, whichever routers come and go in it: log, metrics, HTTP listener, time. */
export class Premises {
  readonly log: Log;
  readonly desk: AppDesk;
  readonly metrics: Metrics;
  readonly delay: LoopDelay;
  readonly counts: LinkCounts = {
    receivedBytes: 0,
    sentBefore: 0,
    storeFailures: 0,
    routed: 0,
    reconnects: {},
    since: undefined,
  };
  readonly #manager: Listeners['manager'];
  readonly #config: Config;
  #http: HttpServer | undefined;
  #stopTime: (() => void) | undefined;

  constructor(config: Config, { log, desk, manager }: Listeners) {
    this.#config = config;
    this.#manager = manager;
    this.log = log;
    this.desk = desk;
    const pools = config.service.pools.map((pool) => pool.name);
    this.metrics = new Metrics({ version: config.service.version, pools, process: true });
    this.delay = delayFor(this.metrics);
  }

  /** Listens, and lets time pass on `stage`. Returns the address of the listener, if there is one. Throws `ListenError`. */
  async open(stage: Stage): Promise<string | undefined> {
    const http = httpServer(this.#config, this.metrics, stage, this.log);
    const address = await http?.start();
    this.#http = http;
    if (http !== undefined) this.metrics.setGaugeSource('http', () => http.counts);
    this.metrics.setGaugeSource('unready', () => stage.unready().map(({ code }) => code));
    this.#stopTime = keepTime(stage, this.delay, () => this.#manager.beat(() => statusText(stage.unready())));
    return address;
  }

  /** Goes on with what of a configuration needs no restart and no router. */
  apply({ log, service }: Config): void {
    const { logger } = this.log;
    logger.level = log.level;
    for (const { name } of service.pools) this.metrics.addPool(name);
    this.metrics.keepPools(new Set(service.pools.map(({ name }) => name)));
  }

  /** No time passes any more. */
  stopTime(): void {
    this.#stopTime?.();
  }

  async close(): Promise<void> {
    await this.#http?.stop();
    this.log.logger.info('stopped');
    this.log.flush();
  }
}
