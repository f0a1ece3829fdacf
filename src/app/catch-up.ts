import { setTimeout as sleep } from 'node:timers/promises';
import type { Router } from '../core/router.ts';
import type { Link } from '../xmpp/link/link.ts';
import type { LinkCounts } from './process/gauges.ts';

/** Between two looks at what is open, in milliseconds. */
const pause = 20;

/**
 * Reads on until the server has nothing more for us, so that whoever wrote before we close gets his
 * answer. Under traffic that never pauses, `limit` milliseconds end it.
 */
export async function catchUp(link: Link, counts: LinkCounts, limit: number): Promise<void> {
  const until = performance.now() + limit;
  for (let left = limit; left > 0; left = until - performance.now()) {
    const before = counts.routed;
    await within(left, link.caughtUp());
    if (counts.routed === before) return;
  }
}

/**
 * Waits until workers have answered the requests that they were given, or who asked has been told
 * otherwise. Without a link no answer can come: then there is nothing to wait for.
 */
export async function answered(router: Pick<Router, 'held'>, link: Pick<Link, 'state'>): Promise<void> {
  while (router.held.requests > 0 && link.state === 'online') await sleep(pause);
}

/** Waits for `work`, but no longer than `limit` milliseconds. */
export async function within(limit: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
