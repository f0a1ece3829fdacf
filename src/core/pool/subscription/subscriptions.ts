import type { StoredSubscription } from '../../durable-state.ts';

/**
 * What a pool and a peer have agreed on about each other's presence, seen from the pool: the
 * states of RFC 6121 appendix A. `to`: the pool sees the peer's presence. `from`: the peer sees
 * the pool's. `+ask`: the pool has asked to see the peer's. A pool decides at once, so nothing is
 * ever pending inwards.
 */
export type SubscriptionState = 'none' | 'none+ask' | 'to' | 'from' | 'from+ask' | 'both';

/** What may happen to a subscription. */
export type SubscriptionEvent =
  /** `subscribe` of an account that may work here, in a pool joined by subscription. */
  | 'subscribe-by-worker'
  /** `subscribe` of somebody who may only see whether the pool is available. */
  | 'subscribe-by-watcher'
  /** `subscribe` of somebody for whom there is nothing here. */
  | 'subscribe-by-stranger'
  | 'subscribed'
  | 'unsubscribe'
  | 'unsubscribed'
  | 'probe'
  /** The configuration no longer lets the account work, or join by subscription. */
  | 'work-forbidden'
  /** The configuration no longer lets the peer know of the pool. */
  | 'watch-forbidden'
  /** There is a link again: what was agreed on is taken up. */
  | 'link-up';

/** What the pool does about it, to the peer unless said otherwise. */
export type SubscriptionAct =
  | 'subscribe'
  | 'subscribed'
  | 'unsubscribe'
  | 'unsubscribed'
  | 'probe'
  /** Shows the pool's current presence. */
  | 'show'
  /** Sends `unavailable`: the pool's presence ends for this peer. */
  | 'hide'
  /** Takes the account's resources out of the pool. */
  | 'expel';

/** One row: what becomes of a state, and what is done, in order. */
export interface SubscriptionStep {
  readonly next: SubscriptionState;
  readonly acts: readonly SubscriptionAct[];
}

type Row = readonly [next: SubscriptionState, ...acts: SubscriptionAct[]];

const welcome = ['subscribed', 'show'] as const;
const welcomeAndAsk = ['subscribed', 'show', 'subscribe'] as const;
const farewell = ['unsubscribed', 'hide'] as const;

/** Specs: RFC 6121 sections 3.1 to 3.3 and 4.3, appendix A.3. A row that only names its own state ignores the event. */
const table: Readonly<Record<SubscriptionState, Readonly<Record<SubscriptionEvent, Row>>>> = {
  none: {
    'subscribe-by-worker': ['from+ask', ...welcomeAndAsk],
    'subscribe-by-watcher': ['from', ...welcome],
    'subscribe-by-stranger': ['none', 'unsubscribed'],
    subscribed: ['none'],
    unsubscribe: ['none'],
    unsubscribed: ['none'],
    probe: ['none', 'unsubscribed'],
    'work-forbidden': ['none'],
    'watch-forbidden': ['none'],
    'link-up': ['none'],
  },
  'none+ask': {
    'subscribe-by-worker': ['from+ask', ...welcomeAndAsk],
    'subscribe-by-watcher': ['from+ask', ...welcome],
    'subscribe-by-stranger': ['none+ask', 'unsubscribed'],
    subscribed: ['to'],
    unsubscribe: ['none+ask'],
    unsubscribed: ['none', 'expel'],
    probe: ['none+ask', 'unsubscribed'],
    'work-forbidden': ['none', 'unsubscribe', 'expel'],
    'watch-forbidden': ['none+ask'],
    'link-up': ['none+ask', 'subscribe'],
  },
  to: {
    'subscribe-by-worker': ['both', ...welcome],
    'subscribe-by-watcher': ['both', ...welcome],
    'subscribe-by-stranger': ['to', 'unsubscribed'],
    subscribed: ['to'],
    unsubscribe: ['to'],
    unsubscribed: ['none', 'expel'],
    probe: ['to', 'unsubscribed'],
    'work-forbidden': ['none', 'unsubscribe', 'expel'],
    'watch-forbidden': ['to'],
    'link-up': ['to', 'probe'],
  },
  from: {
    'subscribe-by-worker': ['from+ask', ...welcomeAndAsk],
    'subscribe-by-watcher': ['from', ...welcome],
    'subscribe-by-stranger': ['none', 'unsubscribed'],
    subscribed: ['from'],
    unsubscribe: ['none', ...farewell],
    unsubscribed: ['from'],
    probe: ['from', 'show'],
    'work-forbidden': ['from'],
    'watch-forbidden': ['none', ...farewell],
    'link-up': ['from'],
  },
  'from+ask': {
    'subscribe-by-worker': ['from+ask', ...welcomeAndAsk],
    'subscribe-by-watcher': ['from+ask', ...welcome],
    'subscribe-by-stranger': ['none+ask', 'unsubscribed'],
    subscribed: ['both'],
    unsubscribe: ['none+ask', ...farewell],
    unsubscribed: ['from', 'expel'],
    probe: ['from+ask', 'show'],
    'work-forbidden': ['from', 'unsubscribe', 'expel'],
    'watch-forbidden': ['none+ask', ...farewell],
    'link-up': ['from+ask', 'subscribe'],
  },
  both: {
    'subscribe-by-worker': ['both', ...welcome],
    'subscribe-by-watcher': ['both', ...welcome],
    'subscribe-by-stranger': ['to', 'unsubscribed'],
    subscribed: ['both'],
    unsubscribe: ['to', ...farewell],
    unsubscribed: ['from', 'expel'],
    probe: ['both', 'show'],
    'work-forbidden': ['from', 'unsubscribe', 'expel'],
    'watch-forbidden': ['to', ...farewell],
    'link-up': ['both', 'probe'],
  },
};

/** What `event` does to a subscription in `state`. */
export function stepSubscription(state: SubscriptionState, event: SubscriptionEvent): SubscriptionStep {
  const [next, ...acts] = table[state][event];
  return { next, acts };
}

/** Whether the pool sees the peer's presence: its available resources are members. */
export function sees(state: SubscriptionState): boolean {
  return state === 'to' || state === 'both';
}

/** Whether the peer sees the pool's presence. */
export function isSeenBy(state: SubscriptionState): boolean {
  return state === 'from' || state === 'from+ask' || state === 'both';
}

/** The state as the store keeps it. */
export function storedState(state: SubscriptionState): Pick<StoredSubscription, 'state' | 'ask'> {
  if (state === 'none+ask') return { state: 'none', ask: true };
  if (state === 'from+ask') return { state: 'from', ask: true };
  return { state, ask: false };
}

/** The state that was stored; who sees, or may be asked of, is never both. */
export function restoredState({ state, ask }: Pick<StoredSubscription, 'state' | 'ask'>): SubscriptionState {
  if (!ask || state === 'to' || state === 'both') return state;
  return state === 'none' ? 'none+ask' : 'from+ask';
}
