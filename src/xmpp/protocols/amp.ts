import type { Element } from 'ltx';
import { readDateTime } from '../codec/date-time.ts';

/**
 * When a message is no longer to be delivered (XEP-0079 section 3.3.2): the first time of its rules
 * with condition expire-at, in epoch milliseconds. A rule that wants no more than to be told
 * (`notify`) forbids nothing, and an `<amp/>` with a status tells of rules and makes none.
 */
export function readExpireAt(amp: Element): number | undefined {
  if (amp.attrs['status'] !== undefined) return undefined;
  let first: number | undefined;
  for (const rule of amp.getChildElements()) {
    if (rule.getName() !== 'rule') continue;
    const { condition, action, value } = rule.attrs;
    if (condition !== 'expire-at' || action === 'notify') continue;
    const at = readDateTime(value ?? '');
    if (at !== undefined) first = Math.min(at, first ?? at);
  }
  return first;
}
