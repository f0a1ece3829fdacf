import type { MessageReport, MessageSummary } from '../../../src/core/commands/message-report.ts';
import { isRecord } from '../live/answer.ts';
import { isListOf } from '../live/overview.ts';

/** A page of a queue: the answer of `queue.list` and `queue.dead`. */
export interface MessagePage {
  readonly messages: readonly MessageSummary[];
  readonly more: boolean;
}

export function isMessagePage(value: unknown): value is MessagePage {
  return isRecord(value) && typeof value['more'] === 'boolean' && isListOf(value['messages'], 'id', 'state', 'from');
}

export function isMessage(value: unknown): value is MessageReport {
  return isRecord(value) && typeof value['id'] === 'string' && typeof value['content'] === 'string';
}

/** The chosen ids, less those that are not on the page any more. */
export function stillThere(
  chosen: ReadonlySet<string>,
  messages: readonly { readonly id: string }[],
): ReadonlySet<string> {
  return new Set(messages.map(({ id }) => id).filter((id) => chosen.has(id)));
}

/** With `id` chosen if it was not, and not chosen if it was. */
export function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(chosen);
  if (!after.delete(id)) after.add(id);
  return after;
}
