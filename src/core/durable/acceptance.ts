import { bareOf } from '../address/jid.ts';
import { accountOf, isPassedOn } from '../address/sender-account.ts';
import type { MessageEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { consumed, forwarded, type Outcome, queued } from '../outcome/outcome.ts';
import { refuseMessage } from '../outcome/refuse.ts';
import type { Member } from '../pool/member.ts';
import { Delivery } from './delivery.ts';
import type { Desk } from './desk.ts';
import { duplicateText, passedOnText } from './duplicates.ts';
import type { Endings } from './endings.ts';
import type { Leasing } from './leasing.ts';
import type { PoolQueue } from './pool-queue.ts';
import { acceptOf } from './stored.ts';

/** What a delivery costs beside its text, in the queue and on disk; bytes. */
const overhead = 400;

/** Counts the end of the stanza that a delivery came in. */
export type Count = (outcome: Outcome, pool: string) => void;

/** A message on its way to the disk. */
interface Arrival {
  readonly queue: PoolQueue;
  readonly delivery: Delivery;
  readonly message: MessageEnvelope;
  readonly duplicate: string | undefined;
  readonly count: Count;
}

/** Accepts messages: whoever is told so finds them again after a crash. */
export class Acceptance {
  readonly #desk: Desk;
  readonly #leasing: Leasing;
  readonly #endings: Endings;
  readonly #changed: (queue: PoolQueue) => void;
  /** Ids of those whose first commit is under way, as far as they can be known when they are sent again. */
  readonly #underWay = new Set<number>();

  /** @param changed Told when something waits. */
  constructor(desk: Desk, leasing: Leasing, endings: Endings, changed: (queue: PoolQueue) => void) {
    this.#desk = desk;
    this.#leasing = leasing;
    this.#endings = endings;
    this.#changed = changed;
  }

  /**
   * Accepts a message that may be sent to the pool, or refuses it.
   *
   * @param count Called once it is stored, when it is accepted.
   * @returns The outcome of a message that is not accepted; `undefined` for one that will be counted.
   */
  take(queue: PoolQueue, message: MessageEnvelope, now: number, count: Count): Outcome | undefined {
    const { out } = this.#desk.service;
    const { name } = queue;
    const duplicate = this.#duplicateKey(queue, message);
    const known = duplicate === undefined ? undefined : this.#desk.duplicates.find(name, duplicate);
    if (duplicate !== undefined && known !== undefined) {
      this.#again(queue, message, duplicate, known, count);
      return undefined;
    }
    if (message.expireAt !== undefined && message.expireAt <= now) return refuseMessage(out, message, 'expired');
    const bytes = overhead + 2 * message.size;
    const refusal = this.#makeRoom(queue, message.from, bytes);
    if (refusal !== undefined) return refuseMessage(out, message, refusal);
    const delivery = this.#deliveryOf(queue, message, bytes, now);
    delivery.counted = queue.quota.take(delivery.sender, bytes);
    if (duplicate !== undefined) {
      this.#desk.duplicates.add(name, duplicate, delivery.id);
      this.#underWay.add(delivery.id);
    }
    const members = this.#startWith(queue, delivery, message, now);
    const leased = members.length > 0;
    if (leased) {
      queue.ready.take(delivery);
      this.#leasing.begin(queue, delivery, message, members, now);
    } else queue.arriving += 1;
    const arrival: Arrival = { queue, delivery, message, duplicate, count };
    out.commit(acceptOf(delivery, message, leased, duplicate), (error) => {
      this.#desk.storeFails = error !== undefined;
      if (duplicate !== undefined) this.#underWay.delete(delivery.id);
      if (!leased) queue.arriving -= 1;
      if (error === undefined) this.#stored(arrival, leased);
      else this.#failed(arrival);
    });
    return undefined;
  }

  #deliveryOf(queue: PoolQueue, message: MessageEnvelope, bytes: number, now: number): Delivery {
    const { ttl, ordering, hints } = queue.pool.settings.delivery;
    const mayAsk = hints.includes('ttl') || isPassedOn(message);
    const asked = mayAsk ? (message.terms?.ttl ?? ttl) : ttl;
    const expires = Math.min(now + Math.min(ttl, asked), message.expireAt ?? Number.POSITIVE_INFINITY);
    const thread = ordering === 'thread' ? message.thread : undefined;
    const key = ordering === 'none' ? undefined : (thread ?? accountOf(message));
    // One literal: an object made of parts takes V8 six times the memory.
    return new Delivery({
      id: this.#desk.ids.next(now),
      pool: queue.name,
      sender: message.from,
      to: message.to,
      name: message.id,
      key,
      since: now,
      expires,
      bytes,
      receipt: message.wantsReceipt === true,
      message,
      notBefore: 0,
      attempt: 0,
      base: 0,
    });
  }

  /** Who gets it at once: nobody while others wait that came before it. */
  #startWith(queue: PoolQueue, delivery: Delivery, message: MessageEnvelope, now: number): readonly Member[] {
    const { pool, ready } = queue;
    if ((pool.takers?.free ?? 0) === 0 || queue.arriving > 0 || !this.#leasing.mayLease(pool, now)) return [];
    if (ready.next(now) !== undefined || (delivery.key === undefined && ready.size > ready.resident)) return [];
    if (delivery.key !== undefined && !ready.keyFree(delivery.key)) return [];
    return this.#desk.choose(pool, message, now, undefined);
  }

  /** Why there is no room for the message; the oldest make room for it where the pool says so. */
  #makeRoom(queue: PoolQueue, sender: string, bytes: number): ErrorCode | undefined {
    let verdict = queue.quota.admits(sender, bytes);
    if (verdict === 'queue-full' && queue.pool.settings.delivery.queue.overflow === 'dead-letter-oldest') {
      const oldest = queue.ready.oldest;
      if (oldest !== undefined) {
        this.#endings.giveUp(queue, oldest, 'dead-lettered');
        verdict = 'ok';
      }
    }
    return verdict === 'ok' ? undefined : verdict;
  }

  #stored({ queue, delivery, message, count }: Arrival, leased: boolean): void {
    const { out } = this.#desk.service;
    queue.tally.accepted += 1;
    out.event('delivery-accepted', queue.name);
    count(leased ? forwarded : queued, queue.name);
    if (message.terms?.queued === true) this.#say(queue, message);
    if (leased) {
      this.#leasing.send(queue, delivery);
      return;
    }
    delivery.state = 'ready';
    queue.ready.add(delivery);
    this.#changed(queue);
  }

  /** It was not stored, and so was never accepted: its sender keeps it. */
  #failed({ queue, delivery, message, duplicate, count }: Arrival): void {
    const { now, duplicates, service } = this.#desk;
    if (duplicate !== undefined) duplicates.forget(queue.name, delivery.id);
    queue.giveRoom(delivery);
    for (const { member, state } of delivery.holds) {
      if (member === undefined || state !== 'has') continue;
      member.duty?.released();
      queue.pool.dutyChanged(member, now);
    }
    delivery.state = 'over';
    queue.forget(delivery);
    if (delivery.out && delivery.key !== undefined) queue.ready.free(delivery.key);
    count(refuseMessage(service.out, message, 'store-failed'), queue.name);
    this.#changed(queue);
  }

  /**
   * The same message again: it is answered as the first was, and not delivered twice. The store knows
   * how far that one is; if it was not stored after all, this one takes its place.
   */
  #again(queue: PoolQueue, message: MessageEnvelope, key: string, id: number, count: Count): void {
    const { out } = this.#desk.service;
    out.read({ want: 'ids', pool: queue.name, ids: [id] }, (found) => {
      if (this.#desk.duplicates.find(queue.name, key) !== id) {
        const outcome = this.take(queue, message, this.#desk.now, count);
        if (outcome !== undefined) count(outcome, queue.name);
      } else if (found === undefined && this.#underWay.has(id)) {
        count(refuseMessage(out, message, 'store-failed'), queue.name);
      } else {
        out.event('delivery-duplicate', queue.name);
        count(consumed, queue.name);
        if (message.terms?.queued === true) this.#say(queue, message);
        // Where the store does not say how far it is, it is accepted all the same: an error would deny that.
        if (found === undefined || found.rows.length > 0) return;
        if (message.wantsReceipt !== true || queue.pool.hearsFrom(message.from)) return;
        // It may have gone on to another pool, and only there it is known whether it is done.
        if (queue.pool.roster.far.length > 0) return;
        out.receipt({ from: message.from, to: message.to, id: message.id });
      }
    });
  }

  #say(queue: PoolQueue, message: MessageEnvelope): void {
    if (queue.pool.hearsFrom(message.from)) return;
    this.#desk.service.out.queued({ from: message.from, to: message.to, id: message.id });
  }

  /** What a message that is sent again has in common with the first; only those with an origin-id have it. */
  #duplicateKey(queue: PoolQueue, message: MessageEnvelope): string | undefined {
    const { originId, tail, terms } = message;
    if (queue.pool.settings.delivery.dedupeWindow === 0) return undefined;
    // What another pool passes on changes from attempt to attempt, and its id is that pool's own.
    if (terms?.id !== undefined) return this.#desk.digest(passedOnText(bareOf(message.from), terms.id));
    if (originId === undefined) return undefined;
    return this.#desk.digest(duplicateText(accountOf(message), originId, this.#desk.payloadText(tail)));
  }
}
