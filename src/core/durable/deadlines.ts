import { Heap, type Placed } from '../select/heap.ts';

/** What is due within one grain of time. */
export interface TimeSlot<T> extends Placed {
  /** Epoch milliseconds: the end of the grain. */
  readonly at: number;
  readonly items: T[];
}

/** What has a deadline: it knows where that stands. Both fields are kept by `Deadlines`. */
export interface Timed<T> {
  /** `undefined` without a deadline. */
  slot: TimeSlot<T> | undefined;
  slotIndex: number;
}

/**
 * Deadlines of many things, most of which are done long before theirs: to set one and to take it
 * back costs the same however many there are. Times are rounded up to a grain, so that
 * nothing is due before its time.
 */
export class Deadlines<T extends Timed<T>> {
  readonly #grain: number;
  readonly #slots = new Map<number, TimeSlot<T>>();
  readonly #order = new Heap<TimeSlot<T>>((a, b) => a.at < b.at);
  #size = 0;

  /** @param grain By how much something may be late, in milliseconds. */
  constructor(grain: number) {
    this.#grain = grain;
  }

  get size(): number {
    return this.#size;
  }

  /** Epoch milliseconds when `due` finds something again; `Infinity` for never. */
  get nextAt(): number {
    return this.#order.first?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Sets the deadline of `item`, which has none here. @param time Epoch milliseconds; `Infinity` for none. */
  add(item: T, time: number): void {
    if (time === Number.POSITIVE_INFINITY) return;
    const at = Math.ceil(time / this.#grain) * this.#grain;
    let slot = this.#slots.get(at);
    if (slot === undefined) {
      slot = { at, items: [], place: -1 };
      this.#slots.set(at, slot);
      this.#order.add(slot);
    }
    item.slot = slot;
    item.slotIndex = slot.items.push(item) - 1;
    this.#size += 1;
  }

  /** Sets another deadline in place of the one that `item` may have. */
  change(item: T, time: number): void {
    this.remove(item);
    this.add(item, time);
  }

  /** Takes back the deadline of `item`, if it has one. */
  remove(item: T): void {
    const { slot, slotIndex } = item;
    if (slot === undefined) return;
    item.slot = undefined;
    this.#size -= 1;
    const last = slot.items.pop();
    if (last !== undefined && last !== item) {
      slot.items[slotIndex] = last;
      last.slotIndex = slotIndex;
    }
    if (slot.items.length > 0) return;
    this.#slots.delete(slot.at);
    this.#order.remove(slot);
  }

  /** Those whose deadline has passed, at most `limit`, the most overdue first. They have none after that. */
  due(now: number, limit: number): T[] {
    const due: T[] = [];
    while (due.length < limit && this.nextAt <= now) {
      const item = this.#order.first?.items.at(-1);
      if (item === undefined) break;
      this.remove(item);
      due.push(item);
    }
    return due;
  }
}
