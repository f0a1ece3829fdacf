import type { DeliveryChange, StoredDelivery } from '../../src/core/delivery-state.ts';
import { delivery, leased } from './samples.ts';

/** Rows to start from, each with a duplicate known. */
export const starts = {
  absent: undefined,
  'ready, never begun': delivery(7),
  'ready, attempt 1 over': delivery(7, { attempt: 1, nonce: 'n', notBefore: 9, history: '[["w",1,2,"error"]]' }),
  'leased, attempt 1': delivery(7, { ...leased, nonce: 'n' }),
  'dead after attempt 1': delivery(7, { state: 'dead', attempt: 1, reason: 'max-attempts', deadAt: 50 }),
  'dead after attempt 1, untold': delivery(7, { state: 'dead', attempt: 1, reason: 'max-attempts', deadAt: 0 }),
} as const;

export type Start = keyof typeof starts;
type Step = Exclude<DeliveryChange, { op: 'accept' | 'forget-duplicates' }>;

export const [pool, id] = ['jobs', 7];
const free = { worker: undefined, leasedAt: 0, deadline: 0 };
export const lease = (attempt: number): Step => {
  return { op: 'lease', pool, id, attempt, worker: 'x@example.org/2', nonce: 'm', leasedAt: 60, deadline: 90 };
};
export const release = (attempt: number): Step => ({ op: 'release', pool, id, attempt, notBefore: 70, history: '[]' });
export const extend = (attempt: number): Step => ({ op: 'extend', pool, id, attempt, deadline: 99 });
export const bury = (attempt: number): Step => ({
  op: 'bury',
  pool,
  id,
  attempt,
  reason: 'expired',
  at: 80,
  history: '[1]',
});
export const bounce = (attempt: number): Step => ({ op: 'bounce', pool, id, attempt, reason: 'expired' });

const redriven = { state: 'ready', base: 1, expires: 500, notBefore: 400, reason: undefined, deadAt: 0 } as const;

/** What each step leaves of each start that it takes; every other start is stale, and left as it was. */
export const steps: readonly {
  readonly step: Step;
  readonly takes: Partial<Record<Start, Partial<StoredDelivery> | 'gone'>>;
}[] = [
  ...[1, 2].map((attempt) => {
    const after = {
      state: 'leased',
      attempt,
      worker: 'x@example.org/2',
      nonce: 'm',
      leasedAt: 60,
      deadline: 90,
    } as const;
    const takes =
      attempt === 1 ? { 'ready, never begun': after } : { 'ready, attempt 1 over': after, 'leased, attempt 1': after };
    return { step: lease(attempt), takes };
  }),
  { step: lease(3), takes: {} },
  {
    step: release(1),
    takes: { 'leased, attempt 1': { ...free, state: 'ready', notBefore: 70, history: '[]' } },
  },
  { step: release(2), takes: {} },
  { step: extend(1), takes: { 'leased, attempt 1': { deadline: 99 } } },
  { step: extend(0), takes: {} },
  {
    step: { op: 'ack', pool, id },
    takes: { 'ready, never begun': 'gone', 'ready, attempt 1 over': 'gone', 'leased, attempt 1': 'gone' },
  },
  ...[0, 1].map((attempt) => {
    const after = { ...free, state: 'dead', notBefore: 0, reason: 'expired', deadAt: 80, history: '[1]' } as const;
    const takes = { 'ready, attempt 1 over': after, 'leased, attempt 1': after };
    return { step: bury(attempt), takes: attempt === 1 ? takes : { 'ready, never begun': after } };
  }),
  { step: { op: 'keep', pool, id, at: 77 }, takes: { 'dead after attempt 1, untold': { deadAt: 77 } } },
  { step: bounce(0), takes: { 'ready, never begun': 'gone' } },
  {
    step: bounce(1),
    takes: {
      'ready, attempt 1 over': 'gone',
      'leased, attempt 1': 'gone',
      'dead after attempt 1': 'gone',
      'dead after attempt 1, untold': 'gone',
    },
  },
  {
    step: { op: 'purge', pool, id },
    takes: {
      'ready, never begun': 'gone',
      'ready, attempt 1 over': 'gone',
      'leased, attempt 1': 'gone',
      'dead after attempt 1': 'gone',
      'dead after attempt 1, untold': 'gone',
    },
  },
  {
    step: { op: 'redrive', pool, id, expires: 500, notBefore: 400 },
    takes: { 'dead after attempt 1': redriven, 'dead after attempt 1, untold': redriven },
  },
];
