import { deepEqual, equal, match } from 'node:assert/strict';
import { type StallFacts, stallOf } from '../../../src/core/durable/stall.ts';
import { admin, deliverySettings, House, poolSettings, presence, serviceSettings } from '../../router/house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';

function rig() {
  const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', capacity: 2 });
  const house = new House(serviceSettings([poolSettings({ delivery })]));
  house.router.linkUp(house.now);
  const pool = house.router.pools.get('jobs');
  if (pool === undefined) throw new Error('there is no pool');
  const facts: StallFacts = {
    pool,
    waiting: 5,
    attached: true,
    draining: false,
    verifying: false,
    congested: false,
    storeFails: false,
    census: { movable: true, later: 0, nameless: 0, behind: 0, reading: false },
    dueAt: Number.POSITIVE_INFINITY,
    leaseEndsAt: Number.POSITIVE_INFINITY,
  };
  return {
    house,
    pool,
    facts,
    why: (changes: Partial<StallFacts> = {}) => stallOf({ ...facts, ...changes }, house.now),
  };
}

describe('why what waits does not move', () => {
  it('is told by the first reason that would have to go', () => {
    const { house, why } = rig();
    const reason = (changes: Partial<StallFacts>) => why(changes).reason;
    equal(reason({ waiting: 0 }), 'none');
    equal(reason({ draining: true, attached: false }), 'draining');
    equal(reason({ attached: false }), 'no-link');
    equal(reason({ verifying: true }), 'verifying');
    equal(reason({ storeFails: true }), 'no-worker');
    house.join(one);
    equal(reason({ storeFails: true }), 'store-failed');
    equal(reason({ congested: true }), 'congested');
    equal(reason({}), 'none');
    const census = { movable: false, later: 1, nameless: 0, behind: 5, reading: false };
    equal(reason({ census: { ...census, reading: true } }), 'store-slow');
    equal(reason({ census }), 'key-busy');
    equal(reason({ census, dueAt: house.now + 1 }), 'backing-off');
    equal(reason({ census, dueAt: house.now }), 'none');
  });

  it('is told with how many wait for what, and what ends it', () => {
    const { house, why } = rig();
    house.join(one);
    const until = Date.UTC(2100, 0, 1);
    const census = { movable: false, later: 2, nameless: 0, behind: 3, reading: false };
    deepEqual(why({ census, dueAt: until }), {
      reason: 'backing-off',
      text: 'What could go has failed before (messages: 2), and is tried again from 2100-01-01T00:00:00.000Z on; 3 more come after others of their key.',
      until,
    });
    match(why({ census: { ...census, behind: 0 }, dueAt: until }).text, /000Z on\.$/);
    deepEqual(why({ census, leaseEndsAt: until }), {
      reason: 'key-busy',
      text: 'Each message that waits (5) comes after another of its key, which a worker still has; the next goes out when that is acknowledged, or its lease runs out, from 2100-01-01T00:00:00.000Z on.',
      until,
    });
  });

  it('tells what waits for an alias of its sender from what has failed', () => {
    const { house, why } = rig();
    house.join(one);
    const dueAt = Date.UTC(2100, 0, 1);
    const census = { movable: false, later: 3, nameless: 3, behind: 1, reading: false };
    deepEqual(why({ census, dueAt }), {
      reason: 'no-alias',
      text: 'Nothing stands yet for the senders of what could go (messages: 3) before workers; each gets an alias as soon as limits.memory has room for it and the store takes it; 1 more come after others of their key.',
      until: undefined,
    });
    const mixed = why({ census: { ...census, nameless: 2, behind: 0 }, dueAt });
    deepEqual(
      [mixed.reason, mixed.text],
      [
        'backing-off',
        'What could go has failed before (messages: 1), and is tried again from 2100-01-01T00:00:00.000Z on; 2 more wait for an alias of their sender.',
      ],
    );
  });

  it('counts what keeps each worker from work', () => {
    const { house, why } = rig();
    house.join(one);
    house.join(two);
    house.on(presence(one, { show: 'dnd' }));
    house.router.perform('workers.suspend', admin, { worker: two }, house.now);
    deepEqual(why(), {
      reason: 'none-willing',
      text: 'No worker takes messages: 1 busy (dnd), 1 suspended by an operator.',
      until: undefined,
    });
  });

  it('tells apart that none can be reached and that none acknowledges', () => {
    const { house, pool, why } = rig();
    house.join(one);
    const [member] = pool.roster;
    if (member === undefined) throw new Error('nobody joined');
    pool.setState(member, 'suspended');
    deepEqual(
      [why().reason, why().text],
      ['none-reachable', 'No worker takes messages: 1 without an answer to pings.'],
    );
    pool.setState(member, 'verified');
    pool.reconfigure(
      poolSettings({ delivery: deliverySettings({ guarantee: 'at-least-once', ack: 'auto' }) }),
      house.now,
    );
    pool.refresh(member);
    equal(why().reason, 'none-acknowledges');
  });

  it('says how much they hold when all are full', () => {
    const { house, pool, why } = rig();
    house.join(one);
    for (const member of pool.roster) {
      member.duty?.lease(1, house.now);
      member.duty?.lease(2, house.now);
      pool.dutyChanged(member, house.now);
    }
    deepEqual(why(), {
      reason: 'at-capacity',
      text: 'All workers that take messages have as many as they may (workers: 1, messages: 2); the next goes out when one is acknowledged.',
      until: undefined,
    });
    const leaseEndsAt = Date.UTC(2100, 0, 1);
    deepEqual(
      [why({ leaseEndsAt }).until, why({ leaseEndsAt }).text.slice(-58)],
      [leaseEndsAt, ', or its lease runs out, from 2100-01-01T00:00:00.000Z on.'],
    );
  });
});
