import { resolve } from 'node:path';
import type { MemoryBudget } from '../core/memory/memory.ts';
import { defaultLimits, Journal } from './journal.ts';
import { MemoryWriter } from './memory.ts';
import { startWorker } from './sqlite/start-worker.ts';
import type { Store } from './store.ts';
import { ThreadWriter } from './thread/thread-writer.ts';

/** Which store, and where. */
export type StoreOptions =
  | { readonly driver: 'memory' }
  | {
      readonly driver: 'sqlite';
      /** Path of the database; it and its directory are made when missing. */
      readonly file: string;
      /** Milliseconds to wait for a lock that another program holds; 5000 by default. */
      readonly busyTimeout?: number;
      /** Upper bound of the database in bytes; none by default. */
      readonly maxBytes?: number;
    };

/**
 * Opens the store, and migrates it. Rejects with a `StoreError`; a file that is refused is left as it was.
 * @param memory For the changes that wait for the disk; 32 MiB by default.
 */
export async function openStore(options: StoreOptions, memory?: MemoryBudget): Promise<Store> {
  if (options.driver === 'memory') return new Journal(new MemoryWriter(), defaultLimits, memory);
  const file = resolve(options.file);
  const database = { file, busyTimeout: options.busyTimeout ?? 5000, maxBytes: options.maxBytes };
  const writer = new ThreadWriter({ file, start: () => startWorker(database), minDelay: 100, maxDelay: 30_000 });
  await writer.open();
  return new Journal(writer, defaultLimits, memory);
}
