import type { ServerResponse } from 'node:http';

/** Timers are not exact: a state may come by so much of the interval too early. */
const slack = 0.1;

/** A client that watches, over one response. */
export class Viewer {
  /** Milliseconds between two states, at least. */
  readonly interval: number;
  readonly #response: ServerResponse;
  #last: Buffer | undefined;
  #due = 0;

  constructor(response: ServerResponse, interval: number) {
    this.#response = response;
    this.interval = interval;
  }

  /** Sends a state, if it is due and not the last one again. One who does not read misses it, and gets a later one. */
  offer(frame: Buffer, now: number): void {
    if (frame === this.#last || now < this.#due || !this.#reads) return;
    this.#response.write(frame);
    this.#last = frame;
    this.#due = now + this.interval * (1 - slack);
  }

  /** Shows that the stream lives. */
  beat(): void {
    if (this.#reads) this.#response.write(':\n\n');
  }

  end(): void {
    this.#response.end();
  }

  /** Nothing waits for it to read: so it never costs more memory than one state. */
  get #reads(): boolean {
    return !this.#response.writableNeedDrain;
  }
}
