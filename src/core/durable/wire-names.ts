import { ownCopy } from '../own-copy.ts';
import type { Delivery } from './delivery.ts';

/** What tells a delivery from all others that are out: its sender, and the id that it went out with. */
type Named = Pick<Delivery, 'sender' | 'wire'>;

/**
 * Deliveries by the id that they went out with, and their sender. Nearly every id is one sender's alone: a
 * table of its own is only for those that several use at a time. No text is made for a look-up, and none of a message is kept alive.
 */
export class WireNames<T extends Named = Delivery> {
  readonly #ids = new Map<string, T | Map<string, T>>();

  get(sender: string, wire: string): T | undefined {
    const known = this.#ids.get(wire);
    if (known instanceof Map) return known.get(sender);
    return known?.sender === sender ? known : undefined;
  }

  /** Notes `delivery`; one of the same name makes place for it. */
  set(delivery: T): void {
    const { sender, wire } = delivery;
    const known = this.#ids.get(wire);
    if (known instanceof Map) known.set(sender, delivery);
    else if (known === undefined || known.sender === sender) this.#ids.set(ownCopy(wire), delivery);
    else {
      this.#ids.set(
        wire,
        new Map([
          [known.sender, known],
          [sender, delivery],
        ]),
      );
    }
  }

  /** Forgets `delivery`, unless another has its name by now. */
  delete(delivery: T): void {
    const { sender, wire } = delivery;
    const known = this.#ids.get(wire);
    if (known === delivery) this.#ids.delete(wire);
    if (!(known instanceof Map) || known.get(sender) !== delivery) return;
    known.delete(sender);
    if (known.size === 0) this.#ids.delete(wire);
  }
}
