import { type DeliveryFailed, DeliveryUnknown } from './delivery-failed.ts';

/** Milliseconds; a spread, so that not everything goes out with the first breath of a new session. */
const spread = 1_000;
/** Milliseconds, less than the time for which a pool knows a message, unless its operator has shortened that much. */
const defaultTimeout = 600_000;
const minute = 60_000;
const day = 86_400_000;

export interface SubmissionOptions {
  readonly until?: 'queued' | 'acknowledged';
  readonly ttl?: number;
  readonly timeout?: number;
  readonly doneWithin?: number;
  readonly resend?: { readonly min?: number; readonly max?: number };
}

interface SubmissionEvents {
  /** Send it now. */
  send(): void;
  /** Once. */
  end(end: 'queued' | 'acknowledged' | Error): void;
}

/** The longest that a timer can wait, in milliseconds. */
const longest = 2 ** 31 - 1;

/** One message on its way to a pool: sent again until the pool has it, then waited for if asked. */
export class Submission {
  readonly to: string;
  /** How often it was sent. */
  sends = 0;
  readonly #options: SubmissionOptions;
  readonly #events: SubmissionEvents;
  readonly #began = Date.now();
  /** Milliseconds. */
  #wait: number;
  /** The pool has it. */
  #queued = false;
  #ended = false;
  #last: DeliveryFailed | undefined;
  #again: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout;

  constructor(to: string, options: SubmissionOptions, events: SubmissionEvents) {
    const { timeout = defaultTimeout, resend: { min = 5_000 } = {} } = options;
    this.to = to;
    this.#options = options;
    this.#events = events;
    this.#wait = min;
    this.#limit = this.#within(timeout, 'did not say that it has the message');
  }

  send(): void {
    const { resend: { max = 60_000 } = {} } = this.#options;
    this.sends += 1;
    if (!this.#queued) this.#after(this.#wait * (1 + Math.random()) * 0.5);
    this.#wait = Math.min(max, this.#wait * 2);
    this.#events.send();
  }

  /**
   * What the pool was told in the last session, or what it said there, may be lost. Also when it has the message:
   * it says again that it is done, as long as it knows it.
   */
  online(): void {
    const { timeout = defaultTimeout, resend: { min = 5_000 } = {} } = this.#options;
    if (!this.#queued || Date.now() - this.#began < timeout) this.#after(Math.random() * Math.min(spread, min));
  }

  offline(): void {
    clearTimeout(this.#again);
  }

  queued(): void {
    if (this.#queued) return;
    this.#queued = true;
    clearTimeout(this.#again);
    clearTimeout(this.#limit);
    this.#last = undefined;
    const { until = 'queued', ttl = day, doneWithin = ttl + minute } = this.#options;
    if (until === 'queued') this.#end('queued');
    else this.#limit = this.#within(doneWithin, 'did not say that the message is done');
  }

  /** A worker has done it. */
  acknowledged(): void {
    this.#end('acknowledged');
  }

  failed(error: DeliveryFailed): void {
    if (!error.passing) this.#end(error);
    // It is sent again in its time, if it is not with the pool already.
    else if (!this.#queued) this.#last = error;
  }

  giveUp(text: string): void {
    const said = this.#last === undefined ? text : `${text}; it said ${this.#last.message}`;
    this.#end(new DeliveryUnknown(said, this.#queued, { cause: this.#last }));
  }

  #end(end: 'queued' | 'acknowledged' | Error): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#again);
    clearTimeout(this.#limit);
    this.#events.end(end);
  }

  #within(milliseconds: number, what: string): NodeJS.Timeout {
    const text = `${this.to} ${what} within ${milliseconds / 1000} s`;
    return setTimeout(() => this.giveUp(text), Math.min(milliseconds, longest));
  }

  #after(milliseconds: number): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.send(), milliseconds);
  }
}
