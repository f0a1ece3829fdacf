import { StoreError } from '../error.ts';
import { compareKeys, type Row, rowName, type Shape } from './shapes.ts';
import type { Side } from './side.ts';

/**
 * Reads a table of both sides again, in the same order, and rejects with `corrupt` at the first difference, which it names.
 * @param checked Called with the rows of each page that were found equal.
 */
export async function compareTable(
  shape: Shape,
  source: Side,
  target: Side,
  checked: (rows: number) => void,
): Promise<void> {
  const theirs = new Reader(target.pages(shape));
  try {
    for await (const page of source.pages(shape)) {
      for (const row of page) {
        const difference = differenceOf(shape, row, await theirs.next());
        if (difference !== undefined) throw different(target.place, difference);
      }
      checked(page.length);
    }
    const more = await theirs.next();
    if (more !== undefined) throw different(target.place, `${rowOf(shape, more)} is not in the source`);
  } finally {
    await theirs.end();
  }
}

/** One row after the other. */
class Reader {
  readonly #pages: AsyncIterator<readonly Row[]>;
  #page: readonly Row[] = [];
  #at = 0;

  constructor(pages: AsyncIterable<readonly Row[]>) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async next(): Promise<Row | undefined> {
    while (this.#at >= this.#page.length) {
      const found = await this.#pages.next();
      if (found.done === true) return undefined;
      this.#page = found.value;
      this.#at = 0;
    }
    const row = this.#page[this.#at];
    this.#at += 1;
    return row;
  }

  /** What is being read is let go. */
  async end(): Promise<void> {
    await this.#pages.return?.();
  }
}

function differenceOf(shape: Shape, row: Row, other: Row | undefined): string | undefined {
  const column = shape.columns.find((_, at) => row[at] !== other?.[at]);
  if (other !== undefined && column === undefined) return undefined;
  const order = other === undefined ? -1 : compareKeys(shape, row, other);
  if (other === undefined || order < 0) return `${rowOf(shape, row)} is missing`;
  if (order > 0) return `${rowOf(shape, other)} is not in the source`;
  return `${rowOf(shape, row)} has another ${column?.name ?? 'key'}`;
}

function rowOf(shape: Shape, row: Row): string {
  return `the row of ${shape.name} with ${rowName(shape, row)}`;
}

function different(place: string, difference: string): StoreError {
  const advice = 'See who else writes there, and type the command again; the source is as it was.';
  return new StoreError('corrupt', place, `it does not hold what was copied: ${difference}.`, advice);
}
