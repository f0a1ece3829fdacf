import type {
  Snapshot,
  StoredAlias,
  StoredConversation,
  StoredLabel,
  StoredMember,
  StoredOrder,
  StoredPool,
  StoredPreference,
  StoredSubscription,
} from '../core/durable-state.ts';
import type { AlgorithmName } from '../core/settings.ts';
import { unreadable } from './unreadable.ts';

/** Rows as a database gives them; SQLite has no booleans. */
interface PreferenceRow {
  readonly pool: string;
  readonly algorithm: string;
  readonly replaced: string;
}

interface MemberRow extends Omit<StoredMember, 'show' | 'weight' | 'capacity' | 'drain' | 'pings'> {
  readonly show: string;
  readonly weight: number | null;
  readonly capacity: number | null;
  readonly drain: number | boolean;
  readonly pings: number | boolean | null;
}

interface SubscriptionRow extends Omit<StoredSubscription, 'state' | 'ask'> {
  readonly state: string;
  readonly ask: number | boolean;
}

interface OrderRow extends Omit<StoredOrder, 'held' | 'weight'> {
  readonly held: string | null;
  readonly weight: number | null;
}

/** The rows of a snapshot, queues aside, each part in the order that the snapshot wants. */
export interface SnapshotRows {
  readonly preferences: readonly PreferenceRow[];
  readonly members: readonly MemberRow[];
  readonly conversations: readonly StoredConversation[];
  readonly subscriptions: readonly SubscriptionRow[];
  readonly aliases: readonly StoredAlias[];
  readonly labels: readonly StoredLabel[];
  readonly orders: readonly OrderRow[];
  readonly made: readonly StoredPool[];
}

/** A row of one part of a snapshot. */
export type SnapshotRow<Part extends keyof SnapshotRows> = SnapshotRows[Part][number];

const algorithms: Record<AlgorithmName, true> = {
  all: true,
  mostactive: true,
  roundrobin: true,
  weighted: true,
  leastbusy: true,
  sticky: true,
};
const shows: Record<StoredMember['show'], true> = { chat: true, online: true, away: true, xa: true, dnd: true };
const holdings: Record<NonNullable<StoredOrder['held']>, true> = { drained: true, suspended: true };
const subscriptionStates: Record<StoredSubscription['state'], true> = { none: true, to: true, from: true, both: true };

/** What rows mean that were read from the database at `place`. Throws `StoreError` where one means nothing. */
export function snapshotOf(rows: SnapshotRows, queues: Snapshot['queues'], place: string): Snapshot {
  const { conversations, aliases, labels } = rows;
  return {
    preferences: rows.preferences.map((row) => preferenceOf(row, place)),
    members: rows.members.map((row) => memberOf(row, place)),
    conversations,
    subscriptions: rows.subscriptions.map((row) => subscriptionOf(row, place)),
    aliases,
    labels,
    orders: rows.orders.map((row) => orderOf(row, place)),
    made: rows.made.map((row) => madeOf(row, place)),
    queues,
  };
}

function preferenceOf({ pool, algorithm, replaced }: PreferenceRow, file: string): StoredPreference {
  if (!isKeyOf(algorithms, algorithm)) throw unreadable(file, `the preference of pool ${pool}`, algorithm);
  if (!isKeyOf(algorithms, replaced)) throw unreadable(file, `the preference of pool ${pool}`, replaced);
  return { pool, algorithm, replaced };
}

function memberOf(row: MemberRow, file: string): StoredMember {
  const { show } = row;
  if (!isKeyOf(shows, show)) throw unreadable(file, `member ${row.jid} of pool ${row.pool}`, show);
  return {
    ...row,
    show,
    weight: row.weight ?? undefined,
    capacity: row.capacity ?? undefined,
    drain: Boolean(row.drain),
    pings: row.pings === null ? undefined : Boolean(row.pings),
  };
}

function subscriptionOf(row: SubscriptionRow, file: string): StoredSubscription {
  const { pool, peer, state } = row;
  if (!isKeyOf(subscriptionStates, state)) throw unreadable(file, `the subscription of ${peer} to pool ${pool}`, state);
  return { pool, peer, state, ask: Boolean(row.ask) };
}

function orderOf({ pool, jid, held, weight }: OrderRow, file: string): StoredOrder {
  if (held !== null && !isKeyOf(holdings, held)) throw unreadable(file, `the order for ${jid} of pool ${pool}`, held);
  return { pool, jid, held: held ?? undefined, weight: weight ?? undefined };
}

function isKeyOf<Key extends string>(table: Record<Key, true>, name: string): name is Key {
  return Object.hasOwn(table, name);
}

/** A row, if what it holds are settings. Throws `StoreError`. */
export function madeOf(row: StoredPool, file: string): StoredPool {
  if (isObjectText(row.settings)) return row;
  throw unreadable(file, `the made pool ${row.pool}`, row.settings.slice(0, 60));
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
