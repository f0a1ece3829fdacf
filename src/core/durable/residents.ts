import type { MessageEnvelope } from '../envelope.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import { Heap } from '../select/heap.ts';
import { Deadlines } from './deadlines.ts';
import type { Delivery } from './delivery.ts';
import { type Aged, textCost, type Waiting, waitingCost } from './waiting.ts';

/** How much later than its time an expiry may be noticed, in milliseconds. */
const expiryGrain = 1_000;

/**
 * The deliveries of a pool that wait in memory, within a budget. One more than fits may be held, of the fresh and of the begun, where nothing else
 * could go, so that a pool for which nothing is left goes on, one by one.
 */
export class Residents {
  readonly #memory: MemoryBudget;
  readonly #waiting = new Map<number, Waiting>();
  readonly #byAge = new Heap<Aged>((a, b) => a.delivery.id < b.delivery.id);
  readonly #expiry = new Deadlines<Waiting>(expiryGrain);
  #fresh = 0;

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** How many of them were never begun. */
  get fresh(): number {
    return this.#fresh;
  }

  /** Bytes that are left. */
  get room(): number {
    return this.#memory.limit - this.#memory.used;
  }

  /** Half of the budget is left, or more. */
  get halfEmpty(): boolean {
    return 2 * this.#memory.used <= this.#memory.limit;
  }

  get oldest(): Delivery | undefined {
    return this.#byAge.first?.delivery;
  }

  get(id: number): Waiting | undefined {
    return this.#waiting.get(id);
  }

  /** Takes one in, with its text; false when it does not fit. @param overdraw Whether it may be one more than fits. */
  admit(waiting: Waiting, overdraw: boolean): boolean {
    if (!this.#reserve(waiting, waitingCost + waiting.text, overdraw)) return false;
    this.#add(waiting);
    return true;
  }

  /** Takes one in in any case. Its text is let go of when texts fill more than half of the budget. */
  keep(waiting: Waiting): void {
    const { delivery } = waiting;
    const bytes = waitingCost + textCost(delivery);
    if (delivery.message !== undefined && 2 * (this.#memory.used + bytes) > this.#memory.limit) delivery.letGo();
    waiting.held = waitingCost + textCost(delivery);
    this.#memory.hold(waiting.held);
    this.#add(waiting);
  }

  /** Gives one its text back; false when that does not fit. */
  restoreText(waiting: Waiting, message: MessageEnvelope, overdraw: boolean): boolean {
    waiting.text = 2 * message.size;
    if (!this.#reserve(waiting, waiting.text, overdraw)) return false;
    waiting.delivery.message = message;
    return true;
  }

  remove(waiting: Waiting): void {
    this.#waiting.delete(waiting.id);
    this.#byAge.remove(waiting.aged);
    this.#expiry.remove(waiting);
    if (waiting.fresh) this.#fresh -= 1;
    this.#memory.give(waiting.held);
    waiting.held = 0;
  }

  /** Those that have expired, at most `limit`; each is told once. */
  expired(now: number, limit: number): readonly Waiting[] {
    return this.#expiry.due(now, limit);
  }

  #reserve(waiting: Waiting, bytes: number, overdraw: boolean): boolean {
    if (!this.#memory.take(bytes)) {
      if (!overdraw) return false;
      this.#memory.hold(bytes);
    }
    waiting.held += bytes;
    return true;
  }

  #add(waiting: Waiting): void {
    this.#waiting.set(waiting.id, waiting);
    this.#byAge.add(waiting.aged);
    this.#expiry.add(waiting, waiting.delivery.expires);
    if (waiting.fresh) this.#fresh += 1;
  }
}
