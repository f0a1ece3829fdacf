import { bareOf } from '../address/jid.ts';
import type { DeliveryControl, MessageEnvelope } from '../envelope.ts';
import type { Member } from '../pool/member.ts';
import { meansGone } from '../pool/watch/verification.ts';
import type { Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import type { Endings } from './endings.ts';
import type { PoolQueue } from './pool-queue.ts';
import type { Returns } from './returns.ts';
import { idOfStanzaId, readToken } from './token.ts';

/** What a worker's words about a delivery come to. */
type Verdict = 'taken' | 'late' | 'foreign' | 'stale' | 'unreadable';

type WithToken = Exclude<DeliveryControl, { do: 'queued' }>;

/** Takes what workers say of deliveries: acknowledgements, refusals, pleas for more time. */
export class Acknowledging {
  readonly #desk: Desk;
  readonly #endings: Endings;
  readonly #returns: Returns;
  readonly #changed: (queue: PoolQueue) => void;

  /** @param changed Told when a worker has room again. */
  constructor(desk: Desk, endings: Endings, returns: Returns, changed: (queue: PoolQueue) => void) {
    this.#desk = desk;
    this.#endings = endings;
    this.#returns = returns;
    this.#changed = changed;
  }

  /**
   * Takes a worker's receipt for something that went out durably, or a reply that names it; returns
   * the delivery, or `undefined` when it names none: it may be about a plain message.
   */
  receipt(queue: PoolQueue, sender: string, message: MessageEnvelope, now: number): Delivery | undefined {
    const delivery = this.#find(queue, sender, message);
    if (delivery === undefined) return undefined;
    const { from } = message;
    const hold = delivery.holdOf(from) ?? this.#holdOfAccount(delivery, from);
    // It went on to another pool, and this is the end of it: who asked for a receipt gets this one.
    if (delivery.passedOn) return this.#isToldBy(delivery) ? delivery : undefined;
    // An aware worker says itself when it is done; its library has sent this one.
    if (hold !== undefined && hold.level !== 'receipt' && hold.level !== 'queued') return delivery;
    const theirs = hold !== undefined || wasReceiver(delivery, from);
    this.#count(queue, theirs ? this.#acknowledge(queue, delivery, hold, now) : 'foreign');
    return delivery;
  }

  /**
   * Whose message a receipt is about that was not sent to him. Different senders may use the same id: it counts
   * only while the worker's account has one message of that id, and no more.
   */
  senderNamed(queue: PoolQueue, { from, receipt }: MessageEnvelope): string | undefined {
    if (receipt === undefined) return undefined;
    const bare = bareOf(from);
    const number = idOfStanzaId(receipt);
    const numbered = number === undefined ? undefined : queue.begun.get(number);
    if (numbered?.wasWith(bare) === true) return numbered.sender;
    // Servers hand messages to sibling resources, which need not be members.
    const workers = new Set([from, ...queue.pool.roster.ofAccount(bare).map(({ jid }) => jid)]);
    const named = [...workers].flatMap((worker) => [...queue.heldBy(worker)].filter(({ wire }) => wire === receipt));
    const senders = new Set(named.map(({ sender }) => sender));
    const [only] = senders;
    return senders.size === 1 ? only : undefined;
  }

  /** Takes the word of a pool of another domain that it has on its disk what went out to it as `id`. */
  queued(queue: PoolQueue, sender: string, from: string, id: string, now: number): void {
    const delivery = this.#called(queue, sender, id);
    if (delivery === undefined) {
      this.#count(queue, 'late');
      return;
    }
    const hold = delivery.holdOf(from);
    // Workers acknowledge that they have done it, and not that they have it.
    const theirs = hold?.level === 'queued' || delivery.wasWith(from, 'queued');
    if (theirs && !delivery.done) delivery.passedOn = true;
    this.#count(queue, theirs ? this.#acknowledge(queue, delivery, hold, now) : 'foreign');
  }

  /** Whether the end of a delivery that went on is told once it is stored here that it did. */
  #isToldBy(delivery: Delivery): boolean {
    if (delivery.state !== 'ending') return false;
    delivery.passedOn = false;
    return true;
  }

  /** Takes the `<ack/>`, `<nack/>` and `<extend/>` of a message from `from`. */
  controls(queue: PoolQueue, from: string, controls: readonly DeliveryControl[], now: number): void {
    for (const control of controls) {
      if (control.do !== 'queued') this.#count(queue, this.#control(queue, from, control, now));
    }
  }

  #control(queue: PoolQueue, from: string, control: WithToken, now: number): Verdict {
    if (control.do === 'unreadable') return 'unreadable';
    const token = readToken(control.token);
    if (token === undefined) return 'unreadable';
    const delivery = queue.begun.get(token.id);
    if (delivery === undefined) return 'late';
    if (delivery.nonceOf(token.attempt) !== token.nonce || !delivery.wasWith(bareOf(from))) return 'foreign';
    const hold = delivery.holdOf(from) ?? this.#holdOfAccount(delivery, from);
    if (control.do === 'ack') return this.#acknowledge(queue, delivery, hold, now);
    if (token.attempt !== delivery.attempt || hold?.state !== 'has') return 'stale';
    if (control.do === 'extend') return this.#extend(queue, delivery, hold, control.by, now);
    const { requeue, delay, error } = control;
    const end = error !== undefined && meansGone(error.condition) && requeue ? 'error' : 'rejected';
    this.#returns.fail(queue, delivery, hold, { end, error, final: !requeue, delay: delay ?? undefined });
    return 'taken';
  }

  #acknowledge(queue: PoolQueue, delivery: Delivery, hold: Hold | undefined, now: number): Verdict {
    if (hold?.state === 'has') {
      hold.state = 'acknowledged';
      queue.drop(hold);
      this.#desk.service.out.took('work', queue.name, Math.max(0, now - delivery.leasedAt));
      const { member } = hold;
      if (member !== undefined) acknowledgedBy(queue, member, hold, delivery, now);
    }
    if (delivery.state === 'over' || delivery.state === 'ending') {
      if (delivery.state === 'over' && delivery.holds.every(({ state }) => state !== 'has')) queue.forget(delivery);
      this.#changed(queue);
      return 'late';
    }
    this.#endings.acknowledge(queue, delivery);
    this.#changed(queue);
    return 'taken';
  }

  #extend(queue: PoolQueue, delivery: Delivery, hold: Hold, by: number, now: number): Verdict {
    const deadline = Math.max(delivery.deadline, now + by);
    delivery.deadline = deadline;
    queue.deadlines.change(delivery, deadline);
    hold.member?.duty?.heard();
    const { id, attempt } = delivery;
    this.#desk.service.out.commit({ op: 'extend', pool: queue.name, id, attempt, deadline });
    return 'taken';
  }

  /** What a receipt or reply is about: by the id that went out, else by the stanza-id. */
  #find(queue: PoolQueue, sender: string, message: MessageEnvelope): Delivery | undefined {
    const { receipt, refersTo, signal } = message;
    const found = receipt === undefined ? undefined : this.#called(queue, sender, receipt);
    return found ?? (signal || refersTo === undefined ? undefined : this.#called(queue, sender, refersTo));
  }

  #called(queue: PoolQueue, sender: string, id: string): Delivery | undefined {
    const named = queue.named(sender, id);
    if (named !== undefined) return named;
    const number = idOfStanzaId(id);
    const delivery = number === undefined ? undefined : queue.begun.get(number);
    return delivery?.sender === sender ? delivery : undefined;
  }

  /** Servers hand messages to sibling resources: the account's hold is meant. */
  #holdOfAccount(delivery: Delivery, from: string): Hold | undefined {
    const bare = bareOf(from);
    return delivery.holds.find(({ worker, state }) => state === 'has' && bareOf(worker) === bare);
  }

  #count(queue: PoolQueue, verdict: Verdict): void {
    const { pool } = queue;
    if (verdict !== 'taken') this.#desk.service.out.event(`acknowledgement-${verdict}`, pool.settings.name);
  }
}

/** A worker that acknowledges shows how it can, and has room for one more. */
function acknowledgedBy(queue: PoolQueue, member: Member, { level }: Hold, { leasedAt }: Delivery, now: number): void {
  const { duty } = member;
  if (duty === undefined) return;
  duty.acknowledged(leasedAt, now);
  const before = duty.proven;
  if (before === undefined || before === 'receipt' || member.far !== undefined) duty.proven = level;
  // What it has shown may open to it what its client does not announce.
  if (duty.proven !== before) queue.pool.refresh(member);
  queue.pool.dutyChanged(member, now);
}

/** Whether the account of `from` had it, as one whose receipt counts. */
function wasReceiver(delivery: Delivery, from: string): boolean {
  const bare = bareOf(from);
  return delivery.wasWith(bare, 'receipt') || delivery.wasWith(bare, 'queued');
}
