import type { StoredDelivery } from '../core/delivery-state.ts';
import { StoreError } from './error.ts';

/** Columns of a delivery, as a database gives them. */
export interface DeliveryRow {
  readonly id: number;
  readonly pool: string;
  readonly state: number;
  readonly attempt: number;
  readonly base: number;
  readonly bytes: number;
  readonly since: number;
  readonly expires: number;
  readonly not_before: number;
  readonly leased_at: number;
  readonly deadline: number;
  readonly dead_at: number;
  readonly receipt: number | boolean;
  readonly sender: string;
  readonly target: string;
  readonly type: string | null;
  readonly message: string | null;
  readonly wire: string | null;
  readonly lang: string | null;
  readonly key: string | null;
  readonly worker: string | null;
  readonly nonce: string | null;
  readonly reason: string | null;
  readonly rest: string | null;
  readonly history: string | null;
  readonly tail: string;
}

/** How a state is written in the database; the indices of the migration name them as well. */
export const stateCodes = { ready: 0, leased: 1, dead: 2 } as const;
const states = ['ready', 'leased', 'dead'] as const;

/** What a row says. Throws `corrupt` for one that cannot be understood. */
export function deliveryOf(row: DeliveryRow, file: string): StoredDelivery {
  return {
    pool: row.pool,
    id: row.id,
    state: stateOf(row, file),
    sender: row.sender,
    to: row.target,
    type: typeOf(row, file),
    message: row.message ?? undefined,
    wire: row.wire ?? undefined,
    lang: row.lang ?? undefined,
    rest: row.rest ?? undefined,
    tail: row.tail,
    bytes: row.bytes,
    since: row.since,
    expires: row.expires,
    key: row.key ?? undefined,
    receipt: Boolean(row.receipt),
    attempt: row.attempt,
    base: row.base,
    worker: row.worker ?? undefined,
    nonce: row.nonce ?? undefined,
    leasedAt: row.leased_at,
    deadline: row.deadline,
    notBefore: row.not_before,
    history: row.history ?? undefined,
    reason: row.reason ?? undefined,
    deadAt: row.dead_at,
  };
}

function stateOf(row: DeliveryRow, file: string): StoredDelivery['state'] {
  const state = states[row.state];
  if (state === undefined) throw unreadable(row, file, `state ${row.state}`);
  return state;
}

function typeOf(row: DeliveryRow, file: string): StoredDelivery['type'] {
  const { type } = row;
  if (type === null) return undefined;
  if (type !== 'normal' && type !== 'chat' && type !== 'headline') throw unreadable(row, file, `type '${type}'`);
  return type;
}

function unreadable(row: DeliveryRow, file: string, what: string): StoreError {
  const advice = 'Was the database edited by hand? Correct or delete that row.';
  return new StoreError('corrupt', file, `delivery ${row.id} of pool ${row.pool} has the unknown ${what}.`, advice);
}
