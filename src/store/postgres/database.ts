import { randomUUID } from 'node:crypto';
import type { Snapshot } from '../../core/durable-state.ts';
import type { MemoryBudget } from '../../core/memory/memory.ts';
import { StoreError } from '../error.ts';
import { type Mark, refuseMoved } from '../moves/mark.ts';
import type { Fingerprint, Handover, LeaseView, SharedDatabase } from '../shared.ts';
import type { Store } from '../store.ts';
import { failureOf } from './failure.ts';
import { type LeaseRow, viewOf } from './lease-row.ts';
import { loadSnapshot } from './load-snapshot.ts';
import { openStore } from './open-store.ts';
import { quoted } from './quoted.ts';
import { migrateSchema, postgresMigrations, readSchema } from './schema.ts';
import { openSession, type Session } from './session.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';

/** Most that a call waits for an answer, in milliseconds; a claim waits for a batch that is being written. */
const callLimit = 15_000;
/** Least that a beat waits for one, and most that an instance that ends does. */
const beatLimit = 1_000;

/** Who asks. */
export interface InstanceOptions {
  readonly settings: ConnectionSettings;
  /** Of the component; a schema holds one. */
  readonly domain: string;
  /** What operators call this instance. */
  readonly name: string;
  readonly version: string;
}

/**
 * Instances that share one schema of a PostgreSQL. Leases and beats go over one connection, which is made when it is
 * needed; after any error the next call makes another, and finds the host that takes writes then.
 */
export class PostgresDatabase implements SharedDatabase {
  readonly place: string;
  readonly id = randomUUID();
  readonly #options: InstanceOptions;
  readonly #schema: string;
  readonly #migrations = postgresMigrations();
  #session: Promise<Session> | undefined;
  /** The same, once it is open. */
  #live: Session | undefined;
  #closed = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
    this.place = placeOf(options.settings);
    this.#schema = quoted(options.settings.schema);
  }

  beat(epoch: number | undefined, ttl: number): Promise<LeaseView> {
    const { name, version } = this.#options;
    // A connection whose other end is gone is to be found out while the lease may still be renewed over another.
    const limit = Math.min(callLimit, Math.max(beatLimit, ttl / 2));
    return this.#view('beat($1, $2, $3, $4, $5)', [this.id, name, version, epoch ?? null, ttl], limit);
  }

  async claim(ttl: number): Promise<LeaseView> {
    const { name, version } = this.#options;
    const known = this.#migrations.length;
    const view = await this.#view('claim($1, $2, $3, $4, $5)', [this.id, name, version, ttl, known]);
    if (view.owner !== this.id) return view;
    try {
      const mark = await this.#call((session) => this.#migrate(session));
      refuseMoved(mark, this.place);
      return view;
    } catch (error) {
      await this.release(view.epoch).catch(() => {});
      throw error;
    }
  }

  async release(epoch: number): Promise<void> {
    await this.#perform('release($1, $2)', [this.id, epoch]);
  }

  async handOver(step: Handover | undefined, epoch: number): Promise<void> {
    await this.#perform('hand_over($1, $2, $3)', [this.id, step ?? null, epoch]);
  }

  async keepUnrouted(epoch: number, stanzas: readonly string[]): Promise<void> {
    const [row] = await this.#call((session) =>
      session.query<{ kept: boolean }>(
        `select ${this.#schema}.keep_unrouted($1, $2, $3) as kept`,
        [this.id, epoch, stanzas],
        callLimit,
      ),
    );
    if (row?.kept === true) return;
    throw new StoreError('fenced', this.place, 'another instance has the lease.', 'Nothing to do: this one stands by.');
  }

  async takeUnrouted(epoch: number): Promise<readonly string[]> {
    const [row] = await this.#call((session) =>
      session.query<{ taken: readonly string[] }>(
        `select ${this.#schema}.take_unrouted($1, $2) as taken`,
        [this.id, epoch],
        callLimit,
      ),
    );
    return row?.taken ?? [];
  }

  async describe({ digest, sections }: Fingerprint): Promise<void> {
    const values = [this.id, digest, JSON.stringify(sections)];
    // Beats must not wait for it.
    await this.#call((session) => session.query(`select ${this.#schema}.describe($1, $2, $3)`, values, beatLimit));
  }

  async sectionsOf(id: string): Promise<Fingerprint['sections'] | undefined> {
    const [row] = await this.#call((session) =>
      session.query<Pick<Fingerprint, 'sections'>>(
        `select sections from ${this.#schema}.configuration where id = $1`,
        [id],
        beatLimit,
      ),
    );
    return row?.sections;
  }

  /** Over a connection of its own: beats must not wait for it. */
  async snapshot(): Promise<Snapshot> {
    this.#refuseClosed();
    const session = await this.#open();
    try {
      return await loadSnapshot(session, this.#options.settings.schema, this.place);
    } finally {
      await session.end();
    }
  }

  async openStore(epoch: number, memory?: MemoryBudget): Promise<Store> {
    this.#refuseClosed();
    return openStore(this.#options.settings, epoch, memory);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const [live, opening] = [this.#live, this.#session];
    this.#session = undefined;
    if (live === undefined) {
      // One that is being opened is not waited for.
      opening?.then((session) => session.end()).catch(() => {});
      return;
    }
    await live.query(`select ${this.#schema}.leave($1)`, [this.id], beatLimit).catch(() => {});
    await live.end();
  }

  async #view(call: string, values: readonly unknown[], limit = callLimit): Promise<LeaseView> {
    const rows = await this.#call((session) =>
      session.query<{ view: LeaseRow }>(`select ${this.#schema}.${call} as view`, values, limit),
    );
    const row = rows[0]?.view;
    if (row !== undefined) return viewOf(row);
    throw new StoreError('io', this.place, 'the database gave no answer.', 'See the log of PostgreSQL.');
  }

  async #perform(call: string, values: readonly unknown[]): Promise<void> {
    await this.#call((session) => session.query(`select ${this.#schema}.${call}`, values, callLimit));
  }

  async #call<Result>(ask: (session: Session) => Promise<Result>): Promise<Result> {
    this.#refuseClosed();
    this.#session ??= this.#open();
    const session = this.#session;
    try {
      const live = await session;
      if (this.#session === session) this.#live = live;
      return await ask(live);
    } catch (error) {
      // The next call looks anew which host takes writes, and what the schema is.
      if (this.#session === session) this.#drop();
      throw failureOf(error, this.place);
    }
  }

  #refuseClosed(): void {
    if (this.#closed) throw new StoreError('closed', this.place, 'the database is closed.', 'Open it again.');
  }

  /** Connects; makes the schema when it is empty. An older one serves until the lease is claimed. */
  async #open(): Promise<Session> {
    const { settings, domain } = this.#options;
    const session = await openSession(settings);
    try {
      const found = await readSchema(session, settings, domain, this.#migrations);
      refuseMoved(found.mark, this.place);
      if (found.domain === undefined) await this.#migrate(session);
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  /** Also gives what it says of a move then. */
  async #migrate(session: Session): Promise<Mark | undefined> {
    const { settings, domain } = this.#options;
    await migrateSchema(session, settings, domain, this.#migrations);
    return (await readSchema(session, settings, domain, this.#migrations)).mark;
  }

  /** Not waited for: the connection may be one that says nothing any more. */
  #drop(): void {
    void this.#live?.end();
    this.#session = undefined;
    this.#live = undefined;
  }
}
