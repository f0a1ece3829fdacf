import { type RunView, seconds } from './run-view.ts';

/** Tells what is new in a run each time that it was looked at. */
export class Progress {
  readonly #write: (line: string) => void;
  readonly #seen = new Map<string, string>();
  #over = 0;

  /** @param write Takes one line. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** How many workers, counted from the first, have come to an end. */
  get over(): number {
    return this.#over;
  }

  begin({ id, about, waiting, begun }: RunView): void {
    this.#write(`run ${id} starts: ${about}; ${waiting + begun} workers`);
  }

  /** @param run Its `workers` begin after those that are `over`. */
  tell(run: RunView): void {
    const total = run.begun + run.waiting;
    const before = this.#over;
    for (const [index, { worker, stage, result, reason, began, ended }] of run.workers.entries()) {
      const now = result ?? stage;
      const place = before + index + 1;
      if (this.#seen.get(worker) !== now) {
        this.#seen.set(worker, now);
        const took = ended === null ? '' : ` in ${seconds(began, ended)}`;
        this.#write(`[${place}/${total}] ${worker} ${now}${took}${reason === null ? '' : `: ${reason}`}`);
      }
      if (ended !== null && place === this.#over + 1) {
        this.#over = place;
        this.#seen.delete(worker);
      }
    }
  }
}
