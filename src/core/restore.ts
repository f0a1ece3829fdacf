import type { Snapshot } from './durable-state.ts';
import { converse } from './pool/conversation/stand-in.ts';
import type { Membership } from './pool/membership/membership.ts';
import type { Pool } from './pool/pool.ts';
import type { Preferences } from './pool/rules/preferences.ts';
import type { SubscriptionBook } from './pool/subscription/subscription-book.ts';
import type { Service } from './service.ts';

/** Who takes in what beside the service itself. */
interface Keepers {
  readonly membership: Membership;
  readonly preferences: Preferences;
  readonly book: SubscriptionBook;
  /** Whether a worker joined in a way that the pool takes. */
  readonly admits: (pool: Pool, jid: string) => boolean;
}

/** Takes in what an earlier process stored. Of pools that are no more nothing is kept. */
export function restore(snapshot: Snapshot, service: Service, keepers: Keepers): void {
  const { pools, aliases, conversations } = service;
  const { membership, preferences, book, admits } = keepers;
  aliases.restore(snapshot.aliases);
  for (const label of snapshot.labels) pools.get(label.pool)?.boundLabels.restore(label);
  for (const order of snapshot.orders) pools.get(order.pool)?.orders.restore(order);
  for (const subscription of snapshot.subscriptions) book.restore(subscription);
  for (const pool of pools.values()) {
    const { name } = pool.settings;
    preferences.restore(
      pool,
      snapshot.preferences.find((stored) => stored.pool === name),
    );
    membership.restore(
      pool,
      snapshot.members.filter((stored) => stored.pool === name),
      admits,
    );
    membership.watch.far.place(pool, 0);
  }
  for (const stored of [...snapshot.conversations].sort((a, b) => a.at - b.at)) {
    const pool = pools.get(stored.pool);
    const conversation = pool === undefined ? undefined : converse(service, pool, stored.sender);
    if (pool === undefined || conversation === undefined) continue;
    conversations.restore(conversation, stored);
    pool.holders.note(stored.worker, stored.at);
  }
}
