import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseOptions } from './database.ts';
import { serveWriter } from './serve-writer.ts';

/** Entry of the writer thread. It ends with the database closed, or with its process. */
const options: unknown = workerData;
if (parentPort !== null && isDatabaseOptions(options)) serveWriter(parentPort, options);

function isDatabaseOptions(value: unknown): value is DatabaseOptions {
  return typeof value === 'object' && value !== null && 'file' in value && 'busyTimeout' in value;
}
