import type { Outcome } from '../outcome/outcome.ts';

/** What came of the messages of one pool since the start, for people who look at it; metrics count more exactly. */
export class PoolCounts {
  /** Messages to the pool, or to one of its labels. */
  received = 0;
  /** Given to workers: each copy of a message to several, and each attempt at a delivery. */
  delivered = 0;
  /** Refused when they came, or given up later. */
  refused = 0;

  /** Counts how a message ended that came. */
  came(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'forwarded':
      case 'queued':
        this.received += 1;
        break;
      case 'bounced':
      case 'dropped':
        this.received += 1;
        this.refused += 1;
        break;
      default:
        // An answer of ours, or one that was here before.
        break;
    }
  }

  /** Counts how a message ended that had waited. */
  waited(outcome: Outcome | undefined): void {
    if (outcome === undefined || outcome.kind === 'bounced' || outcome.kind === 'dropped') this.refused += 1;
  }
}
