import type { LabEvent } from '../../test/faults/lab/events.ts';

/** What became of the messages of one run, as those see it who sent them and who did the work. */
export interface Outcome {
  readonly sent: number;
  /** The work of the message was done, to its end. */
  readonly done: number;
  /** An error came back, and nobody did the work: the sender knows. */
  readonly returned: number;
  /** Neither: nobody knows. */
  readonly lost: number;
  /** Of the lost: the pool had said that it has the message. */
  readonly lostAccepted: number;
  /** The work was done more than once. */
  readonly twice: number;
}

/** Counts by what was logged of the work alone, so that it is the same for whoever brought the messages. */
export function outcomeOf(events: readonly LabEvent[]): Outcome {
  const sent = new Set<string>();
  const returned = new Set<string>();
  const queued = new Set<string>();
  const finished = new Map<string, number>();
  for (const event of events) {
    if (event.kind === 'sent') sent.add(event.id);
    else if (event.kind === 'bounce') returned.add(event.id);
    else if (event.kind === 'queued') queued.add(event.id);
    else if (event.kind === 'finished') finished.set(event.id, (finished.get(event.id) ?? 0) + 1);
  }
  const undone = [...sent].filter((id) => !finished.has(id));
  const lost = undone.filter((id) => !returned.has(id));
  return {
    sent: sent.size,
    done: sent.size - undone.length,
    returned: undone.length - lost.length,
    lost: lost.length,
    lostAccepted: lost.filter((id) => queued.has(id)).length,
    twice: [...finished.values()].filter((times) => times > 1).length,
  };
}
