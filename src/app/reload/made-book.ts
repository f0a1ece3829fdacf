import { z } from 'zod';
import type { MadePool } from '../../config/made-pools.ts';
import type { StoredPool } from '../../core/durable-state.ts';
import type { Store } from '../../store/store.ts';
import type { Log } from '../../telemetry/log.ts';

const settingsForm = z.record(z.string(), z.unknown());

/** The pools that operators have made, in memory as the store has them. */
export class MadeBook {
  readonly #pools = new Map<string, MadePool>();
  #store: Pick<Store, 'commit'> | undefined;

  /** Takes over what an earlier process has kept, and keeps what follows in `store`. */
  open(store: Pick<Store, 'commit'>, kept: readonly StoredPool[]): void {
    this.#store = store;
    this.#pools.clear();
    for (const stored of kept) this.#pools.set(stored.pool, madePoolOf(stored));
  }

  get size(): number {
    return this.#pools.size;
  }

  all(): readonly MadePool[] {
    return [...this.#pools.values()];
  }

  find(name: string): MadePool | undefined {
    return this.#pools.get(name);
  }

  /** Stores a pool, in place of one of its name. Resolves with why it could not; then nothing has changed. */
  async keep(pool: MadePool): Promise<Error | undefined> {
    const { name, settings, by, at } = pool;
    const error = await this.#commit({ op: 'put-pool', pool: name, settings: JSON.stringify(settings), by, at });
    if (error === undefined) this.#pools.set(name, pool);
    return error;
  }

  /** Forgets a pool; as `keep`. */
  async forget(name: string): Promise<Error | undefined> {
    const error = await this.#commit({ op: 'remove-pool', pool: name });
    if (error === undefined) this.#pools.delete(name);
    return error;
  }

  /** Forgets the pools that the file has taken for its own: from now on they are the file's. */
  adopt(taken: readonly string[], { logger }: Log): void {
    for (const pool of taken) {
      logger.info({ event: 'pool-adopted', pool }, `pool ${pool} was made by a command; now the configuration has it`);
      // Where that fails it is taken again at the next start.
      void this.forget(pool);
    }
  }

  #commit(change: Parameters<Store['commit']>[0]): Promise<Error | undefined> {
    return new Promise((resolve) => {
      if (this.#store === undefined) resolve(new Error('the store is not open yet'));
      else this.#store.commit(change, resolve);
    });
  }
}

/** A pool as the configuration takes it. */
export function madePoolOf({ pool, settings, by, at }: StoredPool): MadePool {
  return { name: pool, settings: settingsForm.parse(JSON.parse(settings)), by, at };
}
