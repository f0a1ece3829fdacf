import type { EventName } from '../ports.ts';
import type { Service } from '../service.ts';
import type { Outcome } from './outcome.ts';

/** Counts what became of a message of the pool `name` that had waited. */
export function countWaited({ out, pools }: Service, name: string, outcome: Outcome | undefined): void {
  out.event(endOfWaiting(outcome), name);
  pools.get(name)?.counts.waited(outcome);
}

/** The event that counts what became of a message that had waited. */
function endOfWaiting(outcome: Outcome | undefined): EventName {
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
