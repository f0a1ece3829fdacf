import type { Logger } from 'pino';
import type { MessageEnvelope } from '../core/envelope.ts';
import type { Passage, Sent } from '../core/ports.ts';
import { traceOf } from '../core/trace-context.ts';

/**
 * A line for each message that a worker is given, when the level of the log is `trace`: all of them,
 * without a limit on the rate, and of what they say nothing but the trace that they belong to.
 */
export class DeliveryLog {
  readonly #logger: Pick<Logger, 'isLevelEnabled' | 'trace'>;

  constructor(logger: Pick<Logger, 'isLevelEnabled' | 'trace'>) {
    this.#logger = logger;
  }

  /** @param attempt Of an accepted message: how often it was tried, this time counted. */
  given({ id, tail }: MessageEnvelope, worker: string, { jid }: Passage, sent: Sent, attempt?: number): void {
    if (!this.#logger.isLevelEnabled('trace')) return;
    const traceparent = traceOf(tail);
    const fields = {
      event: 'given',
      pool: jid.slice(0, jid.indexOf('@')),
      worker,
      ...(id === undefined ? {} : { id }),
      ...(attempt === undefined ? {} : { attempt }),
      ...(traceparent === undefined ? {} : { traceparent }),
      sent,
    };
    this.#logger.trace(fields, sent === 'sent' ? 'a message was given to a worker' : 'a message could not be given');
  }
}
