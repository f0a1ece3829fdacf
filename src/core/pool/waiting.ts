import type { MessageEnvelope } from '../envelope.ts';
import type { MemoryBudget } from '../memory/memory.ts';

/** What an envelope costs beside its text: the object, its strings' heads, its place in line. */
const overhead = 400;

/**
 * Messages that came while a pool's workers were being verified after a (re)connect. They wait
 * two seconds at most (design.md, Membership), in order, within the memory budget.
 */
export class WaitingRoom {
  readonly #memory: MemoryBudget;
  #line: MessageEnvelope[] = [];

  constructor(memory: MemoryBudget) {
    this.#memory = memory;
  }

  get size(): number {
    return this.#line.length;
  }

  /** Keeps `message`, or returns false when the budget is used up. */
  admit(message: MessageEnvelope): boolean {
    if (!this.#memory.take(costOf(message))) return false;
    this.#line.push(message);
    return true;
  }

  /** Empties the room and returns those who waited, oldest first. */
  release(): readonly MessageEnvelope[] {
    const line = this.#line;
    this.#line = [];
    for (const message of line) this.#memory.give(costOf(message));
    return line;
  }
}

/** UTF-16 text may hold two bytes a unit. */
function costOf(message: MessageEnvelope): number {
  return overhead + 2 * message.size;
}
