import type { Config } from '../config/config.ts';
import type { Caller, CommandResult } from '../core/commands/command.ts';
import { changesShare } from '../core/memory/memory-shares.ts';
import type { ReadinessReason } from '../http/routes.ts';
import { build, type Parts } from './build.ts';
import { answered, catchUp, within } from './catch-up.ts';
import type { Opened } from './opened.ts';
import type { Premises } from './process/premises.ts';
import { readiness } from './process/readiness.ts';
import type { Stage } from './process/stage.ts';

/** How long a server may take to bring what it had for us when we began to drain, in milliseconds. */
const catchUpTimeout = 2_000;

/** What the store has at least to write what it was given, however long workers took to answer, in milliseconds. */
const flushTimeout = 1_000;

/** What may be kept for the router that follows, in characters; of more the senders are told that it was not taken. */
const keptMost = 32 * 1024 * 1024;

/** Between the end of our stream and the server's, which may not have known of ours. */
const closingLost = 'the server still wrote as the stream was being closed: whoever sent that is told nothing';

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
  readonly #kept: string[] = [];
  #keptLength = 0;

  constructor(config: Config, opened: Opened, premises: Premises) {
    const { desk, metrics, delay } = premises;
    this.#opened = opened;
    this.#premises = premises;
    this.#drainTimeout = config.drainTimeout;
    this.#parts = build(config, opened, premises);
    const { link, counts } = this.#parts;
    const { store } = opened;
    desk.open({
      driver: config.store.driver,
      link: () => link.state === 'online',
      counts,
      store: () => store.health.ok,
      instance: opened.sharing?.instance,
      metrics,
      delay,
      readiness: () => this.unready(),
    });
  }

  /** Attaches to the server, in its own time. */
  start(): void {
    const { link, events } = this.#parts;
    const early = this.#opened.sharing?.early;
    if (early === undefined) link.start();
    else early.handTo(events);
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
    this.#drainTimeout = next.drainTimeout;
    this.#premises.apply(next);
    this.#opened.changes.resize(changesShare(next.service.memory));
    this.#parts.router.reload(next.service, this.#parts.clock.now());
  }

  /** Takes no more work, finishes what it has within `limit` milliseconds, and lets go of link and store. */
  async end(limit = this.#drainTimeout): Promise<void> {
    const { router, link, counts } = this.#parts;
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
    this.#close();
  }

  /**
   * Brings all to an end that only this router could end, and routes nothing more: what comes from now on is kept for
   * the next. Who waits for a worker's answer gets it within `limit` milliseconds, or is told that none comes.
   */
  async settle(limit: number): Promise<void> {
    const { router, link, events } = this.#parts;
    await within(Math.min(limit, this.#drainTimeout), answered(router, link));
    events.divert((text) => this.#keep(text));
    this.#draining = true;
    router.drain();
    router.end();
    this.#ended = true;
    await within(catchUpTimeout, this.#opened.store.flush());
    // Behind this everything has been read by the server that was written: it is lost with no link.
    await within(catchUpTimeout, link.caughtUp());
  }

  /** After `settle`: closes link and store. Returns the stanzas that came since, as they came. */
  async leave(): Promise<readonly string[]> {
    const { link, events } = this.#parts;
    await link.stop((chunk) => events.data(chunk));
    await within(catchUpTimeout, this.#opened.store.close());
    this.#close();
    return [...events.unread, ...this.#kept];
  }

  #keep(text: string): boolean {
    if (this.#keptLength + text.length > keptMost) return false;
    this.#keptLength += text.length;
    this.#kept.push(text);
    return true;
  }

  #close(): void {
    const { link, counts, notices } = this.#parts;
    counts.sentBefore += link.sentBytes;
    counts.storeFailures += this.#opened.store.stats.failed;
    notices.flush();
  }
}
