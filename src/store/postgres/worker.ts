import { parentPort, workerData } from 'node:worker_threads';
import { serveWriter } from './serve-writer.ts';
import type { WriterOptions } from './steady-writer.ts';

/** Entry of the writer thread. It ends with its sessions closed, or with its process. */
const options: unknown = workerData;
if (parentPort !== null && isWriterOptions(options)) await serveWriter(parentPort, options);

function isWriterOptions(value: unknown): value is WriterOptions {
  return typeof value === 'object' && value !== null && 'settings' in value && 'epoch' in value;
}
