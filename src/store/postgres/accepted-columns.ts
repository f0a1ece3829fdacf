import type { Accepted } from '../delivery-change.ts';
import { stateCodes } from '../delivery-row.ts';
import { BigintColumn, TextColumn } from './binary-columns.ts';

/** Numbers of an accepted message, in the order of `write_batch`; what most have not is left out where it is 0. */
const numbers: readonly ((row: Accepted) => number | undefined)[] = [
  (row) => row.id,
  (row) => row.since,
  (row) => row.expires,
  (row) => unlessZero(row.notBefore),
  (row) => row.leasedAt,
  (row) => row.deadline,
  (row) => unlessZero(row.deadAt),
  (row) => row.attempt,
  (row) => unlessZero(row.base),
  (row) => row.bytes,
  (row) => stateCodes[row.state],
  (row) => (row.receipt ? 1 : 0),
];

/** Its texts, in that order. */
const texts: readonly ((row: Accepted) => string | undefined)[] = [
  (row) => row.pool,
  (row) => row.sender,
  (row) => row.to,
  (row) => row.type,
  (row) => row.message,
  (row) => row.wire,
  (row) => row.lang,
  (row) => row.key,
  (row) => row.worker,
  (row) => row.nonce,
  (row) => row.reason,
  (row) => row.rest,
  (row) => row.history,
  (row) => row.tail,
  (row) => row.duplicate,
];

/** Accepted messages, a column each field. */
export class AcceptedColumns {
  #length = 0;
  readonly #numbers = numbers.map((of) => ({ of, column: new BigintColumn() }));
  readonly #texts = texts.map((of) => ({ of, column: new TextColumn() }));

  get length(): number {
    return this.#length;
  }

  push(row: Accepted): void {
    this.#length += 1;
    for (const { of, column } of this.#numbers) column.push(of(row));
    for (const { of, column } of this.#texts) column.push(of(row));
  }

  finish(): Buffer[] {
    return [...this.#numbers, ...this.#texts].map(({ column }) => column.finish());
  }
}

function unlessZero(value: number): number | undefined {
  return value === 0 ? undefined : value;
}
