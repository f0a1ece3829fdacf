// Starts a writer thread from source: the loader of the main thread does not reach a worker on Node 20. The built package
// starts the thread's own file and does not hold this one.
import { argv } from 'node:process';
import { register } from 'tsx/esm/api';

register();
await import(argv[2]);
