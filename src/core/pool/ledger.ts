import { WorkWindows } from './work-windows.ts';

/** What has a row in a ledger. */
export interface RowHolder {
  /** Its row; kept by the ledger; negative once it has left. */
  row: number;
}

/** Times that a ledger keeps, by their place in a row. */
export const times = { seen: 0, served: 1, heard: 2, pinged: 3, told: 4 } as const;
export type TimeName = keyof typeof times;
const timesPerRow = Object.keys(times).length;

/**
 * The numbers of the members of one pool that change all the time, in arrays of numbers: as fields
 * of the members each would be an object of its own. The rows lie close together, and what
 * members that have left took is given back.
 */
export class Ledger {
  readonly work: WorkWindows;
  readonly #holders: RowHolder[] = [];
  #times = new Float64Array(0);
  #capacity = 0;

  /** @param workWindow How long a forward counts as in flight when nothing answers it, in milliseconds. */
  constructor(workWindow: number) {
    this.work = new WorkWindows(workWindow);
  }

  /** Gives `holder` a row, with all times and counts at 0. */
  enter(holder: RowHolder): void {
    const row = this.#holders.length;
    if (row === this.#capacity) this.#resize(row + Math.max(2, row >> 2));
    this.#holders.push(holder);
    holder.row = row;
  }

  /** Takes the row of `holder` back: from now on its times and counts are 0. */
  leave(holder: RowHolder): void {
    const { row } = holder;
    const from = this.#holders.length - 1;
    const last = this.#holders[from];
    if (row < 0 || last === undefined) return;
    this.#holders[row] = last;
    this.#holders.pop();
    this.#times.copyWithin(row * timesPerRow, from * timesPerRow, (from + 1) * timesPerRow);
    this.#times.fill(0, from * timesPerRow, (from + 1) * timesPerRow);
    this.work.move(from, row);
    last.row = row;
    holder.row = -1;
    if (2 * from < this.#capacity) this.#resize(from + (from >> 2));
  }

  /** Rows that there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Epoch milliseconds; 0 for never. */
  time(row: number, name: TimeName): number {
    return row < 0 ? 0 : (this.#times[row * timesPerRow + times[name]] ?? 0);
  }

  setTime(row: number, name: TimeName, at: number): void {
    if (row >= 0) this.#times[row * timesPerRow + times[name]] = at;
  }

  #resize(capacity: number): void {
    const wider = new Float64Array(capacity * timesPerRow);
    wider.set(this.#times.subarray(0, this.#holders.length * timesPerRow));
    this.#times = wider;
    this.#capacity = capacity;
    this.work.resize(capacity, this.#holders.length);
  }
}
