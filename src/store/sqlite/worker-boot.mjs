// Starts the writer thread from source: the loader of the main thread does not reach a worker
// on Node 20. The built package starts worker.js itself and does not hold this file.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
