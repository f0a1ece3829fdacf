import type { Router } from '../core/router.ts';
import type { Log } from '../telemetry/log.ts';
import type { LinkSink } from '../xmpp/link/link.ts';
import type { HealthState } from '../xmpp/link/link-health.ts';
import type { LinkProblem } from '../xmpp/link/link-problem.ts';
import type { SteadyClock } from './clock.ts';
import type { LinkCounts } from './gauges.ts';
import type { Inlet } from './inlet.ts';

/** What the link's life means for the router and for the log. */
export class LinkEvents implements LinkSink {
  readonly #log: Log;
  readonly #counts: LinkCounts;
  #router: Router | undefined;
  #clock: SteadyClock | undefined;
  #newInlet: (() => Inlet) | undefined;
  #inlet: Inlet | undefined;

  constructor(log: Log, counts: LinkCounts) {
    this.#log = log;
    this.#counts = counts;
  }

  /** Names the router, which could not be made before the link was. */
  connect(router: Router, clock: SteadyClock, newInlet: () => Inlet): void {
    this.#router = router;
    this.#clock = clock;
    this.#newInlet = newInlet;
  }

  online(): void {
    this.#log.logger.info({ event: 'attached' }, 'attached to the XMPP server');
    this.#inlet = this.#newInlet?.();
    if (this.#clock !== undefined) this.#router?.linkUp(this.#clock.now());
  }

  data(chunk: Buffer): void {
    this.#counts.receivedBytes += chunk.length;
    this.#inlet?.read(chunk);
  }

  offline(problem: LinkProblem, retryInMs: number): void {
    const { reconnects } = this.#counts;
    reconnects[problem.kind] = (reconnects[problem.kind] ?? 0) + 1;
    this.#router?.linkDown();
    const fields = { event: 'not-attached', problem: problem.kind, advice: problem.advice, retryInMs };
    this.#log.logger.error(fields, `not attached: ${problem.text} ${problem.advice}`);
  }

  health(state: HealthState, reason: string | undefined): void {
    if (state === 'suspect')
      this.#log.logger.error({ event: 'link-suspect' }, reason ?? 'the self-test of the link failed');
    else this.#log.logger.debug({ event: 'link-tested', health: state }, 'self-test of the link');
  }
}
