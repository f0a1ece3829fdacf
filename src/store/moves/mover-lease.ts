import { StoreError } from '../error.ts';
import { type LeaseRow, viewOf } from '../postgres/lease-row.ts';
import { quoted } from '../postgres/quoted.ts';
import { openSession, type Session } from '../postgres/session.ts';
import { type ConnectionSettings, placeOf } from '../postgres/settings.ts';
import type { LeaseView } from '../shared.ts';

/** For how long the lease is had without a beat, and between two of them, in milliseconds. */
const ttl = 30_000;
const beatEvery = 5_000;

/** Who moves a store, as instances see it. */
export interface Mover {
  /** The same for every attempt at a move, so that one after a crash need not wait for the lease of the one before. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
}

/** The lease of a database while its rows are moved: no router becomes active meanwhile. */
export class MoverLease {
  readonly epoch: number;
  readonly #settings: ConnectionSettings;
  readonly #mover: Mover;
  readonly #schema: string;
  readonly #timer: NodeJS.Timeout;
  #session: Promise<Session> | undefined;
  #beating: Promise<void> = Promise.resolve();

  private constructor(settings: ConnectionSettings, mover: Mover, epoch: number) {
    this.epoch = epoch;
    this.#settings = settings;
    this.#mover = mover;
    this.#schema = quoted(settings.schema);
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat());
    }, beatEvery);
  }

  /** Rejects with a `StoreError`, `locked` when an instance has it. */
  static async claim(session: Session, settings: ConnectionSettings, mover: Mover, known: number): Promise<MoverLease> {
    const { id, name, version } = mover;
    const call = `select ${quoted(settings.schema)}.claim($1, $2, $3, $4, $5) as view`;
    const [row] = await session.query<{ view: LeaseRow }>(call, [id, name, version, ttl, known]);
    const view = row === undefined ? undefined : viewOf(row.view);
    if (view?.owner === id && view.until > 0) return new MoverLease(settings, mover, view.epoch);
    await session.query(`select ${quoted(settings.schema)}.leave($1)`, [id]);
    throw new StoreError(
      'locked',
      placeOf(settings),
      problemOf(view),
      'Stop it, and the instances that stand by, first.',
    );
  }

  /** Gives it back. */
  async release(session: Session): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await (await this.#session?.catch(() => undefined))?.end();
    await session.query(`select ${this.#schema}.release($1, $2)`, [this.#mover.id, this.epoch]);
    await session.query(`select ${this.#schema}.leave($1)`, [this.#mover.id]);
  }

  /** Over a connection of its own. One that fails is made up for by the next; who has the lease is asked by each write. */
  async #beat(): Promise<void> {
    const { id, name, version } = this.#mover;
    this.#session ??= openSession(this.#settings);
    try {
      const session = await this.#session;
      await session.query(`select ${this.#schema}.beat($1, $2, $3, $4, $5)`, [id, name, version, this.epoch, ttl]);
    } catch {
      const session = this.#session;
      this.#session = undefined;
      await (await session.catch(() => undefined))?.end();
    }
  }
}

function problemOf(view: LeaseView | undefined): string {
  const owner = view?.instances.find(({ id }) => id === view.owner);
  const name = owner?.name ?? view?.ownerName ?? view?.owner;
  return name === undefined ? 'another instance uses it.' : `it is in use by the instance ${name}.`;
}
