import type { Member } from '../pool/member.ts';

/**
 * How far a worker is with a message. `open`: it has it, and was not heard since. `received`: its
 * receipt ended the work, a reply may follow. `over`: replied, failed, or not to be known any more.
 */
export type Progress = 'open' | 'received' | 'over';

const steps: readonly Progress[] = ['open', 'received', 'over'];

/**
 * How far each of the workers is that got a copy of one message. They are found by their place in
 * join order: a table of its own would take five times the memory, and there may be thousands.
 */
export class Copies implements Iterable<Member> {
  readonly #workers: readonly Member[];
  /** By worker: index in `steps`. */
  readonly #progress: Uint8Array;
  #open: number;

  constructor(workers: readonly Member[]) {
    this.#workers = [...workers].sort((a, b) => a.sequence - b.sequence);
    this.#progress = new Uint8Array(workers.length);
    this.#open = workers.length;
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Whether some worker was not heard of it yet. */
  get open(): boolean {
    return this.#open > 0;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#workers.values();
  }

  of(worker: Member): Progress {
    const at = this.#indexOf(worker);
    return (at < 0 ? undefined : steps[this.#progress[at] ?? 0]) ?? 'over';
  }

  /** Notes progress of a worker that has a copy. */
  note(worker: Member, progress: Progress): void {
    const at = this.#indexOf(worker);
    if (at < 0) return;
    if (this.#progress[at] === 0) this.#open -= 1;
    if (progress === 'open') this.#open += 1;
    this.#progress[at] = steps.indexOf(progress);
  }

  #indexOf(worker: Member): number {
    let low = 0;
    let high = this.#workers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#workers[middle]?.sequence ?? 0) < worker.sequence) low = middle + 1;
      else high = middle;
    }
    return this.#workers[low] === worker ? low : -1;
  }
}
