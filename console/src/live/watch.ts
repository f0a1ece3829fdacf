import { parsed, type Refusal, readAnswer, readRefusal, unreachable } from './answer.ts';
import { pauseBefore } from './backoff.ts';
import { EventParser, type StreamEvent } from './event-parser.ts';

/** How a stream is doing. */
export type WatchPhase =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number; readonly why: Refusal }
  /** The router will not show it, and asking again at once changes nothing. */
  | { readonly kind: 'refused'; readonly why: Refusal };

/** What a stream needs of the world; times are epoch milliseconds. */
export interface WatchWorld {
  readonly fetch: (path: string, signal: AbortSignal) => Promise<Response>;
  readonly now: () => number;
  readonly random: () => number;
  /** Calls back after so many milliseconds; the result takes it back. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

export interface WatchSink {
  readonly state: (state: unknown) => void;
  readonly phase: (phase: WatchPhase) => void;
}

/** A stream that is under way. */
export interface Watch {
  /** Tries at once if it is waiting to. */
  retry(): void;
  stop(): void;
}

/** Refusals that no waiting mends. */
const final = new Set([400, 401, 403, 404, 405, 422]);

/**
 * Follows a command that only reads, for as long as it is not stopped. A stream that breaks, or
 * that is silent for longer than `silence` (ms), is opened again, after pauses that grow.
 */
export function watch(path: string, silence: number, world: WatchWorld, sink: WatchSink): Watch {
  const following = new Following(path, silence, world, sink);
  following.open();
  return following;
}

class Following implements Watch {
  readonly #path: string;
  readonly #silence: number;
  readonly #world: WatchWorld;
  readonly #sink: WatchSink;
  #stopped = false;
  #failures = 0;
  #lostAt: number | undefined;
  #abort = new AbortController();
  #cancelPause: (() => void) | undefined;

  constructor(path: string, silence: number, world: WatchWorld, sink: WatchSink) {
    this.#path = path;
    this.#silence = silence;
    this.#world = world;
    this.#sink = sink;
  }

  open(): void {
    this.#cancelPause = undefined;
    if (this.#stopped) return;
    this.#abort = new AbortController();
    if (this.#failures === 0) this.#sink.phase({ kind: 'connecting' });
    follow(this.#path, this.#silence, this.#world, this.#abort, (event) => this.#take(event)).then(
      (why) => this.#lose(why),
      () => this.#lose(unreachable),
    );
  }

  retry(): void {
    if (this.#cancelPause === undefined) return;
    this.#cancelPause();
    this.open();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPause?.();
    this.#abort.abort();
  }

  #take({ name, data }: StreamEvent): void {
    const value = parsed(data);
    if (this.#stopped || value === undefined || (name !== 'state' && name !== 'refused')) return;
    this.#lostAt = undefined;
    this.#failures = 0;
    // The stream goes on after a refusal: a pool that is gone may come back.
    if (name === 'refused') {
      this.#sink.phase({ kind: 'refused', why: readRefusal(200, value) });
    } else {
      this.#sink.phase({ kind: 'live' });
      this.#sink.state(value);
    }
  }

  #lose(why: Refusal): void {
    if (this.#stopped) return;
    if (final.has(why.status)) {
      this.#sink.phase({ kind: 'refused', why });
      return;
    }
    this.#failures += 1;
    const now = this.#world.now();
    this.#lostAt ??= now;
    const pause = pauseBefore(this.#failures, this.#world.random());
    this.#cancelPause = this.#world.after(pause, () => this.open());
    this.#sink.phase({ kind: 'lost', since: this.#lostAt, retryAt: now + pause, why });
  }
}

/** Reads one connection to its end, and says why it ended. Rejects when it breaks. */
async function follow(
  path: string,
  silence: number,
  world: WatchWorld,
  abort: AbortController,
  take: (event: StreamEvent) => void,
): Promise<Refusal> {
  let forgive = world.after(silence, () => abort.abort());
  try {
    const response = await world.fetch(path, abort.signal);
    if (!response.ok || response.body === null) {
      const answer = readAnswer(response.status, await response.text());
      return 'refused' in answer ? answer.refused : unreachable;
    }
    const parser = new EventParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return unreachable;
      forgive();
      forgive = world.after(silence, () => abort.abort());
      for (const event of parser.push(value)) take(event);
    }
  } finally {
    forgive();
  }
}
