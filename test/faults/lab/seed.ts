/**
 * The seed of a run: `FAULT_SEED` replays one as the first, and without it each run has another.
 * Print it with every failure.
 * @param run Runs of one process count from 1, and have seeds of their own.
 */
export function seedOf(run: number): number {
  const first = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 1e9));
  return (first + (run - 1) * 7919) >>> 0;
}
