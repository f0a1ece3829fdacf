import type { Inbound } from '../../core/envelope.ts';
import type { Clock } from './clock.ts';

/**
 * `offline`: no stream. `testing`: the first pings are under way. `good`: they came back.
 * `suspect`: not all did, see `reason`.
 */
export type HealthState = 'offline' | 'testing' | 'good' | 'suspect';

/** What the self-test needs of the link. */
export interface HealthActions {
  /** Sends a ping with this id from our domain to our domain. */
  ping(id: string): void;
  changed(state: HealthState, reason: string | undefined): void;
}

const firstRound = 20;
const laterRound = 4;
const roundEvery = 60_000;

/**
 * The self-test of the link: some servers let two connections hold one domain and share its
 * stanzas out among them. Pings from our domain to itself then go astray, and that is how it
 * shows. It is told, not acted on: the link stays, and is tested again soon, and then ever less often.
 */
export class LinkHealth {
  readonly #domain: string;
  readonly #timeout: number;
  readonly #clock: Clock;
  readonly #actions: HealthActions;
  readonly #prefix: string;
  readonly #open = new Set<string>();
  #count = 0;
  #bounced = 0;
  #sent = 0;
  #stranger = false;
  /** False from the end of a round to the next: what comes late changes nothing. */
  #running = false;
  /** Rounds that failed, one after the other. */
  #failures = 0;
  #state: HealthState = 'offline';
  #reason: string | undefined;
  #cancel: (() => void) | undefined;
  #fence: { readonly id: string; readonly reached: () => void } | undefined;

  /** `timeout`: milliseconds that a ping may take. `prefix`: begins each id; nobody may guess it. */
  constructor(domain: string, timeout: number, prefix: string, clock: Clock, actions: HealthActions) {
    this.#domain = domain;
    this.#timeout = timeout;
    this.#clock = clock;
    this.#actions = actions;
    this.#prefix = `${prefix}-`;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Why the state is `suspect`, in words. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** A new id for a ping of ours, known to `take`. */
  nextId(): string {
    this.#count += 1;
    return this.#prefix + this.#count;
  }

  /** The link is up: 20 pings now, 4 every minute after; after a failure 20 soon, and then ever less often. */
  start(): void {
    this.#set('testing', undefined);
    this.#round(firstRound);
  }

  /** The link is down. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#open.clear();
    this.#stranger = false;
    this.#failures = 0;
    this.#fence?.reached();
    this.#fence = undefined;
    this.#set('offline', undefined);
  }

  /**
   * Resolves once everything has been read that the server had for us at the time of the call: a
   * ping to ourselves stands behind it in line (RFC 6120 section 10.1). Also when the link is lost.
   */
  caughtUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#fence?.reached();
      const id = this.nextId();
      this.#fence = { id, reached: resolve };
      this.#actions.ping(id);
    });
  }

  /**
   * Whether `inbound` is one of our own pings come back, or the answer to one. The router
   * must not see those. Ask for each IQ before the router gets it.
   */
  take(inbound: Inbound): boolean {
    if (inbound.kind === 'iq-request') {
      if (inbound.from !== this.#domain || inbound.to !== this.#domain || inbound.request.name !== 'ping') return false;
      if (inbound.id?.startsWith(this.#prefix) !== true) {
        // Only a component of our domain writes as our domain: this one is not ours.
        this.#stranger = true;
        return false;
      }
      this.#open.delete(inbound.id);
    } else if (inbound.kind === 'iq-response') {
      if (inbound.from !== this.#domain || inbound.to !== this.#domain) return false;
      if (inbound.id?.startsWith(this.#prefix) !== true) return false;
      if (this.#open.delete(inbound.id)) this.#answered(inbound.error === undefined);
    } else {
      return false;
    }
    if (this.#fence?.id === inbound.id) {
      this.#fence?.reached();
      this.#fence = undefined;
    }
    this.#ended();
    return true;
  }

  /** A bounce is the server's word that it does not route us to ourselves; a result is another component's. */
  #answered(result: boolean): void {
    if (result) this.#stranger = true;
    else this.#bounced += 1;
  }

  #round(pings: number): void {
    this.#open.clear();
    this.#running = true;
    this.#bounced = 0;
    this.#sent = pings;
    for (let i = 0; i < pings; i++) {
      const id = this.nextId();
      this.#open.add(id);
      this.#actions.ping(id);
    }
    this.#cancel = this.#clock.after(this.#timeout, () => this.#judge());
  }

  /** All is well as soon as the last ping is back; what is not waits for the end of the round. */
  #ended(): void {
    if (!this.#running || this.#open.size > 0 || this.#state === 'good') return;
    if (this.#state === 'testing' || this.#passed) this.#verdict();
  }

  #judge(): void {
    this.#verdict();
    this.#running = false;
    this.#stranger = false;
    this.#failures = this.#state === 'good' ? 0 : this.#failures + 1;
    // While in doubt a few pings could all come back by chance.
    const pings = this.#failures === 0 ? laterRound : firstRound;
    this.#cancel = this.#clock.after(this.#pause, () => this.#round(pings));
  }

  /** Half of `timeout` after a failure, twice as long after each further one, and never over a minute. */
  get #pause(): number {
    if (this.#failures === 0) return roundEvery;
    return Math.min(roundEvery, (this.#timeout / 2) * 2 ** (this.#failures - 1));
  }

  get #passed(): boolean {
    const mixed = this.#bounced > 0 && this.#bounced < this.#sent;
    return this.#open.size === 0 && !mixed && !this.#stranger;
  }

  #verdict(): void {
    if (this.#passed) {
      this.#set('good', undefined);
      return;
    }
    const back = this.#sent - this.#open.size - this.#bounced;
    const detail = this.#stranger
      ? 'it answers or sends pings of this domain'
      : `${back} of ${this.#sent} pings came back`;
    this.#set('suspect', `another or dead connection holds this domain: ${detail}`);
  }

  #set(state: HealthState, reason: string | undefined): void {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#actions.changed(state, reason);
  }
}
