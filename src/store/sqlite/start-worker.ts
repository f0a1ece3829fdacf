import { Worker } from 'node:worker_threads';
import type { DatabaseOptions } from './database.ts';

/** Starts the writer thread: the built file in the package, the boot file when run from source. */
export function startWorker(options: DatabaseOptions): Worker {
  const entry = import.meta.url.endsWith('.ts') ? './worker-boot.mjs' : './worker.js';
  return new Worker(new URL(entry, import.meta.url), { name: 'store-writer', workerData: options });
}
