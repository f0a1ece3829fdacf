import { type ErrorType, StanzaError } from './stanza-error.ts';

export interface RejectOptions {
  /** Whether the message is given to a worker again; default no. */
  readonly requeue?: boolean;
  /** Milliseconds that it waits before; only with `requeue`. */
  readonly delay?: number;
  /** RFC 6120 section 8.3.2; default `modify`, and `wait` with `requeue`. */
  readonly type?: ErrorType;
  /** RFC 6120 section 8.3.3; default `not-acceptable`, and `resource-constraint` with `requeue`. */
  readonly condition?: string;
}

/**
 * What a handler throws to say what shall become of a message that it does not do: given up, which its
 * sender is told with this error, or given to a worker again. In a pool that delivers at most once it
 * is the error that the sender gets, in either case.
 */
export class Reject extends StanzaError {
  readonly requeue: boolean;
  readonly delay: number | undefined;

  /** `text` is for people; the sender may see it. */
  constructor(text: string, options: RejectOptions = {}) {
    const { requeue = false, delay } = options;
    const type = options.type ?? (requeue ? 'wait' : 'modify');
    super(type, options.condition ?? (requeue ? 'resource-constraint' : 'not-acceptable'), text);
    this.requeue = requeue;
    this.delay = delay;
  }
}

/** What becomes of a delivery whose handler failed. */
export interface Verdict {
  readonly requeue: boolean;
  /** Milliseconds; only with `requeue`. */
  readonly delay: number | undefined;
  /** What is told, to the sender where the message is given up. */
  readonly error: StanzaError;
}

/**
 * A `Reject` says it itself. Another error for the sender is for good, unless its type is `wait`. Whatever
 * else is thrown is an accident, which another try may not have; nothing of its text leaves the process.
 */
export function verdictOf(failure: unknown): Verdict {
  if (failure instanceof Reject) return { requeue: failure.requeue, delay: failure.delay, error: failure };
  if (failure instanceof StanzaError) {
    return { requeue: failure.type === 'wait', delay: undefined, error: failure };
  }
  const text = 'The worker failed while it worked on this.';
  return { requeue: true, delay: undefined, error: new StanzaError('wait', 'internal-server-error', text) };
}

/** The error that says the same as an answer to a request: `wait` means another worker, anything else for good. */
export function errorOf({ requeue, error }: Verdict): StanzaError {
  if (requeue === (error.type === 'wait')) return error;
  return new StanzaError(requeue ? 'wait' : 'cancel', error.condition, error.message);
}
