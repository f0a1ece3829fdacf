import type { StoredOrder } from '../durable-state.ts';
import type { Out } from '../ports.ts';

/** What an operator has decided about a worker of a pool, until he takes it back. */
export interface Order {
  /** `drained`: the worker gets nothing new. `suspended`: it gets nothing at all. */
  readonly held: StoredOrder['held'];
  /** The weight that it has, whatever else says another. */
  readonly weight: number | undefined;
}

/** Most workers of one pool that operators may have decided about. */
const most = 1_000;

/** The operators' orders in one pool, by the worker's full JID. Durable: they outlive its membership, and the process. */
export class Orders {
  readonly #pool: string;
  readonly #out: Out;
  readonly #orders = new Map<string, Order>();

  constructor(pool: string, out: Out) {
    this.#pool = pool;
    this.#out = out;
  }

  get(jid: string): Order | undefined {
    return this.#orders.get(jid);
  }

  /** Every order with the worker that it is for. */
  all(): Iterable<readonly [jid: string, order: Order]> {
    return this.#orders;
  }

  /** Takes in what an earlier process has stored. */
  restore({ jid, held, weight }: StoredOrder): void {
    this.#orders.set(jid, { held, weight });
  }

  /** Gives an order in place of the one before; one that says nothing is forgotten. Returns false when there are too many. */
  set(jid: string, { held, weight }: Order): boolean {
    const pool = this.#pool;
    if (held === undefined && weight === undefined) {
      const known = this.#orders.delete(jid);
      if (known) this.#out.commit({ op: 'remove-order', pool, jid }, (error) => this.#written(jid, error));
      return true;
    }
    if (!this.#orders.has(jid) && this.#orders.size >= most) return false;
    this.#orders.set(jid, { held, weight });
    this.#out.commit({ op: 'put-order', pool, jid, held, weight }, (error) => this.#written(jid, error));
    return true;
  }

  /** The pool is no more. */
  clear(): void {
    for (const jid of this.#orders.keys()) this.#out.commit({ op: 'remove-order', pool: this.#pool, jid });
    this.#orders.clear();
  }

  #written(jid: string, error: Error | undefined): void {
    if (error === undefined) return;
    this.#out.event('write-failed', this.#pool);
    this.#out.notice({
      level: 'error',
      event: 'order-not-stored',
      pool: this.#pool,
      text: `the operator's order for ${jid} could not be stored, and is forgotten at the next start: ${error.message}`,
      detail: { worker: jid },
    });
  }
}
