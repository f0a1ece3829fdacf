import type { Notice } from '../core/ports.ts';

/** What of a logger is needed to write notices; pino's loggers fit. */
export interface NoticeSink {
  isLevelEnabled(level: string): boolean;
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface NoticeLimits {
  /** Most lines of one (event, pool) in a window. */
  readonly lines: number;
  /** Length of a window in milliseconds. */
  readonly window: number;
  /** Most (event, pool) pairs that are told apart at a time; the rest share one allowance. */
  readonly keys: number;
}

interface Window {
  readonly level: Notice['level'];
  /** Both `undefined` for the window that the rest share. */
  readonly event: string | undefined;
  readonly pool: string | undefined;
  since: number;
  seen: number;
}

const defaults: NoticeLimits = { lines: 5, window: 10_000, keys: 256 };
const longestText = 1000;

/**
 * Writes the core's notices to the log: at most `lines` of one event and pool in a window, then
 * one line that says how many more there were. Memory is bounded by `keys`, whatever peers do.
 */
export class NoticeLog {
  readonly #sink: NoticeSink;
  readonly #limits: NoticeLimits;
  readonly #windows = new Map<string, Window>();
  readonly #rest: Window = { level: 'warn', event: undefined, pool: undefined, since: 0, seen: 0 };
  #now: number;

  /** `now` and the argument of `tick` are milliseconds of one clock, of any epoch. */
  constructor(sink: NoticeSink, now: number, limits: Partial<NoticeLimits> = {}) {
    this.#sink = sink;
    this.#now = now;
    this.#limits = { ...defaults, ...limits };
    this.#rest.since = now;
  }

  notice(notice: Notice): void {
    if (!this.#sink.isLevelEnabled(notice.level)) return;
    if (notice.each !== true) {
      const window = this.#windowOf(notice);
      window.seen += 1;
      if (window.seen > this.#limits.lines) return;
    }
    const { level, event, pool } = notice;
    const detail = clipped(notice.detail);
    this.#sink[level]({ event, ...(pool === undefined ? {} : { pool }), ...detail }, clip(notice.text));
  }

  /** Ends the windows that are over; called about once a second. */
  tick(now: number): void {
    this.#now = now;
    for (const [key, window] of this.#windows) {
      if (this.#isOver(window)) {
        this.#summarise(window);
        this.#windows.delete(key);
      }
    }
    if (this.#isOver(this.#rest)) {
      this.#summarise(this.#rest);
      this.#rest.since = now;
      this.#rest.seen = 0;
    }
  }

  /** Ends all windows now, so that no summary is lost when the process ends. */
  flush(): void {
    for (const window of this.#windows.values()) this.#summarise(window);
    this.#summarise(this.#rest);
    this.#windows.clear();
    this.#rest.seen = 0;
  }

  #windowOf(notice: Notice): Window {
    const key = `${notice.event}\n${notice.pool ?? ''}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    if (this.#windows.size >= this.#limits.keys) return this.#rest;
    const { level, event, pool } = notice;
    const window: Window = { level, event, pool, since: this.#now, seen: 0 };
    this.#windows.set(key, window);
    return window;
  }

  /** A clock that went back ends a window too: better a line too many than an event mute for hours. */
  #isOver(window: Window): boolean {
    const age = this.#now - window.since;
    return age >= this.#limits.window || age < 0;
  }

  #summarise(window: Window): void {
    const more = window.seen - this.#limits.lines;
    if (more <= 0) return;
    const seconds = Math.max(1, Math.round((this.#now - window.since) / 1000));
    const { event, pool } = window;
    const fields = { ...(event === undefined ? {} : { event }), ...(pool === undefined ? {} : { pool }), more };
    const what = event ?? 'other events';
    this.#sink[window.level](fields, `${what}: … and ${more} more in ${seconds} s`);
  }
}

/** Peers choose much of this text: it must neither fill the log nor steer a terminal. */
function clip(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  return short.replace(/\p{Cc}/gu, ' ');
}

/** Under a key of its own, as a detail may have the name of a field of the log line. */
function clipped(detail: Notice['detail']): { detail?: Record<string, string | number | boolean> } {
  const entries = Object.entries(detail);
  if (entries.length === 0) return {};
  return {
    detail: Object.fromEntries(entries.map(([key, value]) => [key, typeof value === 'string' ? clip(value) : value])),
  };
}
