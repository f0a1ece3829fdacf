import type { DeliveryChange } from '../core/delivery-state.ts';
import type { Change } from '../core/durable-state.ts';
import { isDeliveryChange } from './delivery-change.ts';

/** What a change costs beside its text, in bytes: its record, its row and key in the batch, who waits for it. */
const overhead = 700;
/** A letter of up to two bytes, in the change and in its key. */
const perLetter = 4;
/** The same of a step of a delivery, which has no key there and few fields of its own. */
const stepOverhead = 400;
const perLetterOfStep = 2;

/** About how many bytes a change holds until it is reported; rather too many than too few. */
export function costOf(change: Change): number {
  if (isDeliveryChange(change)) return stepOverhead + perLetterOfStep * lettersOfStep(change);
  return overhead + perLetter * (change.pool.length + lettersOf(change));
}

/** Letters of the texts that others chose. */
function lettersOf(change: Exclude<Change, DeliveryChange>): number {
  switch (change.op) {
    case 'put-member':
      return change.jid.length + change.label.length;
    case 'remove-member':
    case 'put-order':
    case 'remove-order':
      return change.jid.length;
    case 'put-conversation':
      return change.sender.length + change.worker.length;
    case 'put-subscription':
    case 'remove-subscription':
      return change.peer.length;
    case 'put-label':
      return change.label.length + change.bare.length;
    case 'remove-label':
      return change.label.length;
    case 'put-alias':
      return change.sender.length + change.key.length;
    case 'remove-alias':
      return change.sender.length;
    case 'put-pool':
      return change.settings.length + change.by.length;
    default:
      return 0;
  }
}

/** Letters of a step that are not in memory for another's sake, or may not be: every text. */
function lettersOfStep(change: DeliveryChange): number {
  switch (change.op) {
    case 'accept':
      return lettersOfDelivery(change);
    case 'lease':
      return change.pool.length + change.worker.length + lengthOf(change.nonce);
    case 'release':
      return change.pool.length + lengthOf(change.history);
    case 'bury':
      return change.pool.length + change.reason.length + lengthOf(change.history);
    case 'bounce':
      return change.pool.length + change.reason.length;
    default:
      return change.pool.length;
  }
}

function lettersOfDelivery(delivery: Extract<DeliveryChange, { op: 'accept' }>): number {
  const { pool, sender, to, tail, message, wire, lang, rest, key, worker, nonce, history, reason, duplicate } =
    delivery;
  const known = pool.length + sender.length + to.length + tail.length;
  const of = lengthOf(message) + lengthOf(wire) + lengthOf(lang) + lengthOf(rest) + lengthOf(key) + lengthOf(worker);
  return known + of + lengthOf(nonce) + lengthOf(history) + lengthOf(reason) + lengthOf(duplicate);
}

function lengthOf(text: string | undefined): number {
  return text === undefined ? 0 : text.length;
}
