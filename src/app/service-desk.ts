import type { Config } from '../config/config.ts';
import type { ServiceDesk, ServiceStatus } from '../core/commands/service-desk.ts';
import type { ReadinessReason } from '../http/routes.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Link } from '../xmpp/link/link.ts';
import type { LinkCounts } from './gauges.ts';
import type { LoopDelay } from './loop-delay.ts';

/** What is known around the core, once all of it was made. */
export interface Surroundings {
  readonly config: Config;
  readonly link: Link;
  readonly counts: LinkCounts;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly delay: LoopDelay;
  readonly readiness: () => readonly ReadinessReason[];
}

/** Does for commands what the core cannot do. */
export class AppDesk implements ServiceDesk {
  /** Epoch milliseconds. */
  readonly #started = Date.now();
  #surroundings: Surroundings | undefined;

  /** The router runs: before that nobody can give a command. */
  open(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
  }

  status(): ServiceStatus {
    if (this.#surroundings === undefined) throw new Error('a command was given before the router ran');
    const { config, link, counts, store, metrics, delay, readiness } = this.#surroundings;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      started: this.#started,
      link: { up: link.state === 'online', since: counts.since },
      store: { kind: config.store.driver, failed: !store.health.ok },
      reasons: readiness(),
      memory: { rss, heap: heapUsed },
      loopDelay: Math.round(delay.percentile99 * 10) / 10,
      outcomes: metrics.outcomeTable(),
    };
  }
}
