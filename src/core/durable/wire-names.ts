import type { Delivery } from './delivery.ts';

/** What tells a delivery from all others that are out: its sender, and the id that it went out with. */
type Named = Pick<Delivery, 'sender' | 'wire'>;

/**
 * Deliveries by sender and the id that they went out with. Most senders have one out at a time, or
 * none: a table of its own is only for those who have several. No text is made for a look-up.
 */
export class WireNames<T extends Named = Delivery> {
  readonly #senders = new Map<string, T | Map<string, T>>();

  get(sender: string, wire: string): T | undefined {
    const known = this.#senders.get(sender);
    if (known instanceof Map) return known.get(wire);
    return known?.wire === wire ? known : undefined;
  }

  /** Notes `delivery`; one of the same name makes place for it. */
  set(delivery: T): void {
    const { sender, wire } = delivery;
    const known = this.#senders.get(sender);
    if (known instanceof Map) known.set(wire, delivery);
    else if (known === undefined || known.wire === wire) this.#senders.set(sender, delivery);
    else {
      this.#senders.set(
        sender,
        new Map([
          [known.wire, known],
          [wire, delivery],
        ]),
      );
    }
  }

  /** Forgets `delivery`, unless another has its name by now. */
  delete(delivery: T): void {
    const { sender, wire } = delivery;
    const known = this.#senders.get(sender);
    if (known === delivery) this.#senders.delete(sender);
    if (!(known instanceof Map) || known.get(wire) !== delivery) return;
    known.delete(wire);
    if (known.size === 0) this.#senders.delete(sender);
  }
}
