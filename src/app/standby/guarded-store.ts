import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Change, Snapshot } from '../../core/durable-state.ts';
import { StoreError } from '../../store/error.ts';
import type { Store, StoreHealth, StoreStats } from '../../store/store.ts';

/** What is known of the lease. */
interface Guard {
  /** For people: which database. */
  readonly place: string;
  /** Whether this instance has the lease for sure. */
  sure(): boolean;
  /** The database says that another has it. */
  fenced(): void;
}

/**
 * The store of a router that may lose the lease: nothing new is accepted while it is not sure to have it, so that
 * nobody is promised what another may be the one to keep.
 */
export class GuardedStore implements Store {
  readonly #store: Store;
  readonly #guard: Guard;
  #refused = 0;

  constructor(store: Store, guard: Guard) {
    this.#store = store;
    this.#guard = guard;
  }

  get health(): StoreHealth {
    return this.#store.health;
  }

  get stats(): StoreStats {
    const { stats } = this.#store;
    return { ...stats, failed: stats.failed + this.#refused };
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    if (change.op === 'accept' && !this.#guard.sure()) {
      this.#refused += 1;
      queueMicrotask(() => done?.(this.#unsure()));
      return;
    }
    this.#store.commit(change, (error) => {
      if (error instanceof StoreError && error.kind === 'fenced') this.#guard.fenced();
      done?.(error);
    });
  }

  load(): Promise<Snapshot> {
    return this.#store.load();
  }

  read(query: QueueQuery): Promise<QueueRows> {
    return this.#store.read(query);
  }

  flush(): Promise<void> {
    return this.#store.flush();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #unsure(): StoreError {
    const problem = 'the database has not confirmed in time that this instance is the active one.';
    return new StoreError('unreachable', this.#guard.place, problem, 'Nothing is accepted until it has.');
  }
}
