import { setTimeout as sleep } from 'node:timers/promises';
import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Change, Snapshot } from '../../core/durable-state.ts';
import { StoreError } from '../error.ts';
import type { BatchReport } from '../journal.ts';
import { readDeliveries } from './delivery-reads.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { type BatchTarget, PendingBatch } from './pending-batch.ts';
import { QueryError } from './query-error.ts';
import { quoted } from './quoted.ts';
import { openSession, type Session } from './session.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';
import { SteadySession, type Watcher } from './steady-session.ts';

/** Which database, and by what right it is written. Plain data: it is given to the writer thread as it is. */
export interface WriterOptions {
  readonly settings: ConnectionSettings;
  /** The epoch of the lease that is had. */
  readonly epoch: number;
}

/** Milliseconds that who is to be closed waits to learn what became of a batch. */
const hurryLimit = 3_000;
/** Milliseconds between two questions after it. */
const pause = 200;

/**
 * Writes batches through failovers: a batch that was sent when the connection was lost is asked about, and sent again, until
 * it is known what became of it. Reads go over a session of their own, so that a long one holds up no batch.
 */
export class SteadyWriter {
  readonly #settings: ConnectionSettings;
  readonly #target: BatchTarget;
  readonly #watcher: Watcher;
  readonly #steady: SteadySession;
  #reads: Promise<Session> | undefined;
  /** The last batch of this epoch that the database has noted. */
  #before: number | undefined;
  #fenced: StoreError | undefined;
  #closed = false;
  /** Whether a lost batch is waited for no longer, and who is to be told of that. */
  #hasGivenUp = false;
  readonly #waiting = new Set<() => void>();
  /** It is to be closed; a batch is under way; until when that is waited for. */
  #hurried = false;
  #settling = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ settings, epoch }: WriterOptions, watcher: Watcher) {
    this.#settings = settings;
    this.#target = { schema: settings.schema, place: placeOf(settings), epoch };
    this.#watcher = watcher;
    this.#steady = new SteadySession(settings, {
      down: (reason) => {
        // The host that is read from may be one that the others have left.
        this.#dropReads();
        watcher.down(reason);
      },
      up: () => watcher.up(),
    });
  }

  /** Connects. Rejects with a `StoreError`. @returns The highest number of a batch of this epoch; 0 for none. */
  async open(): Promise<number> {
    const session = await this.#steady.open();
    const { schema, epoch } = this.#target;
    const text = `select max(number) as last from ${quoted(schema)}.batch where epoch = $1`;
    const [found] = await session.query<{ readonly last: number | null }>(text, [epoch]);
    this.#before = found?.last ?? undefined;
    return found?.last ?? 0;
  }

  /** Rejects with a `StoreError`: `writer-died` when it was given up, and may be written; else it is not. */
  async write(changes: readonly Change[], number: number): Promise<BatchReport> {
    this.#refuseAway();
    return this.#settle(new PendingBatch(this.#target, changes, { number, before: this.#before }), number);
  }

  /** Whether the batch of this number was written, and what of it was refused; from now on it is not written any more. */
  async wasWritten(number: number): Promise<BatchReport & { readonly written: boolean }> {
    const empty = new PendingBatch(this.#target, [], { number, before: this.#before });
    const report = await this.#settle(empty, number);
    return { ...report, written: empty.known };
  }

  load(): Promise<Snapshot> {
    const { schema, place } = this.#target;
    return this.#read((session) => loadSnapshot(session, schema, place));
  }

  read(query: QueueQuery): Promise<QueueRows> {
    const { schema, place } = this.#target;
    return this.#read((session) => readDeliveries(session, schema, place, query));
  }

  /** It is to be closed: what became of a lost batch is waited for a little, and no longer. */
  hurry(): void {
    this.#hurried = true;
    this.#bound();
  }

  /** Resolves within two seconds or so, whatever the server does. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#giveUp();
    this.#dropReads();
    await this.#steady.end();
  }

  async #settle(batch: PendingBatch, number: number): Promise<BatchReport> {
    this.#settling = true;
    this.#bound();
    try {
      return await this.#insist(batch);
    } finally {
      this.#settling = false;
      clearTimeout(this.#timer);
      if (batch.noted) this.#before = number;
    }
  }

  async #insist(batch: PendingBatch): Promise<BatchReport> {
    for (;;) {
      const session = this.#steady.now ?? (await this.#unlessGivenUp(this.#steady.next()));
      if (session === undefined) throw this.#fenced ?? this.#lost();
      try {
        const report = await this.#unlessGivenUp(batch.write(session));
        if (report === undefined) throw this.#lost();
        return report;
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'fenced') this.#fence(error);
        if (!batch.unsure || !(error instanceof StoreError) || error.kind === 'writer-died') throw error;
      }
      await this.#unlessGivenUp(sleep(pause));
    }
  }

  /** Each batch has its time, so that many that wait are all written; after one that had too little none has. */
  #bound(): void {
    if (!this.#hurried || !this.#settling) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#giveUp(), hurryLimit);
  }

  #giveUp(): void {
    this.#hasGivenUp = true;
    for (const tell of this.#waiting) tell();
  }

  /** What `work` gives, or `undefined` as soon as it is waited for no longer. */
  #unlessGivenUp<Result>(work: Promise<Result>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      const tell = (): void => resolve(undefined);
      this.#waiting.add(tell);
      if (this.#hasGivenUp) tell();
      work.then(resolve, reject).finally(() => this.#waiting.delete(tell));
    });
  }

  /** Nothing is written any more, and nothing that matters can be read. */
  #fence(reason: StoreError): void {
    if (this.#fenced !== undefined) return;
    this.#fenced = reason;
    this.#watcher.down(reason);
    this.#dropReads();
    void this.#steady.end();
  }

  async #read<Result>(ask: (session: Session) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      this.#refuseAway();
      try {
        return await ask(await this.#readSession());
      } catch (error) {
        const wasLost = error instanceof QueryError && error.outcome === 'unknown';
        if (!wasLost || tries > 1) throw error;
      }
    }
  }

  #readSession(): Promise<Session> {
    const dropped = (): void => {
      if (this.#reads === opening) this.#reads = undefined;
    };
    if (this.#reads !== undefined) return this.#reads;
    const opening: Promise<Session> = openSession(this.#settings, dropped);
    this.#reads = opening;
    opening.catch(dropped);
    return opening;
  }

  #dropReads(): void {
    const reads = this.#reads;
    this.#reads = undefined;
    reads?.then((session) => session.end()).catch(() => {});
  }

  #refuseAway(): void {
    const { place } = this.#target;
    if (this.#fenced !== undefined) throw this.#fenced;
    if (this.#closed) throw new StoreError('closed', place, 'the store is closed.', 'Open it again.');
    if (this.#steady.now !== undefined) return;
    throw this.#steady.reason ?? new StoreError('unreachable', place, 'there is no connection.', 'It is tried again.');
  }

  #lost(): StoreError {
    const problem = 'the connection was lost, and it is not known whether the last changes were written.';
    return new StoreError('writer-died', this.#target.place, problem, 'It is known when the store is opened again.');
  }
}
