import { StoreError } from '../error.ts';
import { incompleteError, leftError, type Mark } from './mark.ts';

/** One side of a move, as it was found. */
export interface Found {
  readonly place: string;
  readonly mark: Mark | undefined;
  /** Rows of all tables together. */
  readonly rows: number;
}

/** `begin` from an empty target or one that is emptied first; `finish` one that was decided. */
export type MovePlan = { readonly todo: 'begin' } | { readonly todo: 'finish'; readonly id: string };

/** What is to be done. Throws `StoreError` (`moved`, `exists`) when nothing may be. */
export function planMove(source: Found, target: Found): MovePlan {
  const { mark } = source;
  if (mark?.state === 'left') {
    const isHere = target.mark?.id === mark.id;
    if (isHere && target.mark?.state === 'checked') return { todo: 'finish', id: mark.id };
    throw leftError(mark, source.place);
  }
  if (mark?.state === 'arriving' || mark?.state === 'checked') throw incompleteError(mark, source.place);
  refuseTarget(source, target);
  return { todo: 'begin' };
}

function refuseTarget(source: Found, { place, mark, rows }: Found): void {
  if (mark?.state === 'left') {
    const problem = `it still holds what was moved from it to ${mark.other} on ${new Date(mark.at).toISOString()}.`;
    throw new StoreError('exists', place, problem, 'Remove it (drop schema ... cascade), or name another schema.');
  }
  if (mark?.state === 'arriving' || mark?.state === 'checked') {
    if (mark.other === source.place) return;
    const problem = `a move from ${mark.other} to it was begun and not finished.`;
    const whole = 'Finish that one first: what is here may be the only store.';
    const advice = mark.state === 'checked' ? whole : 'Finish that one; or remove its copy, which is not whole.';
    throw new StoreError('exists', place, problem, advice);
  }
  if (rows === 0) return;
  const problem = `it holds ${rows} rows: a store is moved to an empty place.`;
  throw new StoreError('exists', place, problem, 'Name another; nothing is written over, and nothing is put together.');
}
