import type { Conversation } from '../pool/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Forward } from './forward.ts';
import { Line } from './line.ts';
import type { Places } from './places.ts';

/** How far down a worker's line a reply is looked up: a bound on what one stanza costs. */
const reach = 64;

/** What `worker` was given of late and has not replied to, oldest first. The ring lets go of it in time. */
export class OpenWork {
  readonly #worker: Member;
  readonly #places: Places;
  /** Numbers of forwards: a number needs no care of the garbage collector. */
  readonly #line = new Line<number>();
  #open = 0;

  constructor(worker: Member, places: Places) {
    this.#worker = worker;
    this.#places = places;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#line.size;
  }

  /** How many the worker was not heard of at all. */
  get open(): number {
    return this.#open;
  }

  add(forward: Forward): void {
    this.#line.push(forward.number);
    this.#open += 1;
  }

  /** Notes the worker's progress; true when the message was open until now. */
  advance(forward: Forward, progress: 'received' | 'over'): boolean {
    const wasOpen = forward.progressOf(this.#worker) === 'open';
    if (wasOpen) this.#open -= 1;
    forward.advance(this.#worker, progress);
    for (let { oldest } = this.#line; oldest !== undefined && this.#over(oldest); { oldest } = this.#line) {
      this.#line.drop();
    }
    return wasOpen;
  }

  /** Of `conversation` the oldest that the worker has not replied to. */
  oldestOf(conversation: Conversation): Forward | undefined {
    const end = Math.min(this.#line.size, reach);
    for (let place = 0; place < end; place += 1) {
      const number = this.#line.at(place);
      const forward = number === undefined ? undefined : this.#places.at(number);
      if (forward?.conversation === conversation && forward.progressOf(this.#worker) !== 'over') return forward;
    }
    return undefined;
  }

  /** Whether nothing more is to come of the forward with this number, or it is gone. */
  #over(number: number): boolean {
    const forward = this.#places.at(number);
    return forward === undefined || forward.progressOf(this.#worker) === 'over';
  }
}
