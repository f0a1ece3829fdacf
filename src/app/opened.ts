import type { Snapshot } from '../core/durable-state.ts';
import type { MemoryBudget } from '../core/memory/memory.ts';
import type { Store } from '../store/store.ts';
import type { Sharing } from './sharing.ts';

/** What a router begins with. */
export interface Opened {
  readonly store: Store;
  readonly snapshot: Snapshot;
  /** What the store may hold of changes that wait. */
  readonly changes: MemoryBudget;
  /** Where several instances share the store. */
  readonly sharing?: Sharing;
}
