import type { Snapshot } from '../core/durable-state.ts';
import type { MemoryBudget } from '../core/memory/memory.ts';
import type { Store } from './store.ts';

/** How far a planned change of the active instance is: `asked` by the active one, `ready` says the one that follows. */
export type Handover = 'asked' | 'ready';

/** What must be alike in all instances that share a database, in short hashes: no value can be read out of it. */
export interface Fingerprint {
  /** Of all sections. */
  readonly digest: string;
  /** A hash by the key that the section has in the configuration, such as `access.admins` or `pools.jobs`. */
  readonly sections: Readonly<Record<string, string>>;
}

/** An instance that has said lately that it lives. Times in epoch milliseconds of the database's clock. */
export interface InstanceView {
  /** What operators call it. */
  readonly name: string;
  /** Differs from process to process. */
  readonly id: string;
  readonly version: string;
  readonly role: 'active' | 'standby';
  /** When it last said so. */
  readonly beat: number;
  /** What `describe` was given; `null` before that, absent where the tables are of an older version. */
  readonly digest?: string | null;
}

/** Who may write, as the database says. Times in epoch milliseconds of the database's clock. */
export interface LeaseView {
  /** Grows with each claim by another process; 0 before the first. */
  readonly epoch: number;
  /** Id of the instance that has the lease, or had it last; `undefined` before the first. */
  readonly owner: string | undefined;
  /** What operators call it, also when it is gone; `undefined` where that is not known. */
  readonly ownerName?: string | undefined;
  /** When the lease runs out unless it is renewed; 0 when it was given back. */
  readonly until: number;
  readonly handover: Handover | undefined;
  /** Id of the instance that is ready to follow; `undefined` unless `handover` is `ready`. */
  readonly successor: string | undefined;
  readonly instances: readonly InstanceView[];
  /** The database's clock as it answered. */
  readonly now: number;
}

/**
 * A database that several instances share, of which one at a time may write: the one with the lease.
 * Every call rejects with a `StoreError` when the database cannot be used, and may be made again: it
 * connects anew by itself.
 */
export interface SharedDatabase {
  /** Hosts, database and schema, for people; no password. */
  readonly place: string;
  /** Id of this instance. */
  readonly id: string;
  /**
   * Says that this instance lives; renews the lease, by `ttl` milliseconds, when it has it with `epoch`. Whether it
   * still has it is in the answer.
   * @param epoch `undefined` for an instance that stands by.
   */
  beat(epoch: number | undefined, ttl: number): Promise<LeaseView>;
  /**
   * Takes the lease, with the next epoch, when it ran out or was given back, or when this instance is the one that is
   * ready to follow and it was given back to it. Brings the tables up to this version then. Whether it has it is in the answer.
   */
  claim(ttl: number): Promise<LeaseView>;
  /** Gives the lease back; nothing when it is not had with `epoch`. */
  release(epoch: number): Promise<void>;
  /** Notes how far a planned change is: `asked` with the epoch that is had, `ready` with the one that stands in the lease. */
  handOver(step: Handover | undefined, epoch: number): Promise<void>;
  /**
   * Keeps stanzas that came as the place was given up, as they came, for the next; with `epoch` or not at all.
   */
  keepUnrouted(epoch: number, stanzas: readonly string[]): Promise<void>;
  /** Takes what was kept so, in order; with `epoch`, and once. */
  takeUnrouted(epoch: number): Promise<readonly string[]>;
  /** Says what this instance is configured to do, once a beat was heard: the others see the digest with it. */
  describe(fingerprint: Fingerprint): Promise<void>;
  /** The sections that another instance described; `undefined` when it did not. */
  sectionsOf(id: string): Promise<Fingerprint['sections'] | undefined>;
  /** Everything stored, as of now, for an instance that stands by. */
  snapshot(): Promise<Snapshot>;
  /** The store, for who has the lease with `epoch`: with any other nothing is written, and each change gets the error `fenced`. */
  openStore(epoch: number, memory?: MemoryBudget): Promise<Store>;
  /** Ends this instance's entry and its connections. Stores that it opened are closed before. */
  close(): Promise<void>;
}
