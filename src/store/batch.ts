import type { Change } from '../core/durable-state.ts';
import { keyOf } from './change-key.ts';
import { ChangeList } from './change-list.ts';
import { isDeliveryChange } from './delivery-change.ts';
import type { StoreError } from './error.ts';

type Done = (error: Error | undefined) => void;

/** Changes that go to disk in one transaction, and who waits for each. */
export class Batch {
  /** Rows to write, in order. A later change of the same key took the place of an earlier one. */
  readonly changes = new ChangeList();
  readonly #ofKey = new Map<string, { readonly row: number; readonly known: number }>();
  /** The callback of every commit, in order. */
  readonly #dones: (Done | undefined)[] = [];
  /** The row that carries each; `undefined` while each has its own. */
  #rows: number[] | undefined;
  readonly #watchers: (() => void)[] = [];
  #cost = 0;

  /** Changes that were added, also those that others replaced. */
  get size(): number {
    return this.#dones.length;
  }

  /** What the changes that were added cost together, in bytes. */
  get cost(): number {
    return this.#cost;
  }

  /**
   * Adds a change. One of the same key as an earlier one takes its row.
   * @param cost What it holds, in bytes.
   */
  add(change: Change, cost: number, done: Done | undefined): void {
    this.#cost += cost;
    if (isDeliveryChange(change)) {
      // Each step counts, in its place; what is of other keys does not meet it.
      this.#wait(this.changes.length, done);
      this.changes.add(change);
      return;
    }
    const key = keyOf(change);
    const before = key === undefined ? undefined : this.#ofKey.get(key);
    const row = before?.row ?? this.changes.length;
    this.#wait(row, done);
    if (before !== undefined) {
      this.changes.replace(before.known, change);
      return;
    }
    const known = this.changes.add(change);
    // A change of many keys must keep its place between the changes of each.
    if (key === undefined) this.#ofKey.clear();
    else this.#ofKey.set(key, { row, known });
  }

  #wait(row: number, done: Done | undefined): void {
    if (row !== this.#dones.length) this.#rows ??= this.#dones.map((_, index) => index);
    this.#rows?.push(row);
    this.#dones.push(done);
  }

  /** Calls `watcher` after every callback of this batch. */
  whenReported(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  /** Calls every callback in the order of the commits; returns how many got an error. */
  report(errorOf: (row: number) => StoreError | undefined): number {
    let failed = 0;
    this.#dones.forEach((done, index) => {
      const error = errorOf(this.#rows === undefined ? index : (this.#rows[index] ?? 0));
      if (error !== undefined) failed += 1;
      if (done !== undefined) guarded(done, error);
    });
    for (const watcher of this.#watchers) watcher();
    return failed;
  }
}

/** A callback that throws must not keep the others from being called; its error surfaces on its own. */
function guarded(done: Done, failure: StoreError | undefined): void {
  try {
    done(failure);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
