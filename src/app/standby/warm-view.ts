import type { Snapshot } from '../../core/durable-state.ts';
import type { SharedDatabase } from '../../store/shared.ts';

/** How often an instance that stands by looks at what is stored, in milliseconds. */
const lookEvery = 30_000;

/** What was stored when an instance that stands by looked. */
export interface StoredCounts {
  /** Of the steady clock. */
  readonly at: number;
  readonly members: number;
  readonly pools: number;
}

/** Looks at what is stored now and then: then the way to it is known to work, and what would be taken over. */
export class WarmView {
  readonly #database: Pick<SharedDatabase, 'snapshot'>;
  #counts: StoredCounts | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(database: Pick<SharedDatabase, 'snapshot'>) {
    this.#database = database;
  }

  get counts(): StoredCounts | undefined {
    return this.#counts;
  }

  /** Looks, when it is time to. */
  turn(now: number): void {
    if (this.#looking || now - this.#lookedAt < lookEvery) return;
    this.#looking = true;
    this.#lookedAt = now;
    void this.#look(now);
  }

  async #look(now: number): Promise<void> {
    try {
      const snapshot = await this.#database.snapshot();
      this.#counts = { at: now, members: snapshot.members.length, pools: poolsIn(snapshot) };
    } catch {
      // What is wrong the beats tell.
    } finally {
      this.#looking = false;
    }
  }
}

function poolsIn({ members, queues, made }: Snapshot): number {
  return new Set([...members, ...queues, ...made].map(({ pool }) => pool)).size;
}
