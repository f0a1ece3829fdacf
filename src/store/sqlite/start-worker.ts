import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread/start-thread.ts';
import type { DatabaseOptions } from './database.ts';

/** Starts the writer thread of a database file. */
export function startWorker(options: DatabaseOptions): Worker {
  return startThread(new URL('./worker', import.meta.url), options);
}
