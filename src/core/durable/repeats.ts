import type { Hold } from './delivery.ts';
import type { Leasing } from './leasing.ts';
import type { PoolQueue } from './pool-queue.ts';

/** Deliveries that are given again in one turn, of one pool. */
const turnMax = 256;

/**
 * What pools of other domains were given over a link that is lost, or by an earlier process, and have not said to
 * have. Each is given it again as soon as it has shown that it is there, and not when its time is over: what did not
 * come there goes on at once, and what did is known there by its id, and acknowledged. It is the same attempt.
 */
export class Repeats {
  readonly #leasing: Leasing;
  readonly #lines = new Map<PoolQueue, Hold[]>();

  constructor(leasing: Leasing) {
    this.#leasing = leasing;
  }

  linkUp(queues: Iterable<PoolQueue>): void {
    this.#lines.clear();
    for (const queue of queues) {
      // Nothing of a pool without such members is looked through.
      if (queue.pool.roster.far.length === 0) continue;
      const line: Hold[] = [];
      for (const { sent, holds } of queue.begun.values()) if (sent) line.push(...holds.filter(isOpen));
      if (line.length > 0) this.#lines.set(queue, line);
    }
  }

  linkDown(): void {
    this.#lines.clear();
  }

  tick(queue: PoolQueue, now: number): void {
    const line = this.#lines.get(queue);
    if (line === undefined || !this.#leasing.mayLease(queue.pool, now)) return;
    let left = turnMax;
    const rest = line.filter((hold) => {
      const { delivery } = hold;
      if (delivery.state !== 'leased' || delivery.done || !isOpen(hold) || !delivery.holds.includes(hold)) return false;
      if (left === 0 || hold.member?.state !== 'verified') return true;
      left -= 1;
      return !this.#leasing.repeat(queue, hold);
    });
    if (rest.length > 0) this.#lines.set(queue, rest);
    else this.#lines.delete(queue);
  }
}

/** Whether it is in the hands of a pool of another domain, which has not said that it has it. */
function isOpen({ level, state }: Hold): boolean {
  return level === 'queued' && state === 'has';
}
