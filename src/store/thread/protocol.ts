import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Snapshot } from '../../core/durable-state.ts';
import { StoreError, type StoreErrorKind } from '../error.ts';
import type { PackedChanges } from '../packed-changes.ts';

/** A `StoreError` on its way between threads, where classes do not survive. */
export interface Failure {
  readonly kind: StoreErrorKind;
  readonly file: string;
  readonly problem: string;
  readonly advice: string;
}

/** What the main thread asks of the writer thread. */
export type Request =
  | { readonly kind: 'write'; readonly id: number; readonly batch: number; readonly changes: PackedChanges }
  | { readonly kind: 'load'; readonly id: number }
  | { readonly kind: 'read'; readonly id: number; readonly query: QueueQuery }
  /** Asks, after a thread has died with it, whether a batch was written. */
  | { readonly kind: 'was-last'; readonly id: number; readonly batch: number }
  | { readonly kind: 'close'; readonly id: number };

/** Says that the store is to be closed: what waits for a database that is away is given up soon. Not answered. */
export interface Hurry {
  readonly kind: 'hurry';
}

/** What the writer thread answers: first `opened`, or `failed` with id 0, then one reply a request. */
export type Reply =
  /** @property last The highest number of a batch that the database knows of; numbers grow. */
  | { readonly kind: 'opened'; readonly last: number }
  | { readonly kind: 'written'; readonly id: number; readonly refused: ReadonlyMap<number, Failure> }
  | { readonly kind: 'loaded'; readonly id: number; readonly snapshot: Snapshot }
  | { readonly kind: 'read'; readonly id: number; readonly rows: QueueRows }
  | {
      readonly kind: 'was-last';
      readonly id: number;
      readonly written: boolean;
      /** What of it was refused, as far as the database knows. */
      readonly refused: ReadonlyMap<number, Failure>;
    }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };

/** What the writer thread says unasked: that the database cannot be reached, and why, or that it can be again. */
export type Notice = { readonly kind: 'down'; readonly failure: Failure } | { readonly kind: 'up' };

export function toFailure({ kind, file, problem, advice }: StoreError): Failure {
  return { kind, file, problem, advice };
}

export function fromFailure({ kind, file, problem, advice }: Failure): StoreError {
  return new StoreError(kind, file, problem, advice);
}

/** Refused changes by their places, for another thread. */
export function toFailures(refused: ReadonlyMap<number, StoreError>): Map<number, Failure> {
  return new Map([...refused].map(([row, error]) => [row, toFailure(error)]));
}

export function fromFailures(refused: ReadonlyMap<number, Failure>): Map<number, StoreError> {
  return new Map([...refused].map(([row, failure]) => [row, fromFailure(failure)]));
}
