import { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { movedProblem } from './connection-problem.ts';
import { isRefusal, type LinkProblem } from './link-problem.ts';
import type { LinkSettings } from './link-settings.ts';
import { Route } from './route.ts';

/** A link that stayed up so long starts again with short delays, in milliseconds. */
const stableAfter = 30_000;
/** How long a link that may not be made waits before it asks again, in milliseconds. */
const permissionPause = 50;
/** Pauses between attempts of the one that may have the domain while another connection holds it, in milliseconds. */
const contested = { min: 100, max: 1_000 };

/** What a reconnection has to know beside the settings. */
interface ReconnectionDeps {
  readonly clock: Clock;
  /** Numbers from 0 (inclusive) to 1. */
  readonly random: () => number;
  /** Whether the link may be made now; `undefined` where it always may. */
  readonly mayAttach: (() => boolean) | undefined;
}

/** Whether an attempt may be made, when the next one is, and where it goes. One attempt waits at a time. */
export class Reconnection {
  readonly route: Route;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #contested: Backoff;
  readonly #mayAttach: (() => boolean) | undefined;
  #onlineSince: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(settings: LinkSettings, { clock, random, mayAttach }: ReconnectionDeps) {
    this.route = new Route(settings);
    this.#clock = clock;
    this.#backoff = new Backoff(settings.reconnect, random);
    this.#contested = new Backoff(contested, random);
    this.#mayAttach = mayAttach;
  }

  /** Whether an attempt may be made now. If not, `attempt` is called again shortly. */
  mayAttempt(attempt: () => void): boolean {
    if (this.#mayAttach?.() !== false) return true;
    this.#cancel = this.#clock.after(permissionPause, attempt);
    return false;
  }

  /** The link is up. */
  online(): void {
    this.#onlineSince = this.#clock.now();
    this.#contested.reset();
  }

  /** The link is lost, or could not be made. Gives what is to be told of it: a `problem` may be an order to go elsewhere. */
  lost(problem: LinkProblem): LinkProblem {
    if (this.#onlineSince !== undefined && this.#clock.now() - this.#onlineSince >= stableAfter) {
      this.#backoff.reset();
      this.route.settle();
    }
    this.#onlineSince = undefined;
    return this.#follow(problem);
  }

  /** Calls `attempt` when the pause is over that `problem` asks for. Returns that pause, in milliseconds. */
  schedule(problem: LinkProblem, attempt: () => void): number {
    const delay = this.#delayAfter(problem);
    this.#cancel = this.#clock.after(delay, attempt);
    return delay;
  }

  /** No attempt is made any more that waits. */
  cancel(): void {
    this.#cancel?.();
  }

  #delayAfter(problem: LinkProblem): number {
    if (problem.kind === 'conflict' && this.#mayAttach !== undefined) return this.#contested.next();
    return isRefusal(problem) ? this.#backoff.longest() : this.#backoff.next();
  }

  /** Where the next attempt goes, and what to tell of it. */
  #follow(problem: LinkProblem): LinkProblem {
    if (problem.kind === 'moved') return problem;
    if (problem.kind === 'see-other-host') {
      if (this.route.goTo(problem.host)) return movedProblem(this.route.target);
      this.route.settle();
    }
    this.route.back();
    return problem;
  }
}
