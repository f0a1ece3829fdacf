import type { Delivery, Hold } from './delivery.ts';

/** Place of a hold that is in no list. */
export const nowhere = -1;

/**
 * What each worker has. A hold knows its place in the list of its worker, so that neither noting it nor
 * forgetting it is a look-up among all that the worker has.
 */
export class Held {
  readonly #lists = new Map<string, Hold[]>();

  add(hold: Hold): void {
    const list = this.#lists.get(hold.worker);
    hold.place = list?.length ?? 0;
    if (list === undefined) this.#lists.set(hold.worker, [hold]);
    else list.push(hold);
  }

  /** Does nothing with one that is not there. */
  remove(hold: Hold): void {
    const { place, worker } = hold;
    if (place === nowhere) return;
    hold.place = nowhere;
    const list = this.#lists.get(worker);
    const last = list?.pop();
    if (list === undefined || last === undefined) return;
    if (last !== hold) {
      list[place] = last;
      last.place = place;
    }
    if (list.length === 0) this.#lists.delete(worker);
  }

  /** What the worker with this full JID has. */
  by(worker: string): Delivery[] {
    return (this.#lists.get(worker) ?? []).map(({ delivery }) => delivery);
  }
}
