import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so; far longer than it takes on a machine with nothing else to do. */
export async function until(
  so: () => boolean | Promise<boolean>,
  what: string | (() => string),
  limit = 30_000,
): Promise<void> {
  const deadline = performance.now() + limit;
  while (!(await so())) {
    if (performance.now() > deadline) throw new Error(`not so in time: ${typeof what === 'string' ? what : what()}`);
    await sleep(10);
  }
}
