import { StanzaError } from './stanza-error.ts';

/** What may wait in the worker when all hands are full; more is refused, and the sender told. */
const waitingLimit = 1000;

/** Works on a limited number of things at a time, the others wait in order. */
export class Hands {
  readonly #limit: number;
  readonly #changed: (inHand: number) => void;
  readonly #waiting: (() => void)[] = [];
  readonly #idle: (() => void)[] = [];
  #busy = 0;

  /** `changed` is told how much there is in hand, with what waits. */
  constructor(limit: number, changed: (inHand: number) => void) {
    this.#limit = limit;
    this.#changed = changed;
  }

  get inHand(): number {
    return this.#busy + this.#waiting.length;
  }

  /** Fails with `resource-constraint` when too much waits, else as `work` fails. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy >= this.#limit) {
      if (this.#waiting.length >= waitingLimit) {
        throw new StanzaError('wait', 'resource-constraint', 'The worker has too much to do; try again later.');
      }
      const turn = new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
      this.#changed(this.inHand);
      await turn;
    } else {
      this.#busy += 1;
      this.#changed(this.inHand);
    }
    try {
      return await work();
    } finally {
      // Who waited takes over the hand that is free now.
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
      this.#changed(this.inHand);
      if (this.inHand === 0) for (const tell of this.#idle.splice(0)) tell();
    }
  }

  /** Settles when nothing is in hand. */
  idle(): Promise<void> {
    return this.inHand === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#idle.push(resolve);
        });
  }
}
