import type { Worker } from 'node:worker_threads';
import { startThread } from '../thread/start-thread.ts';
import type { WriterOptions } from './steady-writer.ts';

/** Starts the writer thread of a PostgreSQL. */
export function startWorker(options: WriterOptions): Worker {
  return startThread(new URL('./worker', import.meta.url), options);
}
