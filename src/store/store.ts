import type { QueueQuery, QueueRows } from '../core/delivery-state.ts';
import type { Change, Snapshot } from '../core/durable-state.ts';

/** `ok: false` from the first failure until a write succeeds again; `reason` is text for the operator. */
export type StoreHealth = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Counters since the store was opened. */
export interface StoreStats {
  /** Batches committed. */
  readonly batches: number;
  /** Rows committed; several changes of one key in one batch count once. */
  readonly rows: number;
  /** Changes whose `done` got an error: refused at the bound, or not written. */
  readonly failed: number;
  /** Changes accepted and not yet reported, in rows. */
  readonly pending: number;
  /** Milliseconds from posting the last committed batch to its report; 0 before the first. */
  readonly latency: number;
  /** How often the writer thread was started again. */
  readonly restarts: number;
}

/** The durable state. Every driver keeps this contract; `test/store/contract.ts` holds it to it. */
export interface Store {
  /** Everything stored, with all changes that were committed before the call. Rejects with a `StoreError`. */
  load(): Promise<Snapshot>;
  /**
   * Takes a change into the open batch. `done` is called once, on a later turn: without an
   * error when the change is on disk, with a `StoreError` when it is not. Calls of `done` come
   * in the order of the commits, save that a change refused at once (store closed, writer down,
   * too many changes or bytes pending) is told at once. After the error `writer-died` a change may or may not be
   * on disk, save for a step of a delivery, if the database could be opened again; every other error means that it is not. A step of a delivery whose row is not as it must be gets
   * the error `stale`, alone of its batch. Never throws.
   */
  commit(change: Change, done?: (error: Error | undefined) => void): void;
  /**
   * Deliveries of a pool, with all changes that were committed before the call; what is in them has been
   * reported before they are given. Rejects with a `StoreError`.
   */
  read(query: QueueQuery): Promise<QueueRows>;
  /** Resolves when every change committed before the call has been reported. */
  flush(): Promise<void>;
  /** Flushes, checkpoints, and releases the file. May be called again. */
  close(): Promise<void>;
  readonly health: StoreHealth;
  readonly stats: StoreStats;
}
