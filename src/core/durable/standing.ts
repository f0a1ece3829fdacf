import { Heap } from '../select/heap.ts';
import type { Delivery } from './delivery.ts';
import type { Waiting } from './waiting.ts';

/**
 * The deliveries of a pool that only time, or their text, keeps from being given to a worker: none
 * waits behind another of its key.
 */
export class Standing {
  /** Those that were begun before; apart, because they alone go while too many of them wait. */
  readonly #again = new Heap<Waiting>(isOlder);
  readonly #fresh = new Heap<Waiting>(isOlder);
  readonly #later = new Heap<Waiting>(isSooner);
  /** Due, but their text was let go of; in the order in which they became due. */
  readonly #unread = new Set<Waiting>();
  #begun = 0;
  #nameless = 0;

  /** How many were begun before, whether they could go at once or not. */
  get begun(): number {
    return this.#begun;
  }

  /** How many could go at once that were begun before. */
  get readyAgain(): number {
    return this.#again.size;
  }

  /** How many could go at once that were not. */
  get readyFresh(): number {
    return this.#fresh.size;
  }

  /** How many wait for their time. */
  get later(): number {
    return this.#later.size;
  }

  /** How many of those wait for an alias of their sender. */
  get nameless(): number {
    return this.#nameless;
  }

  /** Due, but to be read first. */
  get unread(): ReadonlySet<Waiting> {
    return this.#unread;
  }

  /** Epoch milliseconds when one is due that is not yet; `Infinity` for never. */
  get dueAt(): number {
    return this.#later.first?.delivery.notBefore ?? Number.POSITIVE_INFINITY;
  }

  enter(waiting: Waiting): void {
    if (!waiting.fresh) this.#begun += 1;
    if (waiting.delivery.notBefore > 0) {
      waiting.standing = 'later';
      this.#later.add(waiting);
      if (waiting.delivery.nameless) this.#nameless += 1;
    } else this.#due(waiting);
  }

  leave(waiting: Waiting): void {
    if (!waiting.fresh && waiting.standing !== 'nowhere') this.#begun -= 1;
    if (waiting.standing === 'ready') this.#heapOf(waiting).remove(waiting);
    if (waiting.standing === 'later') this.#noLater(waiting);
    if (waiting.standing === 'unread') this.#unread.delete(waiting);
    waiting.standing = 'nowhere';
  }

  /** The text of `waiting` is there again. */
  wasRead(waiting: Waiting): void {
    if (waiting.standing !== 'unread') return;
    this.#unread.delete(waiting);
    this.#due(waiting);
  }

  /** Whose time has come no longer waits for it. */
  advance(now: number): void {
    for (let first = this.#later.first; first !== undefined; first = this.#later.first) {
      if (first.delivery.notBefore > now) return;
      this.#noLater(first);
      this.#due(first);
    }
  }

  /**
   * The oldest that could go at once.
   * @param freshToo Whether it may be one that was never begun.
   * @param allowed Which it may be; asked about those that are older than the answer, and a few more.
   */
  oldest(freshToo: boolean, allowed: ((delivery: Delivery) => boolean) | undefined): Delivery | undefined {
    const again = firstOf(this.#again, allowed);
    const fresh = freshToo ? firstOf(this.#fresh, allowed) : undefined;
    if (again === undefined || fresh === undefined) return (again ?? fresh)?.delivery;
    return isOlder(again, fresh) ? again.delivery : fresh.delivery;
  }

  #noLater(waiting: Waiting): void {
    this.#later.remove(waiting);
    if (waiting.delivery.nameless) this.#nameless -= 1;
  }

  #due(waiting: Waiting): void {
    if (waiting.delivery.message === undefined) {
      waiting.standing = 'unread';
      this.#unread.add(waiting);
    } else {
      waiting.standing = 'ready';
      this.#heapOf(waiting).add(waiting);
    }
  }

  #heapOf(waiting: Waiting): Heap<Waiting> {
    return waiting.fresh ? this.#fresh : this.#again;
  }
}

function firstOf(heap: Heap<Waiting>, allowed: ((delivery: Delivery) => boolean) | undefined): Waiting | undefined {
  return allowed === undefined ? heap.first : heap.firstAllowed(({ delivery }) => allowed(delivery));
}

function isOlder(a: Waiting, b: Waiting): boolean {
  return a.id < b.id;
}

function isSooner(a: Waiting, b: Waiting): boolean {
  return a.delivery.notBefore < b.delivery.notBefore || (a.delivery.notBefore === b.delivery.notBefore && a.id < b.id);
}
