import type { Snapshot } from '../../../src/core/durable-state.ts';
import { MemoryBudget } from '../../../src/core/memory/memory.ts';
import type { ChangeList } from '../../../src/store/change-list.ts';
import { StoreError } from '../../../src/store/error.ts';
import { type BatchReport, type BatchWriter, defaultLimits, Journal } from '../../../src/store/journal.ts';
import { MemoryWriter } from '../../../src/store/memory.ts';
import type { Fingerprint, Handover, LeaseView, SharedDatabase } from '../../../src/store/shared.ts';
import type { Store } from '../../../src/store/store.ts';
import { until } from '../until.ts';
import { ModelledLease } from './modelled-lease.ts';

/** A database in this process, which instances in this process share. Its clock differs from theirs by `skew`. */
export class MemoryCluster {
  readonly lease = new ModelledLease();
  readonly rows = new MemoryWriter();
  unrouted: readonly string[] = [];
  /** Nobody reaches it. */
  away = false;
  skew = 0;
  #instances = 0;

  connect(name: string): MemoryDatabase {
    this.#instances += 1;
    const id = `instance-${this.#instances}`;
    this.lease.names.set(id, name);
    return new MemoryDatabase(this, id);
  }

  reach(): void {
    this.lease.now = Date.now() + this.skew;
    if (this.away) throw new StoreError('unreachable', 'memory', 'nobody answers.', 'Wait.');
  }
}

export class MemoryDatabase implements SharedDatabase {
  /** What was asked and said of configurations. */
  readonly configurationCalls: string[] = [];
  readonly place = 'memory';
  /** It gives no answer. */
  hangs = false;
  readonly id: string;
  readonly #cluster: MemoryCluster;

  constructor(cluster: MemoryCluster, id: string) {
    this.#cluster = cluster;
    this.id = id;
  }

  async beat(epoch: number | undefined, ttl: number): Promise<LeaseView> {
    await this.#reach();
    return this.#cluster.lease.execute(this.id, { kind: 'beat', epoch }, ttl);
  }

  async claim(ttl: number): Promise<LeaseView> {
    await this.#reach();
    return this.#cluster.lease.execute(this.id, { kind: 'claim' }, ttl);
  }

  async release(epoch: number): Promise<void> {
    await this.#reach();
    this.#cluster.lease.execute(this.id, { kind: 'release', epoch }, 0);
  }

  async handOver(step: Handover | undefined, epoch: number): Promise<void> {
    await this.#reach();
    this.#cluster.lease.execute(this.id, { kind: step === 'ready' ? 'ready' : 'ask', epoch }, 0);
  }

  async keepUnrouted(epoch: number, stanzas: readonly string[]): Promise<void> {
    await this.#reach();
    if (epoch !== this.#cluster.lease.epoch) throw fenced();
    this.#cluster.unrouted = [...this.#cluster.unrouted, ...stanzas];
  }

  async takeUnrouted(): Promise<readonly string[]> {
    await this.#reach();
    const { unrouted } = this.#cluster;
    this.#cluster.unrouted = [];
    return unrouted;
  }

  async describe(fingerprint: Fingerprint): Promise<void> {
    this.configurationCalls.push('describe');
    await this.#reach();
    this.#cluster.lease.described.set(this.id, fingerprint);
  }

  async sectionsOf(id: string): Promise<Fingerprint['sections'] | undefined> {
    this.configurationCalls.push(`sectionsOf ${id}`);
    await this.#reach();
    return this.#cluster.lease.described.get(id)?.sections;
  }

  async snapshot(): Promise<Snapshot> {
    await this.#reach();
    return this.#cluster.rows.load();
  }

  openStore(epoch: number, memory = new MemoryBudget(1 << 24)): Promise<Store> {
    return Promise.resolve(new Journal(new FencedWriter(this.#cluster, epoch), defaultLimits, memory));
  }

  close(): Promise<void> {
    this.#cluster.lease.leave(this.id);
    return Promise.resolve();
  }

  async #reach(): Promise<void> {
    await until(() => !this.hangs, 'an answer');
    this.#cluster.reach();
  }
}

class FencedWriter implements BatchWriter {
  readonly file = 'memory';
  readonly restarts = 0;
  readonly #cluster: MemoryCluster;
  readonly #epoch: number;

  constructor(cluster: MemoryCluster, epoch: number) {
    this.#cluster = cluster;
    this.#epoch = epoch;
  }

  get down(): StoreError | undefined {
    return this.#cluster.away ? new StoreError('unreachable', 'memory', 'nobody answers.', 'Wait.') : undefined;
  }

  write(changes: ChangeList): Promise<BatchReport> {
    return this.#cluster.lease.epoch === this.#epoch ? this.#cluster.rows.write(changes) : Promise.reject(fenced());
  }

  load(): ReturnType<BatchWriter['load']> {
    return this.#cluster.rows.load();
  }

  read(query: Parameters<BatchWriter['read']>[0]): ReturnType<BatchWriter['read']> {
    return this.#cluster.rows.read(query);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function fenced(): StoreError {
  return new StoreError('fenced', 'memory', 'another instance has the lease.', 'This one stops.');
}
