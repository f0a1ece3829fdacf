import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import type { CommandEnd, PoolBook, ServiceDesk } from '../../core/commands/command.ts';
import type { InstanceStatus, ServiceStatus } from '../../core/commands/service-status.ts';
import type { ReadinessReason } from '../../http/routes.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { LinkCounts } from './gauges.ts';
import type { LoopDelay } from './loop-delay.ts';

/** What is known around the core, once all of it was made. */
export interface Surroundings {
  readonly driver: Config['store']['driver'];
  /** Whether it is up. */
  readonly link: () => boolean;
  readonly counts: Pick<LinkCounts, 'since'>;
  /** Whether it works. */
  readonly store: () => boolean;
  /** Where several share a database. */
  readonly instance: (() => InstanceStatus) | undefined;
  readonly metrics: Metrics;
  readonly delay: LoopDelay;
  readonly readiness: () => readonly ReadinessReason[];
}

/** What commands do to the process as a whole. */
interface HouseRules {
  readonly reload: () => CommandEnd;
  /** As of `ServiceDesk`. */
  readonly stepDown: () => CommandEnd;
  /** Begins to end the process; returns at once. */
  readonly shutdown: () => void;
}

/** Does for commands what the core cannot do. */
export class AppDesk implements ServiceDesk {
  /** Epoch milliseconds. */
  readonly #started = Date.now();
  readonly #house: HouseRules;
  /** The pools that were made. */
  readonly pools: PoolBook;
  #surroundings: Surroundings | undefined;

  constructor(house: HouseRules, pools: PoolBook) {
    this.#house = house;
    this.pools = pools;
  }

  /** The router runs: before that nobody can give a command. */
  open(surroundings: Surroundings): void {
    this.#surroundings = surroundings;
  }

  async reload(): Promise<CommandEnd> {
    // On a later turn: the command that asks for it is one of the router that it changes.
    await nextTurn();
    return this.#house.reload();
  }

  stepDown(): CommandEnd {
    return this.#house.stepDown();
  }

  shutdown(): void {
    this.#house.shutdown();
  }

  status(): ServiceStatus {
    if (this.#surroundings === undefined) throw new Error('a command was given before the router ran');
    const { driver, link, counts, store, instance, metrics, delay, readiness } = this.#surroundings;
    const { rss, heapUsed } = process.memoryUsage();
    return {
      started: this.#started,
      link: { up: link(), since: counts.since },
      store: { kind: driver, failed: !store() },
      instance: instance?.(),
      reasons: readiness(),
      memory: { rss, heap: heapUsed },
      loopDelay: Math.round(delay.percentile99 * 10) / 10,
      outcomes: metrics.outcomeTable(),
    };
  }
}
