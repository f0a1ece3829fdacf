import type { ServerResponse } from 'node:http';
import type { CommandEnd, CommandResult } from '../core/commands/command.ts';
import { failure, type Reply, type Stream } from './reply.ts';
import type { Watching } from './request.ts';
import { Subject } from './subject.ts';
import { Viewer } from './viewer.ts';

/** What streams may take. */
export interface WatchLimits {
  /** Open at a time. */
  readonly streams: number;
  /** Milliseconds between two signs of life. */
  readonly beat: number;
  /** Milliseconds after which one who reads nothing is cut off; more than `beat`. */
  readonly patience: number;
}

interface WatchOptions {
  readonly perform: (name: string, given: Readonly<Record<string, unknown>>) => CommandResult;
  readonly onProblem: (error: unknown) => void;
  readonly limits: WatchLimits;
}

/** What all that is watched may take of the time of the process: one part in so many. */
const share = 40;
/** However much something costs, it is shown that often, in milliseconds. */
const longest = 60_000;

/**
 * Answers of commands that are sent again whenever they differ (server-sent events). What many watch
 * is asked for once and written once. One thing is asked for at a time and the event loop goes on
 * between; when it costs much, all is asked for less often.
 */
export class Watches {
  readonly #options: WatchOptions;
  readonly #subjects = new Map<string, Subject>();
  readonly #due: Subject[] = [];
  #streams = 0;
  #busy = false;
  #beating: NodeJS.Timeout | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get streams(): number {
    return this.#streams;
  }

  /** How a wish to watch is answered. */
  answer(watching: Watching): Reply | Stream {
    if (this.#streams < this.#options.limits.streams) return { open: (response) => this.#open(watching, response) };
    return failure('too-many-streams', { headers: { 'retry-after': '5' } });
  }

  /** Ends every stream. */
  stop(): void {
    for (const { viewers } of this.#subjects.values()) for (const viewer of viewers) viewer.end();
  }

  #open({ watch, given, interval }: Watching, response: ServerResponse): void {
    const subject = this.#subjectOf(watch, given);
    const viewer = new Viewer(response, interval);
    subject.viewers.add(viewer);
    this.#streams += 1;
    this.#beating ??= setInterval(() => this.#beat(), this.#options.limits.beat);
    // Cut off by this is only who takes nothing of what is written.
    response.socket?.setTimeout(this.#options.limits.patience);
    response.once('close', () => this.#close(subject, viewer));
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    response.flushHeaders();
    this.#ask(subject);
  }

  #subjectOf(name: string, given: Readonly<Record<string, unknown>>): Subject {
    const key = keyOf(name, given);
    const known = this.#subjects.get(key);
    if (known !== undefined) return known;
    const subject = new Subject(name, given);
    this.#subjects.set(key, subject);
    return subject;
  }

  #close(subject: Subject, viewer: Viewer): void {
    subject.viewers.delete(viewer);
    this.#streams -= 1;
    if (subject.viewers.size === 0) {
      clearTimeout(subject.timer);
      this.#subjects.delete(keyOf(subject.name, subject.given));
    }
    if (this.#streams > 0) return;
    clearInterval(this.#beating);
    this.#beating = undefined;
  }

  /** Lines `subject` up for its turn. */
  #ask(subject: Subject): void {
    clearTimeout(subject.timer);
    if (this.#due.includes(subject)) return;
    this.#due.push(subject);
    this.#next();
  }

  /** One turn at a time; the event loop goes on between two. */
  #next(): void {
    if (this.#busy || this.#due.length === 0) return;
    this.#busy = true;
    setImmediate(() => {
      this.#busy = false;
      const subject = this.#due.shift();
      if (subject !== undefined) this.#turn(subject);
      this.#next();
    });
  }

  #turn(subject: Subject): void {
    if (subject.viewers.size === 0 || subject.asked) return;
    const begun = performance.now();
    try {
      const result = this.#options.perform(subject.name, subject.given);
      if (!('later' in result)) {
        this.#show(subject, result, begun);
        return;
      }
      subject.asked = true;
      void result.later.then((end) => {
        subject.asked = false;
        this.#show(subject, end, performance.now());
      });
    } catch (error) {
      this.#fail(subject, error);
    }
  }

  /** @param begun When what it costs began. */
  #show(subject: Subject, end: CommandEnd, begun: number): void {
    try {
      subject.show(end, performance.now());
    } catch (error) {
      this.#fail(subject, error);
    }
    subject.spent(performance.now() - begun);
    if (subject.viewers.size === 0) return;
    clearTimeout(subject.timer);
    subject.timer = setTimeout(() => this.#ask(subject), Math.min(longest, subject.interval * this.#stretch));
  }

  /** How many times longer than wished all have to wait, so that together they cost no more than their share. */
  get #stretch(): number {
    let load = 0;
    for (const { cost, interval } of this.#subjects.values()) load += cost / interval;
    return Math.max(1, load * share);
  }

  #fail({ viewers }: Subject, error: unknown): void {
    this.#options.onProblem(error);
    for (const viewer of viewers) viewer.end();
  }

  #beat(): void {
    for (const { viewers } of this.#subjects.values()) for (const viewer of viewers) viewer.beat();
  }
}

/** The same for what is the same, in whatever order it was given. */
function keyOf(name: string, given: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([name, Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
