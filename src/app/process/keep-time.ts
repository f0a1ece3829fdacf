import type { Metrics } from '../../telemetry/metrics.ts';
import { LoopDelay } from './loop-delay.ts';

/** How often the core is told the time, in milliseconds. */
const tickEvery = 100;
/** How often summaries of repeated log lines are due, in milliseconds. */
const noticesEvery = 1_000;

/** What time passes on. */
export interface Ticked {
  /** About ten times a second. */
  tick(): void;
  /** Summaries of repeated log lines are due. */
  sum(): void;
}

/** Measures how late `keepTime` is. */
export function delayFor(metrics: Metrics): LoopDelay {
  return new LoopDelay(tickEvery, (late) => metrics.took('switchyard_event_loop_delay_seconds', late));
}

/**
 * Tells the core and the log the time, and `delay` its beats. Returns what stops it.
 * @param ticked Called each time that the core was told the time.
 */
export function keepTime(stage: Ticked, delay: LoopDelay, ticked: () => void): () => void {
  const ticking = setInterval(() => {
    delay.beat();
    stage.tick();
    ticked();
  }, tickEvery);
  const summing = setInterval(() => stage.sum(), noticesEvery);
  return () => {
    clearInterval(ticking);
    clearInterval(summing);
  };
}
