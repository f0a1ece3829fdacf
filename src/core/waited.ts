import type { Outcome } from './outcome.ts';
import type { EventName } from './ports.ts';

/** The event that counts what became of a message that had waited. */
export function endOfWaiting(outcome: Outcome | undefined): EventName {
  switch (outcome?.kind) {
    case 'forwarded':
    case 'relayed':
    // It waits on, and is safe there.
    case 'queued':
      return 'waited-forwarded';
    case 'bounced':
      return 'waited-bounced';
    default:
      return 'waited-dropped';
  }
}
