import { marked, withTrail } from '../delivery/trail.ts';
import type { MessageEnvelope } from '../envelope.ts';
import { converse, hasStandIn } from '../pool/conversation/stand-in.ts';
import { addressOf } from '../pool/far/far-address.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Assurance, Sent } from '../ports.ts';
import type { AttemptEnd, Delivery, Hold } from './delivery.ts';
import type { Desk } from './desk.ts';
import { nowhere } from './held.ts';
import { levelOf } from './levels.ts';
import type { PoolQueue } from './pool-queue.ts';
import { stanzaIdOf, writeToken } from './token.ts';
import { wireOf } from './wire.ts';

/** Leases that one turn gives out: a long queue must not keep the loop from reading. */
const turnMax = 256;
/** How long nothing is given out after the server did not read, in milliseconds. */
const congestionPause = 50;
/** How long a delivery waits for a worker that has not failed it, before it is looked at again, in milliseconds. */
const asidePause = 500;

/** Where deliveries go that could not be given to whom they were leased. */
interface Returning {
  failed(queue: PoolQueue, delivery: Delivery, hold: Hold, end: AttemptEnd, condition?: string): void;
  tooLarge(queue: PoolQueue, delivery: Delivery): void;
  recover(queue: PoolQueue, delivery: Delivery): void;
}

/** Gives deliveries to workers: the lease first, on disk, and the message when that is reported. */
export class Leasing {
  readonly #desk: Desk;
  readonly #returning: Returning;

  constructor(desk: Desk, returning: Returning) {
    this.#desk = desk;
    this.#returning = returning;
  }

  /** Whether anything may be given out now. */
  mayLease(pool: Pool, now: number): boolean {
    const { attached, congestedUntil, service, holds } = this.#desk;
    return attached && now >= congestedUntil && !service.draining && !holds(pool, now);
  }

  /** Gives out what waits in `queue`, as far as there are workers for it. */
  drain(queue: PoolQueue, now: number): void {
    const { pool, ready } = queue;
    if (ready.size === 0 || !this.mayLease(pool, now)) return;
    for (let turn = 0; turn < turnMax; turn += 1) {
      if ((pool.takers?.free ?? 0) === 0) return;
      const delivery = ready.next(now);
      if (delivery?.message === undefined) return;
      const members = this.#desk.choose(pool, delivery.message, now, delivery);
      if (members.length === 0) {
        // It waits for a worker that has not failed it, or that did not send it, or for an alias of its sender. Others need not wait for that.
        this.#putAside(queue, delivery, now);
        continue;
      }
      ready.take(delivery);
      this.#leaseWaiting(queue, delivery, delivery.message, members, now);
    }
  }

  /** Notes the lease of `delivery` by `members`; it goes out by `send`, once that is stored. */
  begin(queue: PoolQueue, delivery: Delivery, message: MessageEnvelope, members: readonly Member[], now: number): void {
    const { ack, ackTimeout } = queue.pool.settings.delivery;
    delivery.attempt += 1;
    delivery.sent = false;
    delivery.nameless = false;
    delivery.leasedAt = now;
    delivery.deadline = now + ackTimeout;
    delivery.holds = members.map((member) => ({
      worker: member.jid,
      member,
      level: levelOf(member, ack) ?? 'receipt',
      state: 'has',
      delivery,
      place: nowhere,
    }));
    // Only tokens hold it, and not every worker gets one.
    delivery.nonce = delivery.holds.some(({ level }) => hasToken(level)) ? this.#desk.newId() : '';
    if (delivery.wire === '') delivery.wire = wireOf(queue, delivery, message.id);
    delivery.out = true;
    if (delivery.attempt === 1)
      this.#desk.service.out.took('queue-wait', queue.name, Math.max(0, now - delivery.since));
    queue.begin(delivery);
    for (const member of members) {
      member.duty?.lease(delivery.id, now);
      queue.pool.dutyChanged(member, now);
    }
  }

  /** Sends what is leased and stored. */
  send(queue: PoolQueue, delivery: Delivery): void {
    // Its worker has acknowledged it before it was sent: by the id, which it has seen before.
    if (delivery.done) return;
    const { now } = this.#desk;
    const { message } = delivery;
    delivery.state = 'leased';
    delivery.sent = true;
    for (const hold of delivery.holds) {
      if (hold.state !== 'has') continue;
      const sent = message === undefined ? 'withheld' : this.#sendTo(queue.pool, delivery, message, hold, now);
      if (sent === 'sent') continue;
      if (sent === 'too-large') {
        this.#returning.tooLarge(queue, delivery);
        return;
      }
      if (sent === 'congested') this.#desk.congestedUntil = now + congestionPause;
      this.#returning.failed(queue, delivery, hold, 'unsent');
    }
    if (delivery.holds.length > 0) queue.keepText(delivery);
  }

  /**
   * Sends once more what a pool of another domain was given over a link that is lost. Returns whether that is settled:
   * false when it has to wait.
   */
  repeat(queue: PoolQueue, hold: Hold): boolean {
    const { pool } = queue;
    const { delivery } = hold;
    const { message } = delivery;
    const level = hold.member === undefined ? undefined : levelOf(hold.member, pool.settings.delivery.ack);
    // Whether it knows what comes again has to be known; one that does not would do it twice.
    if (level === undefined) return false;
    // Without its text it is left to its deadline.
    if (level !== 'queued' || message === undefined) return true;
    const { now, service } = this.#desk;
    const sent = this.#sendTo(pool, delivery, message, hold, now);
    if (sent === 'congested') this.#desk.congestedUntil = now + congestionPause;
    if (sent === 'sent') service.out.event('delivery-repeated', queue.name);
    return sent === 'sent' || sent === 'too-large';
  }

  #leaseWaiting(
    queue: PoolQueue,
    delivery: Delivery,
    message: MessageEnvelope,
    members: readonly Member[],
    now: number,
  ): void {
    const { out } = this.#desk.service;
    this.begin(queue, delivery, message, members, now);
    delivery.state = 'leased';
    const { id, attempt, nonce, leasedAt, deadline, workers: worker } = delivery;
    out.commit({ op: 'lease', pool: queue.name, id, attempt, worker, nonce, leasedAt, deadline }, (error) => {
      this.#desk.storeFails = error !== undefined;
      if (delivery.attempt !== attempt) return;
      if (delivery.state === 'leased') {
        if (error === undefined) this.send(queue, delivery);
        else this.#takeBack(queue, delivery);
      } else if (error !== undefined) {
        // It was given up or taken back meanwhile: its next change must name the attempt that is stored.
        delivery.attempt -= 1;
      }
    });
  }

  /** The lease was not stored, or nobody knows: it was not sent. */
  #takeBack(queue: PoolQueue, delivery: Delivery): void {
    for (const { member, state } of delivery.holds) {
      if (member === undefined || state !== 'has') continue;
      member.duty?.released();
      queue.pool.dutyChanged(member, this.#desk.now);
    }
    // A store that takes nothing, but can be read, must not be asked without a pause.
    delivery.notBefore = this.#desk.now + asidePause;
    this.#returning.recover(queue, delivery);
  }

  #putAside(queue: PoolQueue, delivery: Delivery, now: number): void {
    queue.ready.take(delivery);
    delivery.notBefore = now + asidePause;
    delivery.nameless = !hasStandIn(this.#desk.service, queue.pool, delivery.sender);
    delivery.out = false;
    queue.ready.back(delivery);
  }

  /** `withheld`: nothing was to be written, whatever the link does. */
  #sendTo(pool: Pool, delivery: Delivery, message: MessageEnvelope, hold: Hold, now: number): Sent | 'withheld' {
    const { service, attached, serve } = this.#desk;
    if (!attached) return 'link-down';
    // It left while the lease was stored.
    if (hold.member !== undefined && !pool.roster.holds(hold.member)) return 'withheld';
    const conversation = converse(service, pool, delivery.sender);
    // A reload has hidden the senders meanwhile, and this one has no alias yet.
    if (conversation === undefined) return 'withheld';
    const mixed = withTrail(conversation, message);
    const trailed = hold.member?.far === undefined ? mixed : marked(mixed);
    const written = delivery.wire === trailed.id ? trailed : { ...trailed, id: delivery.wire };
    const assurance = this.#assuranceOf(delivery, hold, now);
    const to = hold.member === undefined ? hold.worker : addressOf(hold.member, conversation, delivery.to);
    const sent =
      hold.level === 'iq'
        ? service.out.deliverIq(written, conversation.proxy, hold.worker, pool, assurance, tokenOf(delivery))
        : service.out.deliver(written, conversation.proxy, to, pool, assurance);
    if (sent !== 'sent') return sent;
    if (hold.member !== undefined) hold.member.delivered += 1;
    pool.counts.delivered += 1;
    serve(conversation, hold.worker, now);
    return sent;
  }

  #assuranceOf(delivery: Delivery, { level }: Hold, now: number): Assurance {
    const { id, attempt, deadline, expires, since, leasedAt } = delivery;
    return {
      stanzaId: stanzaIdOf(id),
      token: hasToken(level) ? tokenOf(delivery) : undefined,
      attempt,
      deadline,
      expires,
      delayedSince: attempt > 1 || leasedAt > since ? since : undefined,
      ...(level === 'queued' ? { passedOnFor: Math.max(1, expires - now) } : {}),
    };
  }
}

/** Whether who acknowledges so is told a token to do it with. */
function hasToken(level: Hold['level']): boolean {
  return level === 'processed' || level === 'iq';
}

function tokenOf({ id, attempt, nonce }: Delivery): string {
  return writeToken({ id, attempt, nonce });
}
