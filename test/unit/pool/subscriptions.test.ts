import { deepEqual, equal } from 'node:assert/strict';
import {
  restoredState,
  type SubscriptionEvent,
  type SubscriptionState,
  stepSubscription,
  storedState,
} from '../../../src/core/pool/subscription/subscriptions.ts';

const states: readonly SubscriptionState[] = ['none', 'none+ask', 'to', 'from', 'from+ask', 'both'];

/** By event: for each state, in the order above, the next state and what is done. */
const expected: Readonly<Record<SubscriptionEvent, readonly string[]>> = {
  'subscribe-by-worker': [
    'from+ask: subscribed show subscribe',
    'from+ask: subscribed show subscribe',
    'both: subscribed show',
    'from+ask: subscribed show subscribe',
    'from+ask: subscribed show subscribe',
    'both: subscribed show',
  ],
  'subscribe-by-watcher': [
    'from: subscribed show',
    'from+ask: subscribed show',
    'both: subscribed show',
    'from: subscribed show',
    'from+ask: subscribed show',
    'both: subscribed show',
  ],
  'subscribe-by-stranger': [
    'none: unsubscribed',
    'none+ask: unsubscribed',
    'to: unsubscribed',
    'none: unsubscribed',
    'none+ask: unsubscribed',
    'to: unsubscribed',
  ],
  subscribed: ['none:', 'to:', 'to:', 'from:', 'both:', 'both:'],
  unsubscribe: [
    'none:',
    'none+ask:',
    'to:',
    'none: unsubscribed hide',
    'none+ask: unsubscribed hide',
    'to: unsubscribed hide',
  ],
  unsubscribed: ['none:', 'none: expel', 'none: expel', 'from:', 'from: expel', 'from: expel'],
  probe: [
    'none: unsubscribed',
    'none+ask: unsubscribed',
    'to: unsubscribed',
    'from: show',
    'from+ask: show',
    'both: show',
  ],
  'work-forbidden': [
    'none:',
    'none: unsubscribe expel',
    'none: unsubscribe expel',
    'from:',
    'from: unsubscribe expel',
    'from: unsubscribe expel',
  ],
  'watch-forbidden': [
    'none:',
    'none+ask:',
    'to:',
    'none: unsubscribed hide',
    'none+ask: unsubscribed hide',
    'to: unsubscribed hide',
  ],
  'link-up': ['none:', 'none+ask: subscribe', 'to: probe', 'from:', 'from+ask: subscribe', 'both: probe'],
};

describe('the table of subscriptions', () => {
  for (const [event, rows] of Object.entries(expected) as [SubscriptionEvent, readonly string[]][]) {
    for (const [index, state] of states.entries()) {
      it(`${event} in state ${state}: ${rows[index]}`, () => {
        const { next, acts } = stepSubscription(state, event);
        equal([`${next}:`, ...acts].join(' '), rows[index]);
      });
    }
  }

  it('stores each state so that it comes back, and takes no odd row for permission', () => {
    for (const state of states) equal(restoredState(storedState(state)), state);
    deepEqual(
      (['to', 'both'] as const).map((state) => restoredState({ state, ask: true })),
      ['to', 'both'],
    );
  });
});
