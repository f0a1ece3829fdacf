import type { StoreError } from '../error.ts';
import { failureOf } from './failure.ts';
import { openSession, type Session } from './session.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';

/** Milliseconds before a lost session is opened anew; doubled for each that fails. */
const minDelay = 50;
const maxDelay = 2_000;

/** What a steady session says to who has it. */
export interface Watcher {
  /** The session is lost, or could not be opened anew for another reason than before. */
  down(reason: StoreError): void;
  /** There is a session again. */
  up(): void;
}

/** A session that is opened anew, wherever the database is then, until it is ended. */
export class SteadySession {
  readonly #settings: ConnectionSettings;
  readonly #watcher: Watcher;
  #session: Session | undefined;
  #reason: StoreError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #delay = minDelay;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(settings: ConnectionSettings, watcher: Watcher) {
    this.#settings = settings;
    this.#watcher = watcher;
  }

  /** The session, if there is one now. */
  get now(): Session | undefined {
    return this.#session;
  }

  /** Why there is none. */
  get reason(): StoreError | undefined {
    return this.#reason;
  }

  /** Opens it the first time. Rejects with a `StoreError`, and does not try again then. */
  async open(): Promise<Session> {
    const session = await this.#connect();
    this.#session = session;
    return session;
  }

  /** Resolves as soon as there is a session, with `undefined` when it is ended before. */
  async next(): Promise<Session | undefined> {
    while (this.#session === undefined && !this.#ended) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#ended ? undefined : this.#session;
  }

  /** Resolves within a second or so, whatever the server does. */
  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    const session = this.#session;
    this.#session = undefined;
    this.#wake();
    await session?.end();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** What ends before it is opened was not opened. */
  async #connect(): Promise<Session> {
    const ended: StoreError[] = [];
    const session = await openSession(this.#settings, (reason) => {
      ended.push(reason);
      if (this.#session !== undefined) this.#lost(reason);
    });
    if (ended[0] !== undefined) throw ended[0];
    return session;
  }

  #lost(reason: StoreError): void {
    this.#session = undefined;
    this.#say(reason);
    if (!this.#ended) void this.#reopen();
  }

  #say(reason: StoreError): void {
    const isNew = this.#reason?.message !== reason.message;
    this.#reason = reason;
    if (isNew && !this.#ended) this.#watcher.down(reason);
  }

  async #reopen(): Promise<void> {
    try {
      const session = await this.#connect();
      if (this.#ended) {
        await session.end();
        return;
      }
      this.#session = session;
      this.#reason = undefined;
      this.#delay = minDelay;
      this.#watcher.up();
      this.#wake();
    } catch (error) {
      this.#say(failureOf(error, placeOf(this.#settings)));
      if (this.#ended) return;
      this.#timer = setTimeout(() => void this.#reopen(), this.#delay);
      this.#delay = Math.min(2 * this.#delay, maxDelay);
    }
  }
}
