import type { Inbound } from '../core/envelope.ts';
import { type ErrorCode, errors } from '../core/errors/errors.ts';
import type { DropReason, Outcome } from '../core/outcome/outcome.ts';
import { dropReasons } from './drop-reasons.ts';
import { keysOf } from './keys-of.ts';

/** One line of the outcome table. */
export interface OutcomeRow {
  readonly outcome: Outcome['kind'];
  /** Error code of a bounce, reason of a drop, else `''`. */
  readonly reason: ErrorCode | DropReason | '';
  /** `''` for what belongs to no pool. */
  readonly pool: string;
  readonly count: number;
}

type Cell = Omit<OutcomeRow, 'pool' | 'count'>;

const kinds = ['message', 'presence', 'iq-request', 'iq-response', 'refused'] as const satisfies Inbound['kind'][];
const plainOutcomes = ['forwarded', 'relayed', 'queued', 'answered', 'consumed'] as const satisfies Outcome['kind'][];
const errorCodes = keysOf(errors);
const dropCodes = keysOf(dropReasons);

const cells: readonly Cell[] = [
  ...plainOutcomes.map((outcome): Cell => ({ outcome, reason: '' })),
  ...errorCodes.map((reason): Cell => ({ outcome: 'bounced', reason })),
  ...dropCodes.map((reason): Cell => ({ outcome: 'dropped', reason })),
];
const plainCell = new Map<string, number>(plainOutcomes.map((outcome, index) => [outcome, index]));
const bouncedCell = new Map<string, number>(errorCodes.map((code, index) => [code, plainOutcomes.length + index]));
const droppedCell = new Map<string, number>(
  dropCodes.map((reason, index) => [reason, plainOutcomes.length + errorCodes.length + index]),
);

/**
 * The ledger of stanzas: what came in and how each ended. A count is two look-ups and an
 * addition; memory is one fixed row for each pool.
 */
export class StanzaCounts {
  readonly #received = new Map<Inbound['kind'], { count: number }>(kinds.map((kind) => [kind, { count: 0 }]));
  readonly #rows = new Map<string, Float64Array>();
  readonly #poolless = new Float64Array(cells.length);
  /** Stanzas that ended in pools whose rows are forgotten. */
  #forgotten = 0;

  /** Opens a row for `pool`. */
  addPool(pool: string): void {
    if (pool !== '' && !this.#rows.has(pool)) this.#rows.set(pool, new Float64Array(cells.length));
  }

  /** Forgets the row of `pool`; what was counted there stays in the balance. */
  dropPool(pool: string): void {
    for (const count of this.#rows.get(pool) ?? []) this.#forgotten += count;
    this.#rows.delete(pool);
  }

  received(kind: Inbound['kind']): void {
    const cell = this.#received.get(kind);
    if (cell !== undefined) cell.count += 1;
  }

  /** A pool that was never added counts as none. */
  outcome(outcome: Outcome, pool: string | undefined): void {
    const row = (pool === undefined ? undefined : this.#rows.get(pool)) ?? this.#poolless;
    const cell = cellOf(outcome);
    if (cell !== undefined) row[cell] = (row[cell] ?? 0) + 1;
  }

  receivedTable(): { readonly kind: Inbound['kind']; readonly count: number }[] {
    return [...this.#received].map(([kind, { count }]) => ({ kind, count }));
  }

  /** The plain outcomes of every pool, and of the reasons those that occurred. */
  outcomeTable(): OutcomeRow[] {
    const table: OutcomeRow[] = [];
    for (const [pool, row] of [['', this.#poolless] as const, ...this.#rows]) {
      for (const [index, cell] of cells.entries()) {
        const count = row[index] ?? 0;
        if (count > 0 || cell.reason === '') table.push({ ...cell, pool, count });
      }
    }
    return table;
  }

  /** Stanzas received less stanzas ended: 0 between two turns of the event loop. */
  balance(): number {
    let balance = -this.#forgotten;
    for (const { count } of this.#received.values()) balance += count;
    for (const row of [this.#poolless, ...this.#rows.values()]) for (const count of row) balance -= count;
    return balance;
  }
}

function cellOf(outcome: Outcome): number | undefined {
  if (outcome.kind === 'bounced') return bouncedCell.get(outcome.reason);
  if (outcome.kind === 'dropped') return droppedCell.get(outcome.reason);
  return plainCell.get(outcome.kind);
}
