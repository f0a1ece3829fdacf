/** What was had before, by its id: the newest, up to a limit. */
export class Memory<Running> {
  readonly #limit: number;
  readonly #running = new Map<string, Running>();
  readonly #done = new Set<string>();

  /** `limit`: how many that are done are remembered. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  find(id: string): Running | 'done' | undefined {
    return this.#done.has(id) ? 'done' : this.#running.get(id);
  }

  begin(id: string, running: Running): void {
    this.#running.set(id, running);
  }

  /** It is over; what failed may come again and is to be done then. */
  end(id: string, done: boolean): void {
    this.#running.delete(id);
    if (!done) return;
    this.#done.add(id);
    if (this.#done.size <= this.#limit) return;
    const oldest = this.#done.values().next();
    if (oldest.done !== true) this.#done.delete(oldest.value);
  }
}
