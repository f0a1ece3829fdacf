import type { Clock } from './clock.ts';

/** What liveness does to the link. */
export interface LivenessActions {
  /** Writes white space. */
  space(): void;
  /** Sends a ping to our own domain. */
  ping(): void;
  /** Not a byte came within `pingTimeout` of a ping. */
  dead(silentMs: number): void;
}

/**
 * Notices a link that is open on our side only (RFC 6120 section 4.6.1): white space when we
 * have been quiet, a ping when the server has been. Any byte read proves that the path lives.
 */
export class Liveness {
  readonly #keepalive: number;
  readonly #pingTimeout: number;
  readonly #clock: Clock;
  readonly #actions: LivenessActions;
  #lastRead = 0;
  #lastWrite = 0;
  #pingedAt: number | undefined;
  #cancel: (() => void) | undefined;
  #look: NodeJS.Immediate | undefined;

  /** Times are milliseconds. */
  constructor(keepalive: number, pingTimeout: number, clock: Clock, actions: LivenessActions) {
    this.#keepalive = keepalive;
    this.#pingTimeout = pingTimeout;
    this.#clock = clock;
    this.#actions = actions;
  }

  start(): void {
    this.#lastRead = this.#lastWrite = this.#clock.now();
    this.#pingedAt = undefined;
    this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    clearImmediate(this.#look);
    this.#look = undefined;
  }

  /** Bytes came. */
  read(): void {
    this.#lastRead = this.#clock.now();
    this.#pingedAt = undefined;
  }

  /** Bytes were given to the socket. */
  wrote(): void {
    this.#lastWrite = this.#clock.now();
  }

  #schedule(): void {
    const probe = this.#pingedAt === undefined ? this.#lastRead + this.#keepalive : this.#pingedAt + this.#pingTimeout;
    const due = Math.min(probe, this.#lastWrite + this.#keepalive);
    this.#cancel = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    if (this.#pingedAt !== undefined && now >= this.#pingedAt + this.#pingTimeout) {
      // The process may have slept: between two immediates the event loop reads what came meanwhile.
      this.#look = setImmediate(() => {
        this.#look = setImmediate(() => this.#judge());
      });
      return;
    }
    if (this.#pingedAt === undefined && now >= this.#lastRead + this.#keepalive) {
      this.#pingedAt = now;
      this.#lastWrite = now;
      this.#actions.ping();
    } else if (now >= this.#lastWrite + this.#keepalive) {
      this.#lastWrite = now;
      this.#actions.space();
    }
    this.#schedule();
  }

  #judge(): void {
    this.#look = undefined;
    if (this.#pingedAt === undefined) this.#schedule();
    else this.#actions.dead(this.#clock.now() - this.#lastRead);
  }
}
