import { randomBytes } from 'node:crypto';
import type { Destination } from '../../core/transfer/destination.ts';
import { type Clock, systemClock } from './clock.ts';
import { ComponentStream } from './component-stream.ts';
import { halfOpenProblem, internalProblem, movedProblem } from './connection-problem.ts';
import { type HealthState, LinkHealth } from './link-health.ts';
import type { LinkProblem } from './link-problem.ts';
import type { LinkSettings } from './link-settings.ts';
import { Liveness } from './liveness.ts';
import { OutBuffer } from './out-buffer.ts';
import { ownPing } from './own-ping.ts';
import { Reconnection } from './reconnection.ts';

/** What the link tells its owner. A callback that throws ends the connection, never the process. */
export interface LinkSink {
  /** Attached: the server accepted the handshake. Comes before the first bytes. */
  online(): void;
  /** Bytes of the stream after the handshake, untouched. The buffer is not used again. */
  data(chunk: Buffer): void;
  /** The link is down, or an attempt failed; the next one starts in `retryInMs`. Not called after `stop`. */
  offline(problem: LinkProblem, retryInMs: number): void;
  /** The verdict of the self-test changed. */
  health?(state: HealthState, reason: string | undefined): void;
}

/** What tests replace. */
export interface LinkDeps {
  readonly clock?: Clock;
  /** Numbers from 0 (inclusive) to 1. */
  readonly random?: () => number;
  /**
   * Whether the link may be made now, where instances share a domain and one at a time has it. Then a conflict is no
   * refusal: the one that may have the domain tries again soon.
   */
  readonly mayAttach?: () => boolean;
}

/** `idle`: not started. `waiting`: for the next attempt. `stopped`: for good. */
export type LinkState = 'idle' | 'connecting' | 'online' | 'waiting' | 'stopped';

/**
 * `sent`: taken, and written in order while the link lives. `congested`: the server does not
 * read; `down`: no server is attached. Nothing was taken unless `sent`.
 */
export type Written = 'sent' | 'congested' | 'down';

/** How long `stop` waits for the server to close, in milliseconds. */
const stopTimeout = 2_000;

/**
 * The component's link to its server (XEP-0114): attaches, hands over bytes, writes, notices
 * that the path is dead, and attaches again with back-off. It reads on whatever there is to do, in
 * turns with the rest of the process, and never throws.
 */
export class Link {
  readonly health: LinkHealth;
  readonly #settings: LinkSettings;
  readonly #sink: LinkSink;
  readonly #clock: Clock;
  readonly #reconnection: Reconnection;
  readonly #liveness: Liveness;
  readonly #out: OutBuffer;
  #stream: ComponentStream | undefined;
  #state: LinkState = 'idle';
  #problem: LinkProblem | undefined;
  /** Bytes written on streams that are gone. */
  #sentBefore = 0;
  #stopped: Promise<void> | undefined;
  #unread = 0;

  constructor(settings: LinkSettings, sink: LinkSink, deps: LinkDeps = {}) {
    this.#settings = settings;
    this.#sink = sink;
    this.#clock = deps.clock ?? systemClock;
    this.#reconnection = new Reconnection(settings, {
      clock: this.#clock,
      random: deps.random ?? Math.random,
      mayAttach: deps.mayAttach,
    });
    const { keepalive, pingTimeout, domain } = settings;
    this.#out = new OutBuffer(
      { backlog: () => this.#stream?.backlog ?? 0, write: (text) => this.#give(text) },
      settings.outBuffer,
    );
    this.health = new LinkHealth(domain, pingTimeout, randomBytes(9).toString('hex'), this.#clock, {
      ping: (id) => this.#ping(id),
      changed: (state, reason) => this.#told(state, reason),
    });
    this.#liveness = new Liveness(keepalive, pingTimeout, this.#clock, {
      space: () => this.write(' ', 'answer'),
      ping: () => this.#ping(this.health.nextId()),
      dead: (silentMs) => this.fail(halfOpenProblem(settings, silentMs)),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Why the link was last lost or could not be made; `undefined` while online. */
  get problem(): LinkProblem | undefined {
    return this.#problem;
  }

  /** What waits to be sent, in UTF-16 code units. */
  get waiting(): number {
    return this.#out.waiting;
  }

  /** Bytes given to sockets since the start, streams and their openings included. */
  get sentBytes(): number {
    return this.#sentBefore + (this.#stream?.bytesWritten ?? 0);
  }

  /** More waits to be sent than `outBuffer`: dispatch nothing new. */
  get congested(): boolean {
    return this.#out.waiting > this.#settings.outBuffer;
  }

  /** Attaches, and stays attached until `stop`. A second call does nothing. */
  start(): void {
    if (this.#state === 'idle') this.#attach();
  }

  /** Resolves once all has been read that the server had for us when this was called; at once without a link. */
  caughtUp(): Promise<void> {
    return this.#state === 'online' ? this.health.caughtUp() : Promise.resolve();
  }

  /**
   * Writes what is pending and the end of the stream, and closes. Resolves always, at the
   * latest after two seconds. Bytes that still come are given to `late`, or dropped; no callback runs any more.
   */
  stop(late?: (chunk: Buffer) => void): Promise<void> {
    this.#stopped ??= this.#finish(late);
    return this.#stopped;
  }

  /** Whether to read on. Servers hold without limit what is not read: to be used for moments only. */
  read(on: boolean): void {
    this.#stream?.read(on);
  }

  /** Once it is stopped: bytes that the server wrote as the stream was being closed. Nobody can answer what is in them. */
  get unread(): number {
    return this.#unread;
  }

  /**
   * Writes text to the server, in order, together with all that is written in answer to the
   * same read. `text` is whole stanzas in UTF-16, well formed, from our own domain.
   *
   * @param share `work` is refused above `outBuffer`; an `answer`, which ends something that
   * was begun, only above twice that.
   */
  write(text: string, share: 'work' | 'answer' = 'work'): Written {
    if (this.#state !== 'online') return 'down';
    return this.#out.take(text, share === 'work' ? 1 : 2) ? 'sent' : 'congested';
  }

  /**
   * Gives the connection up for `problem`, which the reader of the bytes found, and attaches
   * again after the delay. A framing error is told to the server (RFC 6120 section 4.9).
   * Does nothing unless online.
   */
  fail(problem: LinkProblem): void {
    if (this.#state !== 'online') return;
    this.#out.flush();
    this.#stream?.close(problem.kind === 'framing' ? streamError(problem.condition) : '');
    this.#lost(problem);
  }

  /** Whether the component may be sent to `destination`: the operator lists it, and it was not moved too often. */
  mayMove(destination: Destination): boolean {
    return this.#state === 'online' && this.#reconnection.route.allows(destination);
  }

  /** Attaches elsewhere, once all has been read that the server had for us. Nothing when it may not. */
  move(destination: Destination): void {
    const enough = new Promise<void>((resolve) => {
      this.#clock.after(this.#settings.pingTimeout, resolve);
    });
    void Promise.race([this.caughtUp(), enough]).then(() => {
      const { route } = this.#reconnection;
      if (this.#state !== 'online' || !route.go(destination)) return;
      this.#out.flush();
      this.#stream?.close('');
      this.#lost(movedProblem(route.target));
    });
  }

  #attach(): void {
    if (!this.#reconnection.mayAttempt(() => this.#attach())) {
      this.#state = 'waiting';
      return;
    }
    this.#state = 'connecting';
    try {
      const { target } = this.#reconnection.route;
      this.#stream = new ComponentStream({ ...this.#settings, ...target }, this.#clock, {
        online: () => this.#online(),
        data: (chunk) => this.#read(chunk),
        closed: (problem) => this.#lost(problem),
      });
    } catch (error) {
      this.#lost(internalProblem(error));
    }
  }

  #online(): void {
    this.#state = 'online';
    this.#problem = undefined;
    this.#reconnection.online();
    this.#liveness.start();
    this.#out.during(() => {
      this.#guard(() => this.#sink.online());
      if (this.#state === 'online') this.health.start();
    });
  }

  #read(chunk: Buffer): void {
    this.#liveness.read();
    this.#out.during(() => this.#guard(() => this.#sink.data(chunk)));
  }

  #give(text: string): void {
    if (this.#state !== 'online') return;
    this.#liveness.wrote();
    this.#stream?.write(text);
  }

  #ping(id: string): void {
    this.write(ownPing(this.#settings.domain, id), 'answer');
  }

  #told(state: HealthState, reason: string | undefined): void {
    if (this.#state !== 'stopped') this.#guard(() => this.#sink.health?.(state, reason));
  }

  /** A callback that throws is a fault of ours: the server would be told nothing and stanzas be half done. */
  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.fail(internalProblem(error));
    }
  }

  #lost(problem: LinkProblem): void {
    if (this.#state === 'stopped') return;
    this.#state = 'waiting';
    this.#release();
    const told = this.#reconnection.lost(problem);
    this.#problem = told;
    const delay = this.#reconnection.schedule(told, () => this.#attach());
    this.#guard(() => this.#sink.offline(told, delay));
  }

  #release(): void {
    this.#sentBefore += this.#stream?.bytesWritten ?? 0;
    this.#stream = undefined;
    this.#out.clear();
    this.#liveness.stop();
    this.health.stop();
  }

  async #finish(late: ((chunk: Buffer) => void) | undefined): Promise<void> {
    const stream = this.#stream;
    this.#out.flush();
    this.#state = 'stopped';
    this.#reconnection.cancel();
    this.#release();
    await stream?.finish(stopTimeout, this.#clock, late);
    this.#unread = stream?.unread ?? 0;
  }
}

function streamError(condition: string): string {
  return `<stream:error><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`;
}
