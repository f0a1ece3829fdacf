import type { Conversation } from '../pool/conversation/conversations.ts';
import type { Member } from '../pool/member.ts';
import type { Forward } from './forward.ts';
import { Line } from './line.ts';
import type { Places } from './places.ts';

/** How far down a worker's line a reply is looked up: a bound on what one stanza costs. */
const reach = 64;

/**
 * What a worker was given of late and has not replied to, oldest first: the numbers of the forwards, which
 * need no care of the garbage collector. The ring lets go of it in time. There may be one for each of
 * thousands of workers, so whose it is, and where the forwards are, it is told.
 */
export class OpenWork extends Line<number> {
  #open = 0;

  /** How many the worker was not heard of at all. */
  get open(): number {
    return this.#open;
  }

  add(forward: Forward): void {
    this.push(forward.number);
    this.#open += 1;
  }

  /** Notes progress of `worker`, whose work this is; true when the message was open until now. */
  advance(worker: Member, places: Places, forward: Forward, progress: 'received' | 'over'): boolean {
    const wasOpen = forward.progressOf(worker) === 'open';
    if (wasOpen) this.#open -= 1;
    forward.advance(worker, progress);
    for (let { oldest } = this; oldest !== undefined && isOver(places.at(oldest), worker); { oldest } = this) {
      this.drop();
    }
    return wasOpen;
  }

  /** Of `conversation` the oldest that `worker`, whose work this is, has not replied to. */
  oldestOf(worker: Member, places: Places, conversation: Conversation): Forward | undefined {
    const end = Math.min(this.size, reach);
    for (let place = 0; place < end; place += 1) {
      const number = this.at(place);
      const forward = number === undefined ? undefined : places.at(number);
      if (forward?.conversation === conversation && !isOver(forward, worker)) return forward;
    }
    return undefined;
  }
}

/** Whether nothing more is to come of a forward, or it is gone. */
function isOver(forward: Forward | undefined, worker: Member): boolean {
  return forward === undefined || forward.progressOf(worker) === 'over';
}
