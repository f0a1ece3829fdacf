import type { Parts } from './build.ts';
import { LoopDelay } from './loop-delay.ts';

/** How often the core is told the time, in milliseconds. */
const tickEvery = 100;
/** How often summaries of repeated log lines are due, in milliseconds. */
const noticesEvery = 1_000;

/** Tells the core and the log the time, and notes how late. Returns what stops it. */
export function keepTime({
  router,
  notices,
  metrics,
  clock,
}: Pick<Parts, 'router' | 'notices' | 'metrics' | 'clock'>): () => void {
  const delay = new LoopDelay(tickEvery, (late) => metrics.took('switchyard_event_loop_delay_seconds', late));
  const ticking = setInterval(() => {
    delay.beat();
    router.tick(clock.now());
  }, tickEvery);
  const summing = setInterval(() => notices.tick(clock.now()), noticesEvery);
  return () => {
    clearInterval(ticking);
    clearInterval(summing);
  };
}
