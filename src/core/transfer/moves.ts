import type { Move, MoveStage } from './move.ts';

/** The moves under way: by worker, and by the request that each waits for. */
export class Moves {
  readonly #byWorker = new Map<string, Move>();
  readonly #byRequest = new Map<string, Move>();

  /** That of the worker with this full JID. */
  of(jid: string): Move | undefined {
    return this.#byWorker.get(jid);
  }

  all(): Iterable<Move> {
    return this.#byWorker.values();
  }

  /** Whether any worker of this pool is on its way. */
  anyIn(pool: string): boolean {
    for (const move of this.all()) if (move.pools.includes(pool)) return true;
    return false;
  }

  /** How many workers are in this stage. */
  count(stage: MoveStage): number {
    let count = 0;
    for (const move of this.all()) if (move.stage === stage) count += 1;
    return count;
  }

  /** A worker of this account that is away: it may come back with another resource. */
  awayOf(bare: string): Move | undefined {
    for (const move of this.all()) if (move.stage === 'away' && move.bare === bare) return move;
    return undefined;
  }

  add(move: Move): void {
    this.#byWorker.set(move.jid, move);
  }

  remove(move: Move): void {
    this.unask(move);
    this.#byWorker.delete(move.jid);
  }

  /** It waits for the answer to the request `id`. */
  ask(move: Move, id: string): void {
    move.request = id;
    this.#byRequest.set(id, move);
  }

  /** It waits for no answer. */
  unask(move: Move): void {
    if (move.request !== undefined) this.#byRequest.delete(move.request);
    move.request = undefined;
  }

  /** Whose request has this id, if `from` is the worker that was asked; it waits for it no more. */
  answered(id: string | undefined, from: string): Move | undefined {
    const move = id === undefined ? undefined : this.#byRequest.get(id);
    if (move === undefined || move.jid !== from) return undefined;
    this.unask(move);
    return move;
  }
}
