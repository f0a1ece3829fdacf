import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Change, Snapshot } from '../../core/durable-state.ts';
import { costOf } from '../../store/cost.ts';
import { StoreError } from '../../store/error.ts';
import type { Store, StoreHealth, StoreStats } from '../../store/store.ts';

/** What is known of the lease. */
interface Guard {
  /** For people: which database. */
  readonly place: string;
  /** Milliseconds that a message may wait for the database to say whether the lease is still had; 0 for none. */
  readonly patience: number;
  /** Whether this instance has the lease for sure. */
  sure(): boolean;
  /** Whether the database may answer soon: it did when it was asked last. */
  hopeful(): boolean;
  /** The database says that another has it. */
  fenced(): void;
}

interface Held {
  readonly change: Change;
  readonly done: ((error: Error | undefined) => void) | undefined;
}

/** Between two looks whether the lease is had again, in milliseconds. */
const lookEvery = 10;
/** Bytes that may be held; what comes beyond them is not waited for. */
const heldMost = 16 * 1024 * 1024;

/**
 * The store of a router that may lose the lease: nothing new is accepted while it is not sure to have it, so that
 * nobody is promised what another may be the one to keep.
 *
 * A process that was stopped wakes with a lease that has run out by its clock, and messages to read. They are held for a
 * moment, in order with all that follows them, until the database has said whose the lease is. Nothing is promised
 * meanwhile, and every write carries the epoch: where another has the lease it fails as any other.
 */
export class GuardedStore implements Store {
  readonly #store: Store;
  readonly #guard: Guard;
  #refused = 0;
  #held: Held[] = [];
  #bytes = 0;
  #readers: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Until when it is waited, of the steady clock; `undefined` while nothing is held. */
  #until: number | undefined;
  /** Whether the database has not answered in time since the lease was had for sure. */
  #waited = false;

  constructor(store: Store, guard: Guard) {
    this.#store = store;
    this.#guard = guard;
  }

  get health(): StoreHealth {
    return this.#store.health;
  }

  get stats(): StoreStats {
    const { stats } = this.#store;
    return { ...stats, failed: stats.failed + this.#refused, pending: stats.pending + this.#held.length };
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    if (this.#until !== undefined) this.#look();
    if (this.#until !== undefined) this.#hold({ change, done });
    else if (change.op !== 'accept') this.#pass({ change, done });
    else if (this.#guard.sure()) {
      this.#waited = false;
      this.#pass({ change, done });
    } else if (!this.#waited && this.#guard.patience > 0 && this.#guard.hopeful()) this.#hold({ change, done });
    else this.#refuse({ change, done });
  }

  load(): Promise<Snapshot> {
    this.#settle();
    return this.#store.load();
  }

  async read(query: QueueQuery): Promise<QueueRows> {
    if (this.#until !== undefined) {
      await new Promise<void>((resolve) => {
        this.#readers.push(resolve);
      });
    }
    return this.#store.read(query);
  }

  flush(): Promise<void> {
    this.#settle();
    return this.#store.flush();
  }

  close(): Promise<void> {
    this.#settle();
    return this.#store.close();
  }

  #hold(held: Held): void {
    this.#held.push(held);
    this.#bytes += costOf(held.change);
    if (this.#until === undefined) {
      this.#until = performance.now() + this.#guard.patience;
      this.#timer = setInterval(() => this.#look(), lookEvery);
    } else if (this.#bytes >= heldMost) this.#settle();
  }

  /** Goes on once the lease is had for sure, or it has taken too long. */
  #look(): void {
    if (this.#guard.sure() || performance.now() >= (this.#until ?? 0)) this.#settle();
  }

  /** Nothing is waited for any more: all that is held goes its way, in order. */
  #settle(): void {
    if (this.#until === undefined) return;
    clearInterval(this.#timer);
    this.#until = undefined;
    const sure = this.#guard.sure();
    this.#waited = !sure;
    this.#bytes = 0;
    for (const held of this.#held.splice(0)) {
      if (sure || held.change.op !== 'accept') this.#pass(held);
      else this.#refuse(held);
    }
    // Whoever reads finds what was committed before.
    for (const read of this.#readers.splice(0)) read();
  }

  #pass({ change, done }: Held): void {
    this.#store.commit(change, (error) => {
      if (error instanceof StoreError && error.kind === 'fenced') this.#guard.fenced();
      done?.(error);
    });
  }

  #refuse({ done }: Held): void {
    this.#refused += 1;
    queueMicrotask(() => done?.(this.#unsure()));
  }

  #unsure(): StoreError {
    const problem = 'the database has not confirmed in time that this instance is the active one.';
    return new StoreError('unreachable', this.#guard.place, problem, 'Nothing is accepted until it has.');
  }
}
