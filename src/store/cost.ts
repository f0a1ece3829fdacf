import type { Change } from '../core/durable-state.ts';

/** What a change costs beside its text, in bytes: its record, its row and key in the batch, who waits for it. */
const overhead = 700;
/** A letter of up to two bytes, in the change and in its key. */
const perLetter = 4;

/** About how many bytes a change holds until it is reported; rather too many than too few. */
export function costOf(change: Change): number {
  return overhead + perLetter * (change.pool.length + lettersOf(change));
}

/** Letters of the texts that others chose. */
function lettersOf(change: Change): number {
  switch (change.op) {
    case 'put-member':
      return change.jid.length + change.label.length;
    case 'remove-member':
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
    default:
      return 0;
  }
}
