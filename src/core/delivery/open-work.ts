import type { Conversation } from '../pool/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Forward } from './forward.ts';
import { Line } from './line.ts';

/** How far down a worker's line a reply is looked up: a bound on what one stanza costs. */
const reach = 64;

/** What `worker` was given of late and has not replied to, oldest first. The ring lets go of it in time. */
export class OpenWork {
  readonly #worker: Member;
  readonly #line = new Line<Forward>();
  #open = 0;

  constructor(worker: Member) {
    this.#worker = worker;
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
    this.#line.push(forward);
    this.#open += 1;
  }

  /** Notes the worker's progress; true when the message was open until now. */
  advance(forward: Forward, progress: 'received' | 'over'): boolean {
    const wasOpen = forward.progressOf(this.#worker) === 'open';
    if (wasOpen) this.#open -= 1;
    forward.advance(this.#worker, progress);
    for (let { oldest } = this.#line; oldest?.progressOf(this.#worker) === 'over'; { oldest } = this.#line) {
      this.#line.drop();
    }
    return wasOpen;
  }

  /** Of `conversation` the oldest that the worker has not replied to. */
  oldestOf(conversation: Conversation): Forward | undefined {
    const end = Math.min(this.#line.size, reach);
    for (let place = 0; place < end; place += 1) {
      const forward = this.#line.at(place);
      if (forward?.conversation === conversation && forward.progressOf(this.#worker) !== 'over') return forward;
    }
    return undefined;
  }
}
