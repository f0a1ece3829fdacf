import type {
  Change,
  Snapshot,
  StoredAlias,
  StoredConversation,
  StoredLabel,
  StoredMember,
  StoredOrder,
  StoredPool,
  StoredPreference,
  StoredSubscription,
} from '../../src/core/durable-state.ts';

/** What a list of changes means that are no steps of deliveries, told as plainly as can be: the last word on each key stands. */
export function modelOf(changes: readonly Change[]): Snapshot {
  let preferences: StoredPreference[] = [];
  let members: StoredMember[] = [];
  let conversations: StoredConversation[] = [];
  let subscriptions: StoredSubscription[] = [];
  let aliases: StoredAlias[] = [];
  let labels: StoredLabel[] = [];
  for (const change of changes) {
    const { pool } = change;
    if (change.op === 'set-preference' || change.op === 'clear-preference') {
      preferences = preferences.filter((row) => row.pool !== pool);
    }
    if (change.op === 'put-member' || change.op === 'remove-member') {
      members = members.filter((row) => row.pool !== pool || row.jid !== change.jid);
    }
    if (change.op === 'put-conversation') {
      conversations = conversations.filter((row) => row.pool !== pool || row.sender !== change.sender);
    }
    if (change.op === 'put-subscription' || change.op === 'remove-subscription') {
      subscriptions = subscriptions.filter((row) => row.pool !== pool || row.peer !== change.peer);
    }
    if (change.op === 'put-subscription') {
      const { peer, state, ask } = change;
      subscriptions.push({ pool, peer, state, ask });
    }
    if (change.op === 'put-label' || change.op === 'remove-label') {
      labels = labels.filter((row) => row.pool !== pool || row.label !== change.label);
    }
    if (change.op === 'put-alias' || change.op === 'remove-alias') {
      aliases = aliases.filter((row) => row.pool !== pool || row.sender !== change.sender);
    }
    if (change.op === 'expire-conversations') {
      conversations = conversations.filter((row) => row.pool !== pool || row.at >= change.before);
    }
    if (change.op === 'set-preference')
      preferences.push({ pool, algorithm: change.algorithm, replaced: change.replaced });
    if (change.op === 'put-member') members.push(change);
    if (change.op === 'put-conversation') conversations.push(change);
    if (change.op === 'put-alias') aliases.push(change);
    if (change.op === 'put-label') labels.push(change);
  }
  return {
    preferences,
    members,
    conversations,
    subscriptions,
    aliases,
    labels,
    orders: ordersOf(changes),
    made: madeBy(changes),
    queues: [],
  };
}

function madeBy(changes: readonly Change[]): StoredPool[] {
  let made: StoredPool[] = [];
  for (const change of changes) {
    if (change.op !== 'put-pool' && change.op !== 'remove-pool') continue;
    made = made.filter(({ pool }) => pool !== change.pool);
    if (change.op === 'put-pool') made.push(change);
  }
  return made;
}

function ordersOf(changes: readonly Change[]): StoredOrder[] {
  let orders: StoredOrder[] = [];
  for (const change of changes) {
    if (change.op !== 'put-order' && change.op !== 'remove-order') continue;
    orders = orders.filter((row) => row.pool !== change.pool || row.jid !== change.jid);
    if (change.op === 'put-order') orders.push(change);
  }
  return orders;
}
