import type { Config } from '../config/config.ts';
import type { Caller, CommandResult } from '../core/commands/command.ts';
import type { Snapshot } from '../core/durable-state.ts';
import type { MemoryBudget } from '../core/memory.ts';
import { changesShare } from '../core/memory-shares.ts';
import type { ReadinessReason } from '../http/routes.ts';
import type { Store } from '../store/store.ts';
import { build, type Parts } from './build.ts';
import { answered, catchUp, within } from './catch-up.ts';
import type { Premises } from './premises.ts';
import { readiness } from './readiness.ts';
import type { Stage } from './stage.ts';

/** How long a server may take to bring what it had for us when we began to drain, in milliseconds. */
const catchUpTimeout = 2_000;

/** What the store has at least to write what it was given, however long workers took to answer, in milliseconds. */
const flushTimeout = 1_000;

/** Between the end of our stream and the server's, which may not have known of ours. */
const closingLost = 'the server still wrote as the stream was being closed: whoever sent that is told nothing';

/** The store once it is open. */
export interface Opened {
  readonly store: Store;
  readonly snapshot: Snapshot;
  /** What the store may hold of changes that wait. */
  readonly changes: MemoryBudget;
}

/**
 * One life of the router, from what was stored to its last commit. A process has one, or, where instances share a
 * database, one for each time that it is the active one.
 */
export class Term implements Stage {
  readonly #parts: Parts;
  readonly #opened: Opened;
  readonly #premises: Premises;
  #drainTimeout: number;
  #draining = false;
  #ended = false;

  constructor(config: Config, opened: Opened, premises: Premises) {
    const { desk, metrics, delay } = premises;
    this.#opened = opened;
    this.#premises = premises;
    this.#drainTimeout = config.drainTimeout;
    this.#parts = build(config, opened, premises);
    const { link, counts } = this.#parts;
    desk.open({ config, link, counts, store: opened.store, metrics, delay, readiness: () => this.unready() });
  }

  /** Attaches to the server, in its own time. */
  start(): void {
    this.#parts.link.start();
  }

  unready(): readonly ReadinessReason[] {
    return readiness(this.#parts.link, this.#opened.store, this.#draining);
  }

  perform(name: string, caller: Caller, given: Readonly<Record<string, unknown>>): CommandResult {
    const { router, clock } = this.#parts;
    return router.perform(name, caller, given, clock.now());
  }

  tick(): void {
    if (!this.#ended) this.#parts.router.tick(this.#parts.clock.now());
  }

  sum(): void {
    this.#parts.notices.tick(this.#parts.clock.now());
  }

  apply(next: Config): void {
    const { metrics, log } = this.#premises;
    this.#drainTimeout = next.drainTimeout;
    log.logger.level = next.log.level;
    this.#opened.changes.resize(changesShare(next.service.memory));
    for (const { name } of next.service.pools) metrics.addPool(name);
    metrics.keepPools(new Set(next.service.pools.map(({ name }) => name)));
    this.#parts.router.reload(next.service, this.#parts.clock.now());
  }

  /** Takes no more work, finishes what it has within `limit` milliseconds, and lets go of link and store. */
  async end(limit = this.#drainTimeout): Promise<void> {
    const { router, link, counts, notices } = this.#parts;
    const { store } = this.#opened;
    const { logger } = this.#premises.log;
    this.#draining = true;
    router.drain();
    // Who wrote before we close is answered: what the server has for us by now is still read.
    await catchUp(link, counts, Math.min(limit, catchUpTimeout));
    const until = performance.now() + limit;
    await within(limit, answered(router, link));
    router.end();
    await within(Math.max(flushTimeout, until - performance.now()), store.flush());
    this.#ended = true;
    await link.stop();
    if (link.unread > 0) logger.warn({ event: 'closing-lost', bytes: link.unread }, closingLost);
    await within(limit, store.close());
    counts.sentBefore += link.sentBytes;
    notices.flush();
  }
}
