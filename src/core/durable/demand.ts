import type { Pool } from '../pool/pool.ts';

/**
 * How many workers `open` messages would fill: to scale the workers of a pool by. A worker counts for
 * as many as those that are there may hold at a time, in the mean; without any, for the capacity of the configuration.
 *
 * @param open Messages that wait, and that workers have.
 */
export function workersWanted(pool: Pool, open: number): number {
  let workers = 0;
  let capacity = 0;
  for (const { duty } of pool.roster) {
    if (duty === undefined) continue;
    workers += 1;
    capacity += duty.capacity;
  }
  const mean = workers === 0 || capacity === 0 ? pool.settings.delivery.capacity : capacity / workers;
  return Math.ceil(open / Math.max(1, mean));
}
