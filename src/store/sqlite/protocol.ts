import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Snapshot } from '../../core/durable-state.ts';
import type { StoreErrorKind } from '../error.ts';
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

/** What the writer thread answers: first `opened`, or `failed` with id 0, then one reply a request. */
export type Reply =
  | { readonly kind: 'opened' }
  | { readonly kind: 'written'; readonly id: number; readonly refused: ReadonlyMap<number, Failure> }
  | { readonly kind: 'loaded'; readonly id: number; readonly snapshot: Snapshot }
  | { readonly kind: 'read'; readonly id: number; readonly rows: QueueRows }
  | { readonly kind: 'was-last'; readonly id: number; readonly written: boolean }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure };
