import type { QueueQuery, QueueRows } from '../core/delivery-state.ts';
import type { Change } from '../core/durable-state.ts';
import type { MessageEnvelope } from '../core/envelope.ts';
import type { Outcome } from '../core/outcome/outcome.ts';
import type { Assurance, EventName, Measure, Notice, Out, Passage, Sent } from '../core/ports.ts';
import type { Store } from '../store/store.ts';
import type { DeliveryLog } from '../telemetry/delivery-log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { NoticeLog } from '../telemetry/notices.ts';
import type { Writer } from '../xmpp/codec/writer.ts';
import type { Link } from '../xmpp/link/link.ts';
import { LinkStanzaOut } from '../xmpp/stanza-out.ts';

const measures = {
  'queue-wait': 'switchyard_pool_queue_wait_seconds',
  work: 'switchyard_pool_work_seconds',
} as const satisfies Record<Measure, string>;

/** What the router can do to the world: stanzas to the link, changes to the store, counts and lines to the operator. */
export class CoreOut extends LinkStanzaOut implements Out {
  readonly #store: Store;
  readonly #metrics: Metrics;
  readonly #notices: NoticeLog;
  readonly #deliveries: DeliveryLog;
  /** Whether a change is under way whose time is taken. */
  #timing = false;

  constructor(link: Link, writer: Writer, store: Store, metrics: Metrics, notices: NoticeLog, deliveries: DeliveryLog) {
    super(link, writer);
    this.#store = store;
    this.#metrics = metrics;
    this.#notices = notices;
    this.#deliveries = deliveries;
  }

  override forward(message: MessageEnvelope, from: string, to: string, passage: Passage): Sent {
    const sent = super.forward(message, from, to, passage);
    this.#deliveries.given(message, to, passage, sent);
    return sent;
  }

  override deliver(message: MessageEnvelope, from: string, to: string, passage: Passage, assurance: Assurance): Sent {
    const sent = super.deliver(message, from, to, passage, assurance);
    this.#deliveries.given(message, to, passage, sent, assurance.attempt);
    return sent;
  }

  override deliverIq(
    message: MessageEnvelope,
    from: string,
    to: string,
    passage: Passage,
    assurance: Assurance,
    id: string,
  ): Sent {
    const sent = super.deliverIq(message, from, to, passage, assurance, id);
    this.#deliveries.given(message, to, passage, sent, assurance.attempt);
    return sent;
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    // Of many at a time one is timed: the others are in the same batches.
    if (this.#timing) this.#store.commit(change, done);
    else this.#commitTimed(change, done);
  }

  /** Of its own: what a function closes over is allocated whenever it is called. */
  #commitTimed(change: Change, done: ((error: Error | undefined) => void) | undefined): void {
    this.#timing = true;
    const since = performance.now();
    this.#store.commit(change, (error) => {
      this.#timing = false;
      if (error === undefined)
        this.#metrics.took('switchyard_store_commit_duration_seconds', performance.now() - since);
      done?.(error);
    });
  }

  read(query: QueueQuery, done: (rows: QueueRows | undefined, error: Error | undefined) => void): void {
    void this.#answer(query, done);
  }

  async #answer(query: QueueQuery, done: Parameters<Out['read']>[1]): Promise<void> {
    const since = performance.now();
    let rows: QueueRows | undefined;
    let failure: Error | undefined;
    try {
      rows = await this.#store.read(query);
      this.#metrics.took('switchyard_store_read_duration_seconds', performance.now() - since);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    done(rows, failure);
  }

  outcome(outcome: Outcome, pool: string | undefined): void {
    this.#metrics.outcome(outcome, pool);
  }

  event(name: EventName, pool: string | undefined, amount?: number): void {
    this.#metrics.event(name, pool, amount);
  }

  took(what: Measure, pool: string, milliseconds: number): void {
    this.#metrics.took(measures[what], milliseconds, pool);
  }

  notice(notice: Notice): void {
    this.#notices.notice(notice);
  }
}
