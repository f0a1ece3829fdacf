import type { Worker } from 'node:worker_threads';
import type { QueueQuery, QueueRows } from '../../core/delivery-state.ts';
import type { Snapshot } from '../../core/durable-state.ts';
import type { ChangeList } from '../change-list.ts';
import { StoreError } from '../error.ts';
import type { BatchReport, BatchWriter } from '../journal.ts';
import { fromFailure, fromFailures, type Hurry, type Notice, type Reply, type Request } from './protocol.ts';

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: StoreError) => void;
}

/** A batch that a thread died with: whether it was written, the next thread can tell. */
interface Unsure extends Waiting {
  readonly batch: number;
  readonly error: StoreError;
}

/** What a writer thread needs from outside. */
export interface ThreadWriterOptions {
  readonly file: string;
  /** Starts the thread; called again after it has died. */
  readonly start: () => Worker;
  /** Milliseconds before the first restart; doubled for each that fails, up to `maxDelay`. */
  readonly minDelay: number;
  readonly maxDelay: number;
}

/**
 * The main thread's end of the writer thread. When the thread dies, what it was asked fails, `down`
 * says so, and it is started again with growing pauses; the process lives on. A batch with steps of
 * deliveries waits until a new thread has said whether it was written: who is told that a step
 * failed may rely on it.
 */
export class ThreadWriter implements BatchWriter {
  readonly file: string;
  readonly #options: ThreadWriterOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  /** Why there is no thread. */
  #down: StoreError | undefined;
  /** Why the thread that there is cannot write. */
  #away: StoreError | undefined;
  #nextId = 1;
  /** Numbers of batches differ from those of every process before. */
  #firstBatch = Date.now() * 1_024;
  /** The request under way whose fate must be known. */
  #crucial = 0;
  #unsure: Unsure | undefined;
  #restarts = 0;
  #delay: number;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: ThreadWriterOptions) {
    this.file = options.file;
    this.#options = options;
    this.#delay = options.minDelay;
  }

  get down(): StoreError | undefined {
    return this.#down ?? this.#away;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Starts the thread; resolves when the database is open, rejects with a `StoreError`. */
  open(): Promise<void> {
    return this.#launch();
  }

  async write(changes: ChangeList): Promise<BatchReport> {
    const id = this.#takeId();
    if (changes.steps > 0) this.#crucial = id;
    const packed = changes.pack();
    const request = { kind: 'write', id, batch: this.#firstBatch + id, changes: packed } as const;
    const reply = await this.#ask(request, [packed.numbers.buffer]);
    return { refused: fromFailures(reply.kind === 'written' ? reply.refused : new Map()) };
  }

  async load(): Promise<Snapshot> {
    const reply = await this.#ask({ kind: 'load', id: this.#takeId() });
    if (reply.kind !== 'loaded') throw died(this.file, `it answered '${reply.kind}' to a load`);
    return reply.snapshot;
  }

  async read(query: QueueQuery): Promise<QueueRows> {
    const reply = await this.#ask({ kind: 'read', id: this.#takeId(), query });
    if (reply.kind !== 'read') throw died(this.file, `it answered '${reply.kind}' to a read`);
    return reply.rows;
  }

  hurry(): void {
    const hurry: Hurry = { kind: 'hurry' };
    this.#worker?.postMessage(hurry);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#giveUp();
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
    if (this.down === undefined) await this.#ask({ kind: 'close', id: this.#takeId() });
    else await worker.terminate();
    await exited;
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }

  /** @param given What the thread gets instead of a copy; nobody may look at it any more. */
  #ask(request: Request, given: readonly ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#worker === undefined || this.down !== undefined) {
        reject(this.down ?? new StoreError('closed', this.file, 'the store is not open.', 'Open it first.'));
        return;
      }
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.postMessage(request, given);
    });
  }

  /** Starts a thread; the reply with id 0 is about its opening. A thread that refuses is ended. */
  async #launch(): Promise<void> {
    const worker = this.#options.start();
    let cause = '';
    let opened = false;
    worker.on('message', (message: Reply | Notice) => this.#hear(message));
    worker.on('error', (error) => {
      cause = String(error);
    });
    worker.once('exit', (code) => {
      const error = died(this.file, cause === '' ? `exit code ${code}` : cause);
      this.#failAll(error);
      if (opened) this.#ended(error);
    });
    this.#worker = worker;
    try {
      await new Promise<Reply>((resolve, reject) => void this.#waiting.set(0, { resolve, reject }));
      opened = true;
    } catch (error) {
      this.#worker = undefined;
      await worker.terminate();
      throw error;
    }
  }

  #hear(message: Reply | Notice): void {
    if (message.kind === 'down') this.#away = fromFailure(message.failure);
    else if (message.kind === 'up') this.#away = undefined;
    else this.#take(message);
  }

  #take(reply: Reply): void {
    if (reply.kind === 'opened') this.#firstBatch = Math.max(this.#firstBatch, reply.last);
    const id = reply.kind === 'opened' ? 0 : reply.id;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.kind === 'failed') waiting?.reject(fromFailure(reply.failure));
    else waiting?.resolve(reply);
  }

  #failAll(error: StoreError): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, waiting] of all) {
      if (id === this.#crucial && this.#closing === undefined) {
        this.#unsure = { ...waiting, batch: this.#firstBatch + id, error };
      } else waiting.reject(error);
    }
  }

  /** What was refused of a batch died with its thread; what the database does not know of is told as written. */
  async #decide(unsure: Unsure): Promise<void> {
    const { batch, resolve, reject, error } = unsure;
    try {
      const reply = await this.#ask({ kind: 'was-last', id: this.#takeId(), batch });
      if (reply.kind === 'was-last' && reply.written) resolve({ kind: 'written', id: 0, refused: reply.refused });
      else reject(error);
    } catch {
      // A thread that has ended without an answer leaves the question to the next.
      if (this.#worker === undefined && this.#closing === undefined) this.#unsure = unsure;
      else reject(error);
    }
  }

  #giveUp(): void {
    this.#unsure?.reject(this.#unsure.error);
    this.#unsure = undefined;
  }

  #ended(error: StoreError): void {
    this.#worker = undefined;
    this.#away = undefined;
    if (this.#closing !== undefined) return;
    this.#down = error;
    this.#restartLater();
  }

  #restartLater(): void {
    this.#timer = setTimeout(() => void this.#restart(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, this.#options.maxDelay);
  }

  async #restart(): Promise<void> {
    this.#restarts += 1;
    try {
      await this.#launch();
      this.#down = undefined;
      this.#delay = this.#options.minDelay;
      const unsure = this.#unsure;
      this.#unsure = undefined;
      if (unsure !== undefined) await this.#decide(unsure);
    } catch (error) {
      this.#giveUp();
      if (this.#closing !== undefined) return;
      if (error instanceof StoreError) this.#down = error;
      this.#restartLater();
    }
  }
}

function died(file: string, cause: string): StoreError {
  return new StoreError('writer-died', file, `the writer thread ended (${cause}).`, 'It is started again by itself.');
}
