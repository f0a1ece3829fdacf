import type { Placed } from '../select/heap.ts';
import type { Timed, TimeSlot } from './deadlines.ts';
import type { Delivery } from './delivery.ts';

/** What a delivery that waits in memory costs beside its text, in bytes: objects, strings' heads, places in tables and heaps. */
export const waitingCost = 400;

/** What the text of a delivery costs, in bytes: UTF-16 may take two a unit. */
export function textCost({ message }: Delivery): number {
  return message === undefined ? 0 : 2 * message.size;
}

/** The place of a delivery in the order of all that wait in memory. */
export interface Aged extends Placed {
  readonly delivery: Delivery;
}

/** A delivery that waits in memory. */
export class Waiting implements Placed, Timed<Waiting> {
  readonly delivery: Delivery;
  /** Not begun since it was accepted or read: what the store can give again at any time. */
  readonly fresh: boolean;
  readonly aged: Aged;
  /** Bytes of its text, also when that was let go of. */
  text: number;
  /** Bytes that it holds of the budget. */
  held = 0;
  /** Where it stands while it is the next of its key, or has none. */
  standing: 'nowhere' | 'ready' | 'later' | 'unread' = 'nowhere';
  place = -1;
  /** Where its expiry stands. */
  slot: TimeSlot<Waiting> | undefined = undefined;
  slotIndex = 0;

  constructor(delivery: Delivery, fresh: boolean) {
    this.delivery = delivery;
    this.fresh = fresh;
    this.aged = { delivery, place: -1 };
    this.text = textCost(delivery);
  }

  get id(): number {
    return this.delivery.id;
  }
}
