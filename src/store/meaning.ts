import { StoreError, type StoreErrorKind } from './error.ts';

/** What a failure means to an operator. */
export interface Meaning {
  readonly kind: StoreErrorKind;
  readonly problem: string;
  readonly advice: string;
}

/** The error for a failure at `place`, with `cause`, the words of whoever reported it. */
export function errorFor({ kind, problem, advice }: Meaning, place: string, cause: string): StoreError {
  return new StoreError(kind, place, `${problem} (${cause}).`, advice);
}

/** The code of an error of the system or of a database; empty when it has none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
