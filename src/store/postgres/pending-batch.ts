import type { Change } from '../../core/durable-state.ts';
import { endsDeliveries, staleError } from '../delivery-change.ts';
import { StoreError } from '../error.ts';
import type { BatchReport } from '../journal.ts';
import { type BatchValues, type Placed, planBatch, planCareful } from './batch-plan.ts';
import { QueryError } from './query-error.ts';
import { quoted } from './quoted.ts';
import type { Session } from './session.ts';
import { unfit } from './unfit.ts';

/** Where batches are written, and as whom. */
export interface BatchTarget {
  readonly schema: string;
  /** For errors. */
  readonly place: string;
  /** The epoch of the lease that is had. */
  readonly epoch: number;
}

/** Which batch it is: numbers grow within an epoch. */
export interface BatchNumber {
  readonly number: number;
  /** The last one of this epoch that the database has noted; `undefined` for none. */
  readonly before: number | undefined;
}

interface Answer {
  /** `known`: it was written when it was asked for before. `empty`: an empty one was, in its place. */
  readonly outcome: 'written' | 'known' | 'empty' | 'fenced';
  readonly stale: readonly number[] | null;
  readonly refused: Readonly<Record<string, string>> | null;
}

/** Milliseconds that the database may take to write a batch. */
const patience = 30_000;
/** How often a batch is tried that another transaction was in the way of. */
const attempts = 5;
const parameters = Array.from({ length: 44 }, (_, index) => `$${String(index + 1)}`).join(', ');
/** Classes of SQLSTATE that say that a value is not taken: data exception, integrity constraint, limit exceeded. */
const ofValues: ReadonlySet<string> = new Set(['22', '23', '54']);

/**
 * A batch until it is known what became of it. Whenever that is not known, `write` may be called again, with another
 * session: the database writes the batch of a number once, and then says what it said the first time.
 */
export class PendingBatch {
  readonly #target: BatchTarget;
  readonly #changes: readonly Change[];
  readonly #number: BatchNumber;
  readonly #refused = new Map<number, StoreError>();
  #values: BatchValues;
  #careful = false;
  /** Why what ends no deliveries is left out. */
  #full: StoreError | undefined;
  /** It was sent, and the answer was not seen: it may be written, and it may yet come to be. */
  #unsure = false;
  /** Why it is given up: an empty one under its number keeps the first from being written. */
  #givenUp: StoreError | undefined;
  #noted = false;
  #known = false;

  constructor(target: BatchTarget, changes: readonly Change[], number: BatchNumber) {
    this.#target = target;
    this.#changes = changes;
    this.#number = number;
    this.#values = planBatch(this.#fit());
  }

  /** Whether it may be written though no answer was seen. */
  get unsure(): boolean {
    return this.#unsure;
  }

  /** Whether the database has noted its number, written or not. */
  get noted(): boolean {
    return this.#noted;
  }

  /** Whether it was written before it was asked for. */
  get known(): boolean {
    return this.#known;
  }

  /** Rejects with a `StoreError`; when `unsure` is set then, it is not known whether the batch is written, else it is not. */
  async write(session: Session): Promise<BatchReport> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#report(await this.#send(session));
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        if (error.outcome === 'unknown') this.#unsure = true;
        if (error.outcome === 'unknown' || !this.#mayGoOn(error, attempt)) throw plain(error);
      }
    }
  }

  async #send(session: Session): Promise<Answer> {
    const { schema, place, epoch } = this.#target;
    const { number, before } = this.#number;
    const text = `select outcome, stale, refused from ${quoted(schema)}.write_batch(${parameters})`;
    const [answer] = await session.query<Answer>(text, [epoch, number, before, ...this.#values], patience);
    if (answer === undefined) throw new StoreError('io', place, 'it gave no answer to a batch.', 'Please report it.');
    return answer;
  }

  #report({ outcome, stale, refused }: Answer): BatchReport {
    this.#unsure = false;
    this.#noted = outcome !== 'fenced';
    this.#known = outcome === 'known';
    const { place } = this.#target;
    if (outcome === 'fenced') {
      throw new StoreError('fenced', place, 'another instance has the lease.', 'It does the work now.');
    }
    if (this.#givenUp !== undefined && outcome !== 'known') throw this.#givenUp;
    for (const row of stale ?? []) {
      const change = this.#changes[row];
      this.#refused.set(row, change === undefined ? staleSomewhere(place) : staleError(place, change));
    }
    for (const [row, why] of Object.entries(refused ?? {})) this.#refused.set(Number(row), refusal(place, why));
    return { refused: this.#refused };
  }

  /** Whether it is tried once more, and how, after it was not written this time. */
  #mayGoOn(error: QueryError, attempt: number): boolean {
    const { kind, state = '' } = error;
    if (state.startsWith('40')) return attempt < attempts;
    if (this.#givenUp !== undefined) return false;
    if (ofValues.has(state.slice(0, 2)) && !this.#careful) {
      this.#careful = true;
      this.#plan();
      return true;
    }
    if (kind === 'full' && this.#full === undefined && this.#changes.some(endsDeliveries)) {
      this.#full = plain(error);
      this.#plan();
      return true;
    }
    if (!this.#unsure) return false;
    this.#givenUp = plain(error);
    this.#values = planBatch([]);
    return true;
  }

  #plan(): void {
    this.#values = this.#careful ? planCareful(this.#fit()) : planBatch(this.#fit());
  }

  /** Those that are not refused here; of the others it is noted why. */
  #fit(): Placed[] {
    const fit: Placed[] = [];
    this.#changes.forEach((change, place) => {
      // What ends deliveries makes room.
      const full = endsDeliveries(change) ? undefined : this.#full;
      const why = unfit(change);
      if (full !== undefined) this.#refused.set(place, full);
      else if (why === undefined) fit.push({ place, change });
      else this.#refused.set(place, refusal(this.#target.place, why));
    });
    return fit;
  }
}

/** The error alone: how the statement ended means nothing to others. */
function plain({ kind, file, problem, advice }: StoreError): StoreError {
  return new StoreError(kind, file, problem, advice);
}

function refusal(place: string, why: string): StoreError {
  const advice = 'This is an error in Switchyard: please report it.';
  return new StoreError('refused', place, `the database does not take this change (${why}).`, advice);
}

/** Of a batch whose changes nobody has any more. */
function staleSomewhere(place: string): StoreError {
  return new StoreError('stale', place, 'a change came too late.', 'Nothing was changed; look at it again.');
}
