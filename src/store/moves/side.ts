import type { Mark } from './mark.ts';
import type { Row, Shape } from './shapes.ts';

/**
 * A database as one side of a move. Nobody else may write it while it is open: it holds the file's lock, or the lease.
 * Every call rejects with a `StoreError`.
 */
export interface Side {
  /** For people; no password. */
  readonly place: string;
  mark(): Promise<Mark | undefined>;
  /** Writes the mark, on disk when it resolves. */
  setMark(mark: Mark): Promise<void>;
  /** Rows of a table. */
  count(shape: Shape): Promise<number>;
  /** All rows of a table in the order of `compareKeys`, a few megabytes at a time. */
  pages(shape: Shape): AsyncIterable<readonly Row[]>;
  /** Makes it empty but for the mark. */
  begin(mark: Mark): Promise<void>;
  /** Adds rows; rejects with `fenced` when somebody else has it now. */
  write(shape: Shape, rows: readonly Row[]): Promise<void>;
  /** After the last row. */
  settle(): Promise<void>;
  /** Lets go of it. May be called again. */
  close(): Promise<void>;
}
