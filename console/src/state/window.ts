/** Which rows of a long table are drawn, and how much room those before and after take. */
export interface RowWindow {
  readonly first: number;
  /** After the last. */
  readonly end: number;
  /** Pixels. */
  readonly above: number;
  readonly below: number;
}

/** Rows that are drawn beyond each edge, so that little scrolling shows nothing white. */
const spare = 10;

/** The rows in sight of a table that is scrolled by `top`, all of the same height (pixels). */
export function rowsInSight(rows: number, rowHeight: number, top: number, height: number): RowWindow {
  const first = Math.max(0, Math.min(rows, Math.floor(top / rowHeight)) - spare);
  const end = Math.max(first, Math.min(rows, Math.ceil((top + height) / rowHeight) + spare));
  return { first, end, above: first * rowHeight, below: (rows - end) * rowHeight };
}
