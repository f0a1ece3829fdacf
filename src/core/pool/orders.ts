/** What an operator has decided about a worker of a pool, until he takes it back. */
export interface Order {
  /** `drained`: the worker gets nothing new. `suspended`: it gets nothing at all. */
  readonly held: 'drained' | 'suspended' | undefined;
  /** The weight that it has, whatever else says another. */
  readonly weight: number | undefined;
}

/** Most workers of one pool that operators may have decided about. */
const most = 1_000;

/** The operators' orders in one pool, by the worker's full JID: they outlive its membership. */
export class Orders {
  readonly #orders = new Map<string, Order>();

  get(jid: string): Order | undefined {
    return this.#orders.get(jid);
  }

  /** Every order with the worker that it is for. */
  all(): Iterable<readonly [jid: string, order: Order]> {
    return this.#orders;
  }

  /** Gives an order in place of the one before; one that says nothing is forgotten. Returns false when there are too many. */
  set(jid: string, order: Order): boolean {
    if (order.held === undefined && order.weight === undefined) {
      this.#orders.delete(jid);
      return true;
    }
    if (!this.#orders.has(jid) && this.#orders.size >= most) return false;
    this.#orders.set(jid, order);
    return true;
  }
}
