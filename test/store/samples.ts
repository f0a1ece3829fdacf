import type { DeliveryChange, StoredDelivery } from '../../src/core/delivery-state.ts';
import type { Change, Snapshot, StoredMember } from '../../src/core/durable-state.ts';

export function member(name: string, more: Partial<StoredMember> = {}): StoredMember {
  return {
    pool: 'jobs',
    jid: `${name}@example.org/desk`,
    label: name,
    sequence: 1,
    priority: 0,
    show: 'online',
    weight: undefined,
    capacity: undefined,
    drain: false,
    pings: undefined,
    seen: 1_700_000_000_000,
    ...more,
  };
}

export function putMember(name: string, more: Partial<StoredMember> = {}): Change {
  return { op: 'put-member', ...member(name, more) };
}

export function conversation(sender: string, at: number, pool = 'jobs'): Change {
  return { op: 'put-conversation', pool, sender, worker: 'worker@example.org', at };
}

/** A message that waits, as `accept` takes it; `more` says otherwise. */
export function delivery(id: number, more: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    pool: 'jobs',
    id,
    state: 'ready',
    sender: 'sensor@example.org/line',
    to: 'jobs@pools.example',
    type: 'chat',
    message: undefined,
    wire: undefined,
    lang: undefined,
    rest: undefined,
    tail: '<body>Printer is on fire</body>',
    bytes: 100,
    since: 1_700_000_000_000,
    expires: 1_700_000_060_000,
    key: undefined,
    receipt: false,
    attempt: 0,
    base: 0,
    worker: undefined,
    nonce: undefined,
    leasedAt: 0,
    deadline: 0,
    notBefore: 0,
    history: undefined,
    reason: undefined,
    deadAt: 0,
    ...more,
  };
}

export function accept(
  id: number,
  more: Partial<StoredDelivery> = {},
  duplicate?: string,
): Extract<DeliveryChange, { op: 'accept' }> {
  return { op: 'accept', duplicate, ...delivery(id, more) };
}

/** Fields of a delivery that goes to a worker at once. */
export const leased = { state: 'leased', attempt: 1, worker: 'w@example.org/1', leasedAt: 5, deadline: 30 } as const;

/** The snapshot in one order, so that it can be compared. */
export function sorted(snapshot: Snapshot): Snapshot {
  const by = <Row>(rows: readonly Row[]): Row[] =>
    [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    preferences: by(snapshot.preferences),
    members: by(snapshot.members.map(inFieldOrder)),
    subscriptions: by(snapshot.subscriptions.map(({ pool, peer, state, ask }) => ({ pool, peer, state, ask }))),
    labels: by(snapshot.labels.map(({ pool, label, bare, at }) => ({ pool, label, bare, at }))),
    orders: by(snapshot.orders.map(({ pool, jid, held, weight }) => ({ pool, jid, held, weight }))),
    made: by(snapshot.made.map(({ pool, settings, by: maker, at }) => ({ pool, settings, by: maker, at }))),
    aliases: by(snapshot.aliases.map(({ pool, sender, key, at }) => ({ pool, sender, key, at }))),
    conversations: by(snapshot.conversations.map(({ pool, sender, worker, at }) => ({ pool, sender, worker, at }))),
    queues: by(snapshot.queues.map((queue) => ({ ...queue, senders: by(queue.senders) }))),
  };
}

function inFieldOrder(row: StoredMember): StoredMember {
  const { pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen } = row;
  return { pool, jid, label, sequence, priority, show, weight, capacity, drain, pings, seen };
}
