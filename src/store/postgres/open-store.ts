import type { MemoryBudget } from '../../core/memory/memory.ts';
import { defaultLimits, Journal } from '../journal.ts';
import type { Store } from '../store.ts';
import { ThreadWriter } from '../thread/thread-writer.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';
import { startWorker } from './start-worker.ts';

/**
 * Opens the store, for who has the lease with `epoch`: with any other nothing is written, and each change gets the error
 * `fenced`. The tables must be there. Rejects with a `StoreError`.
 * @param memory For the changes that wait for the database; 32 MiB by default.
 */
export async function openStore(settings: ConnectionSettings, epoch: number, memory?: MemoryBudget): Promise<Store> {
  const start = () => startWorker({ settings, epoch });
  const writer = new ThreadWriter({ file: placeOf(settings), start, minDelay: 100, maxDelay: 30_000 });
  await writer.open();
  return new Journal(writer, defaultLimits, memory);
}
