import type { Router } from '../core/router.ts';
import type { Log } from '../telemetry/log.ts';
import type { LinkSink } from '../xmpp/link/link.ts';
import type { HealthState } from '../xmpp/link/link-health.ts';
import type { LinkProblem } from '../xmpp/link/link-problem.ts';
import type { SteadyClock } from './clock.ts';
import type { Inlet } from './inlet.ts';
import type { LinkCounts } from './process/gauges.ts';

/** Attempts that follow each other in less than this are not all told, in milliseconds. */
const often = 1_000;

/** For the one that may attach where instances share a domain: there is no other to be stopped. */
const contested =
  'This is the active instance, so the connection is that of the one before: it ends with its process, or when its ' +
  'machine is back or given up by the server. It is tried again every moment. Prosody lets the newer one in at once ' +
  'with component_conflict_resolve = "kick_old" (docs/standby.md).';

/** What the link's life means for the router and for the log. */
export class LinkEvents implements LinkSink {
  readonly #log: Log;
  readonly #counts: LinkCounts;
  #router: Router | undefined;
  #clock: SteadyClock | undefined;
  #newInlet: (() => Inlet) | undefined;
  #inlet: Inlet | undefined;
  /** Since the link was last up: attempts that failed, what was said of the last, and all advice given. */
  #attempts = 0;
  #said: string | undefined;
  readonly #advised = new Set<string>();
  #suspect = false;
  #up = false;
  readonly #lost: ((problem: LinkProblem) => void) | undefined;
  #before: readonly string[];
  #keep: ((text: string) => boolean) | undefined;

  /**
   * @param before Stanzas that an earlier router left, to be read before all others.
   * @param lost Told of each link that is lost, and of each attempt that fails.
   */
  constructor(log: Log, counts: LinkCounts, before: readonly string[] = [], lost?: (problem: LinkProblem) => void) {
    this.#log = log;
    this.#counts = counts;
    this.#before = before;
    this.#lost = lost;
  }

  /** From now on `keep` gets each stanza as it came; the router gets what it does not take. */
  divert(keep: (text: string) => boolean): void {
    this.#keep = keep;
    this.#inlet?.divert(keep);
  }

  /** Names the router, which could not be made before the link was. */
  connect(router: Router, clock: SteadyClock, newInlet: () => Inlet): void {
    this.#router = router;
    this.#clock = clock;
    this.#newInlet = newInlet;
  }

  online(): void {
    this.#log.logger.info({ event: 'attached' }, 'attached to the XMPP server');
    this.#attempts = 0;
    this.#said = undefined;
    this.#advised.clear();
    this.#inlet = this.#newInlet?.();
    this.#up = true;
    this.#counts.since = Date.now();
    if (this.#clock !== undefined) this.#router?.linkUp(this.#clock.now());
    this.#readBefore();
    if (this.#keep !== undefined) this.#inlet?.divert(this.#keep);
  }

  /** Stanzas that were left to this router and that it has not read, for want of a link. */
  get unread(): readonly string[] {
    return this.#before;
  }

  #readBefore(): void {
    const before = this.#before;
    this.#before = [];
    for (const text of before) this.#inlet?.read(Buffer.from(text));
  }

  data(chunk: Buffer): void {
    this.#counts.receivedBytes += chunk.length;
    this.#inlet?.read(chunk);
  }

  offline(problem: LinkProblem, retryInMs: number): void {
    const { reconnects } = this.#counts;
    if (this.#up) this.#counts.since = Date.now();
    this.#up = false;
    reconnects[problem.kind] = (reconnects[problem.kind] ?? 0) + 1;
    this.#router?.linkDown();
    this.#lost?.(problem);
    this.#tell(problem, Math.round(retryInMs));
  }

  health(state: HealthState, reason: string | undefined): void {
    const { logger } = this.#log;
    if (state === 'suspect') logger.error({ event: 'link-suspect' }, reason ?? 'the self-test of the link failed');
    else if (state === 'good' && this.#suspect) {
      logger.info({ event: 'link-trusted' }, 'the link passes its self-test again');
      if (this.#clock !== undefined) this.#router?.linkTrusted(this.#clock.now());
    } else logger.debug({ event: 'link-tested', health: state }, 'self-test of the link');
    if (state === 'suspect' || state === 'good') this.#suspect = state === 'suspect';
  }

  /** Whole where it is new; an attempt that fails as the one before did is one short line, and no advice is given twice. */
  #tell(problem: LinkProblem, retryInMs: number): void {
    const { kind, text } = problem;
    const advice = kind === 'conflict' && this.#lost !== undefined ? contested : problem.advice;
    const { logger } = this.#log;
    this.#attempts += 1;
    const fields = { event: 'not-attached', problem: kind, attempts: this.#attempts, retryInMs };
    if (this.#said === text) {
      // Where it is tried every moment, ever fewer of the attempts are told.
      const level = retryInMs > often || isPowerOfTwo(this.#attempts) ? 'warn' : 'debug';
      logger[level](fields, `still not attached (${kind}); next attempt in ${(retryInMs / 1_000).toFixed(1)} s`);
      return;
    }
    this.#said = text;
    // At a planned change this is over after a moment; what lasts is told as a warning.
    const level = advice === contested ? 'info' : 'error';
    if (this.#advised.has(advice)) {
      logger[level](fields, `not attached: ${text}`);
      return;
    }
    this.#advised.add(advice);
    logger[level]({ ...fields, advice }, `not attached: ${text} ${advice}`);
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}
