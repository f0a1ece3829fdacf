/** Where the text goes: the socket, behind the stream. */
export interface OutTarget {
  /** Text that the socket holds, in UTF-16 code units. */
  backlog(): number;
  write(text: string): void;
}

/**
 * Collects what is written and gives it to the socket in one write: after the read that
 * caused it, or on the next turn when there was none. One syscall serves all answers to a
 * read.
 */
export class OutBuffer {
  readonly #target: OutTarget;
  readonly #limit: number;
  #pending = '';
  #reading = false;
  #turn: NodeJS.Immediate | undefined;

  /** `limit`: UTF-16 code units that may wait. */
  constructor(target: OutTarget, limit: number) {
    this.#target = target;
    this.#limit = limit;
  }

  /** What waits here and in the socket, in UTF-16 code units. */
  get waiting(): number {
    return this.#pending.length + this.#target.backlog();
  }

  /** Takes `text` unless more than `limit` times `share` would wait; false when it was not taken. */
  take(text: string, share: 1 | 2): boolean {
    if (this.waiting + text.length > this.#limit * share) return false;
    this.#pending += text;
    if (!this.#reading && this.#turn === undefined) this.#turn = setImmediate(() => this.flush());
    return true;
  }

  /** Runs `read`; what is written in it goes out in one write when it returns or throws. */
  during(read: () => void): void {
    this.#reading = true;
    try {
      read();
    } finally {
      this.#reading = false;
      this.flush();
    }
  }

  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const text = this.#pending;
    if (text === '') return;
    this.#pending = '';
    this.#target.write(text);
  }

  /** Forgets what waits here. */
  clear(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#pending = '';
  }
}
