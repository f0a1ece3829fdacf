import type { StoredTally } from '../delivery-state.ts';
import type { MemoryBudget } from '../memory/memory.ts';
import type { Pool } from '../pool/pool.ts';
import { Deadlines } from './deadlines.ts';
import type { Delivery, Hold } from './delivery.ts';
import { Held } from './held.ts';
import { IdTable } from './id-table.ts';
import { PassedOnNames } from './passed-on.ts';
import type { Quota } from './quota.ts';
import type { ReadyQueue } from './ready-queue.ts';
import { wireOf } from './wire.ts';
import { WireNames } from './wire-names.ts';

/** By how much a lease may last longer than it should, in milliseconds. */
const deadlineGrain = 50;

const nobody: readonly Hold[] = [];

/** What one durable pool has accepted and not ended: who waits, who has what, and how much of it there is. */
export class PoolQueue {
  #pool: Pool;
  readonly ready: ReadyQueue;
  readonly quota: Quota;
  /** When leases run out. */
  readonly deadlines = new Deadlines<Delivery>(deadlineGrain);
  /** How all that was ever accepted has ended, over restarts. */
  readonly tally: { -readonly [K in keyof StoredTally]: StoredTally[K] };
  /** Dead letters that are kept. */
  dead: number;
  /** Deliveries whose acceptance as ready is being stored: whoever comes now comes after them. */
  arriving = 0;
  /** Deliveries that some worker has. */
  leased = 0;
  /** Deliveries that were given to workers since the start, each as often as it was. */
  given = 0;
  /** Deliveries whose last commit is under way, those aside that were acknowledged. */
  readonly ending = new Set<number>();
  /** Ids of what pools of other domains have now. */
  readonly passedOn = new PassedOnNames();
  readonly #begun = new IdTable<Delivery>();
  readonly #named: WireNames;
  readonly #held = new Held();
  readonly #memory: MemoryBudget;

  /**
   * @param memory For the text of what workers have.
   * @param past What an earlier process has left.
   * @param seed A whole number that nobody outside knows.
   */
  constructor(
    pool: Pool,
    ready: ReadyQueue,
    quota: Quota,
    memory: MemoryBudget,
    past: { readonly tally: StoredTally; readonly dead: number },
    seed: number,
  ) {
    this.#pool = pool;
    this.ready = ready;
    this.quota = quota;
    this.#memory = memory;
    this.#named = new WireNames(seed);
    this.tally = { ...past.tally };
    this.dead = past.dead;
  }

  get pool(): Pool {
    return this.#pool;
  }

  /** The pool is open, perhaps again: by this object. */
  reopen(pool: Pool): void {
    this.#pool = pool;
    const { maxMessages, maxBytes, perSender } = pool.settings.delivery.queue;
    this.quota.resize({ maxMessages, maxBytes, perSender });
  }

  get name(): string {
    return this.pool.settings.name;
  }

  /** Deliveries of which some worker has heard and that are not over, and those that workers still hold though they are. */
  get begun(): Pick<IdTable<Delivery>, 'get' | 'size' | 'values'> {
    return this.#begun;
  }

  /** The delivery that went out to workers of `sender`'s message under `id`. */
  named(sender: string, id: string): Delivery | undefined {
    return this.#named.get(sender, id);
  }

  /** What the worker with this full JID has. */
  heldBy(worker: string): Iterable<Delivery> {
    return this.#held.by(worker);
  }

  /** Whether the last commit of the delivery `id` is under way. */
  isEnding(id: number): boolean {
    return this.ending.has(id) || this.#begun.get(id)?.done === true;
  }

  /** Notes that workers have `delivery`: its `holds` and `wire` are set. */
  begin(delivery: Delivery): void {
    this.remember(delivery);
    this.leased += 1;
    this.given += 1;
    for (const hold of delivery.holds) this.#held.add(hold);
    this.deadlines.add(delivery, delivery.deadline);
  }

  /**
   * Notes that workers have heard of `delivery`, which has its `wire`: what they say of it later will be known to be
   * about it.
   */
  remember(delivery: Delivery): void {
    this.#begun.add(delivery);
    this.#named.set(delivery);
  }

  /** Takes in a delivery of which workers have heard before this process, or before it died: it gets its `wire`. */
  adopt(delivery: Delivery): void {
    delivery.wire = wireOf(this, delivery, delivery.name);
    this.remember(delivery);
  }

  /** Notes that `hold` is over: its worker has the delivery no more. */
  drop(hold: Hold): void {
    this.#held.remove(hold);
  }

  /**
   * Workers have the text of `delivery` now. We keep it, for the case that they fail it, while it fits into half of
   * the memory: what waits needs the other half. Else it would be read from the store again.
   */
  keepText(delivery: Delivery): void {
    if (delivery.message === undefined || delivery.textHeld > 0) return;
    const bytes = 2 * delivery.message.size;
    if (2 * (this.#memory.used + bytes) <= this.#memory.limit && this.#memory.take(bytes)) delivery.textHeld = bytes;
    else delivery.letGo();
  }

  /** Notes that nobody has `delivery` any more: it goes back in line, or is over. */
  recall(delivery: Delivery): void {
    this.#memory.give(delivery.textHeld);
    delivery.textHeld = 0;
    for (const hold of delivery.holds) this.#held.remove(hold);
    if (delivery.holds.length > 0) this.leased -= 1;
    delivery.holds = nobody;
    this.deadlines.remove(delivery);
  }

  /** Forgets a delivery that is over and that no worker holds. */
  forget(delivery: Delivery): void {
    this.recall(delivery);
    this.#begun.delete(delivery.id);
    this.#named.delete(delivery);
  }

  /** Gives the room in the queue back that a delivery took which is over. */
  giveRoom({ counted, sender, bytes }: Delivery): void {
    if (counted === undefined) this.quota.give(sender, bytes);
    else this.quota.giveFrom(counted, bytes);
  }
}
