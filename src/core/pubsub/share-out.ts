import type { EventShares, MessageEnvelope } from '../envelope.ts';
import { forwarded, type Outcome, queued } from '../outcome/outcome.ts';
import type { Out } from '../ports.ts';

/**
 * Gives away the parts of a PubSub event, each by `give`. One that arrives makes the event a forwarded
 * one, one that waits a queued one; those that did neither are counted.
 *
 * @param give Takes a part, and whether every worker has to know it.
 */
export function shareOut(
  message: MessageEnvelope,
  { one, all }: EventShares,
  pool: string,
  out: Out,
  give: (part: MessageEnvelope, toAll: boolean) => Outcome,
): Outcome {
  const outcomes = one.map((tail) => give(partOf(message, tail), false));
  if (all !== undefined) outcomes.push(give(partOf(message, all), true));
  const failed = outcomes.filter(({ kind }) => kind !== 'forwarded' && kind !== 'queued');
  const [first] = failed;
  if (first !== undefined && failed.length === outcomes.length) return first;
  if (failed.length > 0) out.event('event-part-dropped', pool, failed.length);
  return outcomes.some(({ kind }) => kind === 'forwarded') ? forwarded : queued;
}

/** A message of its own with a part of the event; it keeps no other part alive. */
function partOf(message: MessageEnvelope, tail: string): MessageEnvelope {
  return tail === message.tail
    ? message
    : { ...message, tail, size: tail.length, event: { one: [tail], all: undefined } };
}
