import type { DeliveryChange } from '../core/delivery-state.ts';
import type { Change } from '../core/durable-state.ts';
import { StoreError } from './error.ts';

/** The acceptance of a message. */
export type Accepted = Extract<DeliveryChange, { op: 'accept' }>;

const operations: Readonly<Record<DeliveryChange['op'], true>> = {
  accept: true,
  lease: true,
  release: true,
  extend: true,
  ack: true,
  bury: true,
  keep: true,
  bounce: true,
  purge: true,
  redrive: true,
  'forget-duplicates': true,
};
const names: ReadonlySet<string> = new Set(Object.keys(operations));

/** Whether a change is a step of a delivery: such a one never takes the place of another, and may be stale. */
export function isDeliveryChange(change: Change): change is DeliveryChange {
  const { op } = change;
  // Nearly all are one of these, and to compare two texts that are known costs less than a search.
  return op === 'accept' || op === 'ack' || names.has(op);
}

/** Whether a change takes rows of deliveries away and adds none. */
export function endsDeliveries({ op }: Change): boolean {
  return op === 'ack' || op === 'bounce' || op === 'purge' || op === 'forget-duplicates';
}

/** Whether a message that comes in has something which only few have. */
export function hasRare(row: Accepted): boolean {
  const { duplicate, wire, lang, rest, key, base, notBefore, history, reason, deadAt } = row;
  const texts = duplicate ?? wire ?? lang ?? rest ?? key ?? history ?? reason;
  return texts !== undefined || base !== 0 || notBefore !== 0 || deadAt !== 0;
}

/** Says that a step of a delivery was not taken, because its row is not as it must be. */
export function staleError(file: string, change: Change): StoreError {
  const delivery = 'id' in change ? ` of delivery ${change.id}` : '';
  const problem = `'${change.op}'${delivery} of pool ${change.pool} came too late: it is not as that needs it to be, or no more.`;
  return new StoreError('stale', file, problem, 'Nothing was changed; look at it again.');
}
