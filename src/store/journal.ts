import type { QueueQuery, QueueRows } from '../core/delivery-state.ts';
import type { Change, Snapshot } from '../core/durable-state.ts';
import { MemoryBudget } from '../core/memory/memory.ts';
import { Batch } from './batch.ts';
import type { ChangeList } from './change-list.ts';
import { costOf } from './cost.ts';
import { StoreError } from './error.ts';
import type { Store, StoreHealth, StoreStats } from './store.ts';

/** What became of a batch that was committed: the rows that it left out, with the reason; `full` for want of room. */
export interface BatchReport {
  readonly refused: ReadonlyMap<number, StoreError>;
}

/** Writes batches, each wholly or not at all. One call of `write` is outstanding at a time. */
export interface BatchWriter {
  readonly file: string;
  /** Why nothing can be written now, or `undefined`. */
  readonly down: StoreError | undefined;
  readonly restarts: number;
  /** Rejects with a `StoreError` when nothing of the batch was stored. An empty batch tries whether the disk takes a write. */
  write(changes: ChangeList): Promise<BatchReport>;
  load(): Promise<Snapshot>;
  read(query: QueueQuery): Promise<QueueRows>;
  /** Says that it is to be closed: a batch that waits for a database which is away is given up soon, with `writer-died`. */
  hurry?(): void;
  close(): Promise<void>;
}

/** Bounds of a journal. */
export interface JournalLimits {
  /** Most rows in one batch, steps of deliveries not counted. */
  readonly batchRows: number;
  /** Most rows in one batch; a step of a delivery takes a fraction of the time of other changes. */
  readonly batchSteps: number;
  /** Most changes accepted and not yet reported, also those that share a row; more are refused. */
  readonly pending: number;
  /** Milliseconds after which a commit that is not reported makes the store unhealthy. */
  readonly stall: number;
  /** Milliseconds from a failed commit to a trial write, so that health returns without traffic. */
  readonly trial: number;
}

/** What may wait where nobody says how much, in bytes. */
const defaultMemory = 32 * 1024 * 1024;

export const defaultLimits: JournalLimits = {
  batchRows: 500,
  batchSteps: 4_000,
  pending: 100_000,
  stall: 10_000,
  trial: 5_000,
};

/**
 * How much of what may wait new deliveries may take. The rest is for the steps of those that are
 * there: an acknowledgement that found no room would mean a message delivered twice.
 */
const shareOfNew = 3 / 4;

/**
 * The order of writing. Changes gather in the open batch; it is posted at the end of the turn
 * when nothing is outstanding, else when the batch before it is reported. So batches grow with
 * the load, and no timer runs while all is well.
 */
export class Journal implements Store {
  readonly #writer: BatchWriter;
  readonly #limits: JournalLimits;
  readonly #memory: MemoryBudget;
  readonly #queue: Batch[] = [];
  #posted: Batch | undefined;
  #postedAt = 0;
  #woken = false;
  #closing: Promise<void> | undefined;
  #failure: StoreError | undefined;
  #trial: NodeJS.Timeout | undefined;
  #batches = 0;
  #rows = 0;
  #failed = 0;
  #pending = 0;
  #latency = 0;

  /** @param memory For the changes accepted and not yet reported; those that find no room are refused. */
  constructor(writer: BatchWriter, limits = defaultLimits, memory = new MemoryBudget(defaultMemory)) {
    this.#writer = writer;
    this.#limits = limits;
    this.#memory = memory;
  }

  get health(): StoreHealth {
    const error = this.#writer.down ?? this.#failure;
    if (error !== undefined) return { ok: false, reason: error.message };
    const waited = performance.now() - this.#postedAt;
    if (this.#posted === undefined || waited <= this.#limits.stall) return { ok: true };
    return { ok: false, reason: `${this.#writer.file}: the disk has not answered for ${Math.round(waited / 1000)} s.` };
  }

  get stats(): StoreStats {
    return {
      batches: this.#batches,
      rows: this.#rows,
      failed: this.#failed,
      pending: this.#pending,
      latency: this.#latency,
      restarts: this.#writer.restarts,
    };
  }

  async load(): Promise<Snapshot> {
    await this.flush();
    return this.#writer.load();
  }

  async read(query: QueueQuery): Promise<QueueRows> {
    await this.flush();
    return this.#writer.read(query);
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    const cost = costOf(change);
    if (!this.#admits(change, cost)) {
      this.#failed += 1;
      if (done !== undefined) this.#refuse(done);
      return;
    }
    let batch = this.#queue.at(-1);
    if (batch === undefined || this.#isFull(batch)) {
      batch = new Batch();
      this.#queue.push(batch);
    }
    batch.add(change, cost, done);
    this.#pending += 1;
    this.#wake();
  }

  flush(): Promise<void> {
    const last = this.#queue.at(-1) ?? this.#posted;
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => last.whenReported(resolve));
  }

  close(): Promise<void> {
    clearTimeout(this.#trial);
    if (this.#closing === undefined) this.#writer.hurry?.();
    this.#closing ??= this.flush().then(() => this.#writer.close());
    return this.#closing;
  }

  #isFull({ changes }: Batch): boolean {
    const { batchRows, batchSteps } = this.#limits;
    return changes.length - changes.steps >= batchRows || changes.length >= batchSteps;
  }

  /** Whether a change is taken; its cost is reserved then. */
  #admits({ op }: Change, cost: number): boolean {
    if (this.#closing !== undefined || this.#writer.down !== undefined) return false;
    return this.#hasRoom(op === 'accept' ? shareOfNew : 1, cost) && this.#memory.take(cost);
  }

  /** Only for who wants to know: of those that are written behind many may be refused, and an error takes as long as a message. */
  #refuse(done: (error: Error) => void): void {
    const refusal = this.#refusal();
    queueMicrotask(() => done(refusal));
  }

  /** Why a change is not taken. */
  #refusal(): StoreError {
    const { file, down } = this.#writer;
    if (this.#closing !== undefined) return new StoreError('closed', file, 'the store is closed.', 'Open it again.');
    if (down !== undefined) return down;
    const held = Math.round(this.#memory.used / 1024);
    const problem = `${this.#pending} changes of ${held} KiB wait for the disk, and more are not taken.`;
    return new StoreError('overflow', file, problem, 'Use a faster disk, or find what slows this one.');
  }

  #hasRoom(share: number, cost: number): boolean {
    if (this.#pending >= share * this.#limits.pending) return false;
    return this.#memory.used + cost <= share * this.#memory.limit;
  }

  #wake(): void {
    if (this.#woken || this.#posted !== undefined) return;
    this.#woken = true;
    queueMicrotask(() => {
      this.#woken = false;
      this.#post();
    });
  }

  #post(): void {
    const batch = this.#queue.shift();
    if (batch === undefined) return;
    const { down } = this.#writer;
    this.#posted = batch;
    this.#postedAt = performance.now();
    const written = down === undefined ? this.#writer.write(batch.changes) : Promise.reject(down);
    written.then(
      (report) => this.#committed(batch, report),
      (error: unknown) => this.#lost(batch, error),
    );
  }

  #committed(batch: Batch, report: BatchReport): void {
    this.#latency = performance.now() - this.#postedAt;
    this.#failure = firstFull(report);
    this.#batches += 1;
    this.#rows += batch.changes.length - report.refused.size;
    this.#report(batch, report.refused.size === 0 ? noError : (row) => report.refused.get(row));
    if (this.#failure !== undefined) this.#tryLater();
  }

  #lost(batch: Batch, cause: unknown): void {
    const error =
      cause instanceof StoreError
        ? cause
        : new StoreError('io', this.#writer.file, `the batch was not written: ${String(cause)}.`, 'See the log.');
    // What the writer itself calls down ends when the writer says so.
    if (this.#writer.down === undefined) this.#failure = error;
    this.#report(batch, () => error);
    if (this.#failure !== undefined) this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closing !== undefined) return;
    clearTimeout(this.#trial);
    this.#trial = setTimeout(() => {
      if (this.#failure === undefined || this.#posted !== undefined) return;
      this.#queue.push(new Batch());
      this.#wake();
    }, this.#limits.trial);
    this.#trial.unref();
  }

  #report(batch: Batch, errorOf: (row: number) => StoreError | undefined): void {
    this.#posted = undefined;
    this.#pending -= batch.size;
    this.#memory.give(batch.cost);
    this.#post();
    this.#failed += batch.report(errorOf);
  }
}

/** Of a row of a batch that was written whole. */
function noError(): undefined {
  return undefined;
}

function firstFull({ refused }: BatchReport): StoreError | undefined {
  for (const error of refused.values()) if (error.kind === 'full') return error;
  return undefined;
}
