import type { StoredQueue } from '../delivery-state.ts';
import type { DeliveryControl, IqResponseEnvelope, MessageEnvelope, ReceivedError } from '../envelope.ts';
import { consumed, type Outcome, queued } from '../outcome/outcome.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import { meansGone } from '../pool/watch/verification.ts';
import { mayBeDurable, type Service } from '../service.ts';
import { Acceptance, type Count } from './acceptance.ts';
import { Acknowledging } from './acknowledging.ts';
import type { Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import { Duplicates } from './duplicates.ts';
import { Endings } from './endings.ts';
import { isDurable } from './guarantee.ts';
import { Housekeeping } from './housekeeping.ts';
import { Later } from './later.ts';
import { Leasing } from './leasing.ts';
import { Operations } from './operations.ts';
import type { PoolQueue } from './pool-queue.ts';
import { QueueView } from './queue-view.ts';
import { openQueue, restoreDuplicates, tellStranded } from './restoring.ts';
import { Returns } from './returns.ts';
import { StallWatch } from './stall-watch.ts';
import { DeliveryIds, idOfStanzaId } from './token.ts';

/** How long a worker that said goodbye is waited for: what it sent before may still be on its way; milliseconds. */
const vanishGrace = 2_000;
/** How often queues are looked at that may stand, in milliseconds. */
const lookEvery = 1_000;

/** What durable delivery needs from outside of it. */
type DeliveryHooks = Pick<
  Desk,
  'newId' | 'digest' | 'payloadText' | 'random' | 'choose' | 'holds' | 'serve' | 'suspect' | 'late'
>;

/**
 * Durable delivery: what a pool with the guarantee `at-least-once` has accepted is on disk before
 * anybody hears of it, and stays there until a worker acknowledges it or its sender is told that nobody
 * did (delivery.md 5). This process alone decides; the store obeys.
 */
export class Deliveries {
  readonly #desk: Desk;
  readonly #queues = new Map<string, PoolQueue>();
  /** What the store holds of pools that are not open. */
  readonly #closed = new Map<string, StoredQueue>();
  readonly #acceptance: Acceptance;
  readonly #acknowledging: Acknowledging;
  readonly #returns: Returns;
  readonly #endings: Endings;
  readonly #leasing: Leasing;
  readonly #housekeeping: Housekeeping;
  readonly #operations: Operations;
  readonly #stalls: StallWatch;
  /** What operators see and do. */
  readonly view: QueueView;
  #lookedAt = 0;

  constructor(service: Service, hooks: DeliveryHooks) {
    const desk: Desk = {
      ...hooks,
      service,
      queues: this.#queues,
      ids: new DeliveryIds(),
      duplicates: new Duplicates(service.duplicates),
      now: 0,
      attached: false,
      storeFails: false,
      later: new Later(),
      congestedUntil: 0,
    };
    const changed = (queue: PoolQueue): void => this.#housekeeping.go(queue, desk.now);
    this.#desk = desk;
    this.#endings = new Endings(desk, changed);
    this.#returns = new Returns(desk, this.#endings, changed);
    this.#leasing = new Leasing(desk, {
      failed: (queue, delivery, hold, end) => this.#returns.fail(queue, delivery, hold, { end }),
      tooLarge: (queue, delivery) => this.#endings.giveUp(queue, delivery, 'too-large'),
      recover: (queue, delivery) => this.#returns.recover(queue, delivery),
    });
    this.#acceptance = new Acceptance(desk, this.#leasing, this.#endings, changed);
    this.#acknowledging = new Acknowledging(desk, this.#endings, this.#returns, changed);
    this.#operations = new Operations(desk, this.#endings, changed);
    this.view = new QueueView(desk, this.#operations);
    this.#stalls = new StallWatch(service.out);
    this.#housekeeping = new Housekeeping(desk, this.#leasing, this.#returns, this.#endings);
  }

  /** The queues of open pools, for gauges and commands; to be read only. */
  get queues(): ReadonlyMap<string, PoolQueue> {
    return this.#queues;
  }

  /** Takes over what an earlier process has left. Members are restored before. */
  restore(stored: readonly StoredQueue[]): void {
    restoreDuplicates(this.#desk.duplicates, stored);
    for (const queue of stored) {
      this.#closed.set(queue.pool, queue);
      this.#desk.ids.passed(queue.tally.last);
    }
    this.review();
    for (const queue of this.#closed.values()) tellStranded(queue, this.#desk.service.out);
  }

  /** Opens queues for the pools that need one now. */
  review(): void {
    for (const pool of this.#desk.service.pools.values()) {
      const { name } = pool.settings;
      const known = this.#queues.get(name);
      if (known !== undefined) {
        known.reopen(pool);
        continue;
      }
      const left = this.#closed.get(name);
      if (left === undefined && !mayBeDurable(pool.settings)) continue;
      this.#closed.delete(name);
      this.#queues.set(name, openQueue(this.#desk, pool, left));
    }
  }

  /**
   * The queue that a message to `pool` belongs into; `undefined` when it is plain. What it may not ask
   * for was refused before, by `termsRefusal`.
   */
  queueFor(pool: Pool, message: MessageEnvelope): PoolQueue | undefined {
    return isDurable(pool, message) ? this.#queues.get(pool.settings.name) : undefined;
  }

  /** Accepts a message; its outcome is returned, or counted once it is stored. */
  accept(queue: PoolQueue, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    this.#desk.now = now;
    return this.#acceptance.take(queue, message, now, count);
  }

  /** Accepts one part of an event of a PubSub service; nobody is told what becomes of it. */
  acceptPart(queue: PoolQueue, part: MessageEnvelope, now: number): Outcome {
    const { out } = this.#desk.service;
    const lost = (outcome: Outcome): void => {
      if (outcome.kind === 'dropped') out.event('event-part-dropped', queue.name);
    };
    return this.accept(queue, part, now, lost) ?? queued;
  }

  /**
   * Takes what a worker's message says of deliveries. Returns true when that was all that
   * it says: there is nothing to pass on.
   * @param to Who sent what it is about; `undefined` when the worker wrote to the pool itself.
   */
  hear(pool: Pool, to: string | undefined, message: MessageEnvelope, now: number): boolean {
    const queue = this.#queues.get(pool.settings.name);
    const { controls } = message;
    if (queue === undefined) return message.signal && controls !== undefined && message.receipt === undefined;
    this.#desk.now = now;
    if (controls !== undefined) {
      this.#acknowledging.controls(queue, message.from, controls, now);
      for (const control of controls) {
        if (control.do === 'queued' && to !== undefined)
          this.#acknowledging.queued(queue, to, message.from, control.id, now);
      }
    }
    const sender = to ?? this.#acknowledging.senderNamed(queue, message);
    const delivery = sender === undefined ? undefined : this.#acknowledging.receipt(queue, sender, message, now);
    return message.signal && (message.receipt === undefined ? controls !== undefined : delivery !== undefined);
  }

  /** Takes a message that a worker, or its server, returns; false when it was not a durable one. */
  bounced(pool: Pool, sender: string, error: MessageEnvelope, now: number): boolean {
    const queue = this.#queues.get(pool.settings.name);
    const delivery = error.id === undefined ? undefined : queue?.named(sender, error.id);
    // What went on to another pool comes back from there, and is its sender's to know.
    if (queue === undefined || delivery === undefined || delivery.passedOn) return false;
    this.#desk.now = now;
    const hold = holdOf(delivery, error.from);
    if (hold === undefined) this.#desk.service.out.event('acknowledgement-stale', queue.name);
    else this.#returns.fail(queue, delivery, hold, { end: 'error', error: error.error });
    return true;
  }

  /** Takes the answer to a delivery that went out as an IQ; false when it is none. */
  answer(response: IqResponseEnvelope, now: number): Outcome | undefined {
    const at = response.to.indexOf('@');
    const queue = this.#queues.get(at < 0 ? '' : response.to.slice(0, at));
    const number = response.id === undefined ? undefined : idOfStanzaId(response.id.split('.', 1)[0] ?? '');
    const delivery = number === undefined ? undefined : queue?.begun.get(number);
    if (queue === undefined || delivery === undefined || response.id === undefined) return undefined;
    this.#desk.now = now;
    const { error, id: token } = response;
    const control: DeliveryControl =
      error === undefined
        ? { do: 'ack', token }
        : { do: 'nack', token, requeue: mayBeRepeated(error), delay: undefined, error };
    this.#acknowledging.controls(queue, response.from, [control], now);
    return consumed;
  }

  /** How a worker's message must call the sender's message that went out as `id`. */
  originalOf(pool: Pool, sender: string, id: string): string | undefined {
    const queue = this.#queues.get(pool.settings.name);
    const delivery = queue?.named(sender, id);
    if (delivery === undefined) return queue?.passedOn.nameOf(sender, id);
    return delivery.name === id ? undefined : delivery.name;
  }

  /** A worker is there, or has room: what waits may go. */
  wake(pool: Pool, now: number): void {
    const queue = this.#queues.get(pool.settings.name);
    if (queue === undefined) return;
    this.#desk.now = now;
    this.#housekeeping.go(queue, now);
  }

  /** A member has left its pool: what it has goes to others shortly. */
  left(member: Member): void {
    const queue = this.#queues.get(member.pool);
    if (queue === undefined) return;
    const due = this.#desk.now + vanishGrace;
    for (const delivery of queue.heldBy(member.jid)) {
      if (delivery.deadline > due && delivery.holds.length === 1) queue.deadlines.change(delivery, due);
    }
  }

  linkUp(now: number): void {
    this.#desk.now = now;
    this.#desk.attached = true;
    this.#housekeeping.linkUp(now);
  }

  linkDown(): void {
    this.#desk.attached = false;
    this.#housekeeping.linkDown();
  }

  tick(now: number): void {
    this.#desk.now = now;
    this.#housekeeping.tick(now);
    this.#operations.tick(now);
    // While the router ends, nothing is to go out.
    if (now - this.#lookedAt < lookEvery || this.#desk.service.draining) return;
    this.#lookedAt = now;
    for (const queue of this.#queues.values()) this.#stalls.look(this.view.look(queue, now), now);
    this.#stalls.keep(this.#queues);
  }
}

/**
 * Whether another worker may have what this one answered with an error: it says so, or it was its server
 * that answered for one that is gone. `item-not-found` is what workers say of what a message names.
 */
function mayBeRepeated({ type, condition }: ReceivedError): boolean {
  return type === 'wait' || (meansGone(condition) && condition !== 'item-not-found');
}

/** The hold that an error from `jid`, a full or a bare one, is about. */
function holdOf(delivery: Delivery, jid: string): Hold | undefined {
  return (
    delivery.holds.find(({ worker, state }) => worker === jid && state === 'has') ??
    delivery.holds.find(({ worker, state }) => state === 'has' && worker.startsWith(`${jid}/`))
  );
}
