import { StoreError } from '../error.ts';

/**
 * What a database says of a move. The target is `arriving` until all rows are there, `checked` until the source has `left`,
 * and then `arrived`. That the source has `left` is the decision: before it the source is the store, after it the target is,
 * also when nobody lived to write `arrived`.
 */
export interface Mark {
  readonly state: 'arriving' | 'checked' | 'arrived' | 'left';
  /** Of the move, the same on both sides. */
  readonly id: string;
  /** The place of the other side. */
  readonly other: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A mark as a database gives it. */
export interface MarkRow {
  readonly state: string;
  readonly id: string;
  readonly other: string;
  readonly at: number;
}

/** What a row says. Throws `corrupt` for one that cannot be understood. */
export function markOf({ state, id, other, at }: MarkRow, place: string): Mark {
  if (state === 'arriving' || state === 'checked' || state === 'arrived' || state === 'left') {
    return { state, id, other, at };
  }
  const advice = 'Was the database edited by hand? Correct that row.';
  throw new StoreError('corrupt', place, `the table move holds the unknown state '${state}'.`, advice);
}

/** Throws `moved` for a database that is no store: what was in it has left, or what is in it is not whole. */
export function refuseMoved(mark: Mark | undefined, place: string): void {
  if (mark === undefined || mark.state === 'arrived') return;
  if (mark.state === 'left') throw leftError(mark, place);
  throw incompleteError(mark, place);
}

export function leftError({ other, at }: Mark, place: string): StoreError {
  const problem = `what it held was moved to ${other} on ${new Date(at).toISOString()}.`;
  const advice = 'Name that in "store" of the configuration; `switchyard migrate --to` moves it back as well.';
  return new StoreError('moved', place, problem, advice);
}

export function incompleteError({ other }: Mark, place: string): StoreError {
  const problem = `a move from ${other} to it was begun and not finished.`;
  const advice = 'Type the same `switchyard migrate --to` again; it begins anew, or finishes what was left to do.';
  return new StoreError('moved', place, problem, advice);
}
