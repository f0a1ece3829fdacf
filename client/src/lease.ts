/** Milliseconds; the clocks of pool and worker may differ, so a deadline further away than this is not believed. */
const furthest = 30_000;
/** Milliseconds to the first extension when the deadline seems to be over already. */
const soon = 500;

export interface ExtendOptions {
  /** Milliseconds that the pool is asked for each time; default 60 000. It is asked again well before they are over. */
  readonly by?: number;
  /** Milliseconds for one message in all, from its arrival; then the pool may give it to another. Default 3 600 000. */
  readonly max?: number;
}

export interface LeaseEvents {
  /** Ask for so many milliseconds more, now. */
  extend(by: number): void;
  /** It has taken as long as one message may. */
  over(): void;
}

/** Asks for more time for as long as a message is worked on, up to a limit. */
export class Lease {
  readonly #by: number;
  readonly #end: number;
  readonly #events: LeaseEvents;
  readonly #random: () => number;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(
    deadline: Date | undefined,
    options: ExtendOptions,
    events: LeaseEvents,
    random: () => number = Math.random,
  ) {
    const { by = 60_000, max = 3_600_000 } = options;
    this.#by = by;
    this.#end = Date.now() + max;
    this.#events = events;
    this.#random = random;
    this.#wait(timeLeft(deadline));
  }

  /** The message came again, or the session did: what was asked for before may be void. */
  renew(): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#ask();
  }

  /** Nothing more is asked for. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** A third to a half of what is left, at random so that many do not ask at once. */
  #wait(left: number): void {
    this.#after(Math.min(left * (1 / 3 + this.#random() / 6), this.#end - Date.now()));
  }

  #ask(): void {
    const left = this.#end - Date.now();
    if (left <= 0) {
      this.end();
      this.#events.over();
      return;
    }
    // The last time not beyond the limit: there the pool may give it to another.
    this.#events.extend(Math.min(this.#by, left));
    if (left <= this.#by) this.#after(left);
    else this.#wait(this.#by);
  }

  #after(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#ask(), Math.max(0, milliseconds));
  }
}

function timeLeft(deadline: Date | undefined): number {
  const left = deadline === undefined ? furthest : Math.min(deadline.getTime() - Date.now(), furthest);
  return left > 0 ? left : 2 * soon;
}
