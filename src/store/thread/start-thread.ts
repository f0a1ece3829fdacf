import { Worker } from 'node:worker_threads';

/**
 * Starts a writer thread.
 * @param entry The file of it, without its ending, by the URL of who asks: built in the package, else the source.
 * @param options What it is given, by `workerData`.
 */
export function startThread(entry: URL, options: object): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`${entry.href}.js`), { name: 'store-writer', workerData: options });
  }
  const boot = new URL('./thread-boot.mjs', import.meta.url);
  return new Worker(boot, { name: 'store-writer', workerData: options, argv: [`${entry.href}.ts`] });
}
