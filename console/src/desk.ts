import type { Overview } from '../../src/core/commands/overview.ts';
import type { CommandAbout } from './form/command-form.ts';
import { isCommandList } from './form/command-form.ts';
import type { Answer, Refusal } from './live/answer.ts';
import { Api, readPath } from './live/api.ts';
import { isOverview } from './live/overview.ts';
import { isSession, type Session } from './live/session.ts';
import { type Watch, type WatchPhase, type WatchSink, watch } from './live/watch.ts';
import { Cell } from './state/cell.ts';
import { type Histories, noHistories, remember } from './state/history.ts';

/** Something that the operator is told once. */
export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

/** Streams say something at least every 15 seconds; milliseconds of silence after which one counts as broken. */
const silence = 25_000;
const mostNotices = 4;
const tokenKey = 'switchyard-token';

/** What the whole page knows and can do. */
export class Desk {
  readonly session = new Cell<Session | undefined>(undefined);
  readonly overview = new Cell<Overview | undefined>(undefined);
  readonly histories = new Cell<Histories>(noHistories);
  readonly phase = new Cell<WatchPhase>({ kind: 'connecting' });
  readonly commands = new Cell<readonly CommandAbout[]>([]);
  readonly notices = new Cell<readonly Notice[]>([]);
  /** Counts up whenever streams have to be opened anew: with another token, or after a pause. */
  readonly epoch = new Cell(0);
  /** The version of the router, where this page came from another. */
  readonly update = new Cell<string | undefined>(undefined);
  /** How many dialogs are open. What lies below them cannot be read out, so messages stand in them. */
  readonly dialogs = new Cell(0);
  /** Counts the commands that were done. */
  readonly acted = new Cell(0);
  /** Whether anybody sees the page. One that nobody sees keeps no streams open: browsers have few for all pages together. */
  readonly awake = new Cell(true);
  readonly #api: Api;
  #watch: Watch | undefined;
  /** Of the router that this page came from. */
  #version: string | undefined;
  #notices = 0;

  constructor(page: string) {
    this.#api = new Api(page);
    this.#api.token = sessionStorage.getItem(tokenKey) ?? undefined;
  }

  get hasToken(): boolean {
    return this.#api.token !== undefined;
  }

  /** Opens what the page lives on, or opens it anew. */
  open(): void {
    this.epoch.set(this.epoch.value + 1);
    this.#watch?.stop();
    this.#watch = this.follow(readPath('watch', 'service.overview', {}), {
      state: (state) => this.#take(state),
      phase: (phase) => this.#enter(phase),
    });
    void this.#ask();
  }

  /** Closes its streams until `open`. */
  rest(): void {
    this.awake.set(false);
    this.#watch?.stop();
  }

  wake(): void {
    if (this.awake.value) return;
    this.awake.set(true);
    this.open();
  }

  /** Tries at once to come back. */
  retry(): void {
    if (this.phase.value.kind === 'refused') this.open();
    else this.#watch?.retry();
  }

  /** Follows something else beside the overview. */
  follow(path: string, sink: WatchSink): Watch {
    const world = {
      fetch: (address: string, signal: AbortSignal) => this.#api.open(address, signal),
      now: Date.now,
      random: Math.random,
      after: (milliseconds: number, callback: () => void) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    };
    return watch(path, silence, world, sink);
  }

  /** Reads the answer of a command once. */
  read(command: string, given: Readonly<Record<string, string | number>> = {}): Promise<Answer> {
    return this.readAt(readPath('commands', command, given));
  }

  readAt(path: string): Promise<Answer> {
    return this.#api.read(path);
  }

  /** Gives a command. What it has changed is read at once: streams may take their time. */
  async give(command: string, given: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await this.#api.give(command, given);
    if ('refused' in answer) return answer;
    this.acted.set(this.acted.value + 1);
    void this.read('service.overview').then((read) => {
      if ('done' in read) this.#take(read.done);
    });
    return answer;
  }

  /**
   * Takes a token, if the router takes it; says why it does not.
   * @param keep Keeps it until the tab is closed, else until the page is left.
   */
  async unlock(token: string, keep: boolean): Promise<Refusal | undefined> {
    const before = this.#api.token;
    this.#api.token = token;
    const refusal = await this.#refusal();
    if (refusal !== undefined) {
      this.#api.token = before;
      return refusal;
    }
    if (keep) sessionStorage.setItem(tokenKey, token);
    this.open();
    return undefined;
  }

  lock(): void {
    this.#api.token = undefined;
    sessionStorage.removeItem(tokenKey);
    this.open();
  }

  say(kind: Notice['kind'], text: string): void {
    this.#notices += 1;
    const notice = { id: this.#notices, kind, text };
    this.notices.set([...this.notices.value, notice].slice(-mostNotices));
  }

  dismiss(id: number): void {
    this.notices.set(this.notices.value.filter((notice) => notice.id !== id));
  }

  /** Why the token is not taken. */
  async #refusal(): Promise<Refusal | undefined> {
    const answer = await this.#api.read('v1/session');
    if ('refused' in answer) return answer.refused;
    if (isSession(answer.done) && answer.done.write) return undefined;
    // What wants the token says best what is wrong with it, or that there is none.
    const asked = await this.read('queue.list');
    return 'refused' in asked ? asked.refused : notTaken;
  }

  /** What may be done, and with what. */
  async #ask(): Promise<void> {
    const [session, commands] = await Promise.all([this.#api.read('v1/session'), this.#api.read('v1/commands')]);
    if ('done' in session && isSession(session.done)) this.#know(session.done);
    if ('done' in commands && isCommandList(commands.done)) this.commands.set(commands.done.commands);
  }

  #know(session: Session): void {
    this.#version ??= session.version;
    if (session.version !== this.#version) this.update.set(session.version);
    this.session.set(session);
  }

  #take(state: unknown): void {
    if (!isOverview(state)) return;
    this.overview.set(state);
    this.histories.set(remember(this.histories.value, state));
  }

  #enter(phase: WatchPhase): void {
    const before = this.phase.value;
    if (before.kind === phase.kind && phase.kind === 'live') return;
    this.phase.set(phase);
    // A router that was away may be another version, or know another token.
    if (phase.kind === 'refused' || (before.kind === 'lost' && phase.kind === 'live')) void this.#ask();
  }
}

const notTaken: Refusal = {
  status: 401,
  code: 'unauthorized',
  text: 'The router does not take this token.',
  field: undefined,
};
