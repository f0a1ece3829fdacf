import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../src/core/durable-state.ts';
import { StoreError } from '../../src/store/error.ts';
import type { Store } from '../../src/store/store.ts';

export const ack = (id: number): Change => ({ op: 'ack', pool: 'jobs', id });

/** Commits in one turn; `stored`, or the kinds of the errors. */
export function commit(store: Store, changes: readonly Change[]): Promise<string[]> {
  const results = changes.map(
    (change) =>
      new Promise<string>((resolve) => {
        store.commit(change, (error) => resolve(error instanceof StoreError ? error.kind : String(error ?? 'stored')));
      }),
  );
  return Promise.all(results);
}

/** Waits until a condition holds, for 45 s at most. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 45_000; !(await holds()); await sleep(5)) {
    assert.ok(Date.now() < deadline, 'it took too long');
  }
}
