import type { DeliveryChange } from '../../core/delivery-state.ts';
import { type Accepted, hasRare } from '../delivery-change.ts';
import type { Tallies } from '../tallies.ts';
import { type DeliveryWrites, rowsAtOnce } from './delivery-writes.ts';

/**
 * The steps of one transaction, several rows by one statement where that changes nothing: to run a statement costs as
 * much as the row. Rows that come in and rows that are acknowledged are written in the order of their kind, and not of
 * each other, unless they are the same.
 */
export class DeliveryRun {
  readonly #writes: DeliveryWrites;
  readonly #tallies: Tallies;
  #accepts: Accepted[] = [];
  #acks: number[] = [];
  /** The pool of those that are acknowledged. */
  #pool = '';
  /** No identifier that is to be written is higher. */
  #highest = 0;

  constructor(writes: DeliveryWrites, tallies: Tallies) {
    this.#writes = writes;
    this.#tallies = tallies;
  }

  /** Takes a step. False where a row is not as this step, or one before it, needs it to be: the transaction has to begin anew, step by step. */
  take(change: DeliveryChange): boolean {
    if (change.op === 'accept') return this.#accept(change);
    if (change.op === 'ack') return this.#ack(change.pool, change.id);
    return this.finish() && this.#writes.apply(change, this.#tallies);
  }

  /** Writes what is left; false as `take` says it. */
  finish(): boolean {
    return this.#writeAccepts() && this.#writeAcks();
  }

  #accept(change: Accepted): boolean {
    // Identifiers grow. One that does not may be that of a row which is still to be written, or to go.
    if (change.id <= this.#highest && !this.finish()) return false;
    this.#highest = Math.max(this.#highest, change.id);
    if (hasRare(change)) return this.#writes.apply(change, this.#tallies);
    this.#accepts.push(change);
    return this.#accepts.length < rowsAtOnce || this.#writeAccepts();
  }

  #ack(pool: string, id: number): boolean {
    // It may be about one that is still to be written. That comes first, or it would be there again afterwards.
    const [first] = this.#accepts;
    if (first !== undefined && id >= first.id && !this.#writeAccepts()) return false;
    if (pool !== this.#pool && !this.#writeAcks()) return false;
    this.#pool = pool;
    this.#highest = Math.max(this.#highest, id);
    this.#acks.push(id);
    return this.#acks.length < rowsAtOnce || this.#writeAcks();
  }

  #writeAccepts(): boolean {
    const rows = this.#accepts;
    if (rows.length === 0) return true;
    this.#accepts = [];
    if (rows.length === rowsAtOnce) return this.#writes.acceptAll(rows, this.#tallies);
    return rows.every((row) => this.#writes.apply(row, this.#tallies));
  }

  #writeAcks(): boolean {
    const ids = this.#acks;
    if (ids.length === 0) return true;
    const pool = this.#pool;
    this.#acks = [];
    if (ids.length === rowsAtOnce) return this.#writes.acknowledgeAll(pool, ids, this.#tallies);
    return ids.every((id) => this.#writes.apply({ op: 'ack', pool, id }, this.#tallies));
  }
}
