import { StoreError } from '../error.ts';
import type { ColumnKind, Row, Shape, Value } from './shapes.ts';

/** Most rows, and characters, that are held at a time. */
export const pageRows = 1_000;
export const pageCharacters = 4_194_304;

/** Values as a database gives them, in the order of the columns. Throws `corrupt` for what no version of ours has written. */
export function readRow({ name, columns }: Shape, values: readonly unknown[], place: string): Row {
  return columns.map((column, at) => {
    const value = readValue(column.kind, values[at]);
    if (value !== undefined) return value;
    const problem = `the table ${name} holds in ${column.name} what cannot be read (${String(values[at])}).`;
    throw new StoreError('corrupt', place, problem, 'Was the database edited by hand? Correct or delete that row.');
  });
}

function readValue(kind: ColumnKind, value: unknown): Value | undefined {
  if (value === null || value === undefined) return null;
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  if (kind === 'bytes') return Buffer.isBuffer(value) ? value.toString('hex') : undefined;
  if (kind === 'flag' && typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'number') return undefined;
  // A number that is not exact here would not be the same on the other side.
  return kind === 'real' || Number.isSafeInteger(value) ? value : undefined;
}

/** Characters of a row, about. */
export function lengthOf(row: Row): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
}
