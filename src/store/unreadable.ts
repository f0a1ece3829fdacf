import { StoreError } from './error.ts';

/** A row that no version of ours has written so. */
export function unreadable(file: string, row: string, value: string): StoreError {
  const advice = 'Was the database edited by hand? Correct or delete that row.';
  return new StoreError('corrupt', file, `${row} holds the unknown value '${value}'.`, advice);
}
