import { deepEqual, equal, match } from 'node:assert/strict';
import { type StallFacts, stallOf } from '../../../src/core/durable/stall.ts';
import { deliverySettings, House, poolSettings, presence, serviceSettings } from '../../router/house.ts';

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
    movable: true,
    dueAt: Number.POSITIVE_INFINITY,
    reading: false,
  };
  return { house, pool, facts };
}

describe('why what waits does not move', () => {
  it('is told by the first reason that would have to go', () => {
    const { house, facts } = rig();
    const reason = (changes: Partial<StallFacts>) => stallOf({ ...facts, ...changes }).reason;
    equal(reason({ waiting: 0 }), 'none');
    equal(reason({ draining: true, attached: false }), 'draining');
    equal(reason({ attached: false }), 'no-link');
    equal(reason({ verifying: true }), 'verifying');
    equal(reason({}), 'no-worker');
    house.join(one);
    equal(reason({ congested: true }), 'congested');
    equal(reason({}), 'none');
    equal(reason({ movable: false, reading: true }), 'store-slow');
    equal(reason({ movable: false }), 'key-busy');
    const until = house.now + 30_000;
    const backing = stallOf({ ...facts, movable: false, dueAt: until });
    deepEqual([backing.reason, backing.until], ['backing-off', until]);
    match(backing.text, /tried again from 20\d\d-/);
  });

  it('counts what keeps each worker from work', () => {
    const { house, facts } = rig();
    house.join(one);
    house.join(two);
    house.on(presence(one, { show: 'dnd' }));
    house.router.perform('workers.suspend', 'admin', { worker: two }, house.now);
    deepEqual(stallOf(facts), {
      reason: 'none-willing',
      text: 'No worker takes messages: 1 busy (dnd), 1 suspended by an operator.',
      until: undefined,
    });
  });

  it('tells apart that none can be reached and that none acknowledges', () => {
    const { house, pool, facts } = rig();
    house.join(one);
    const [member] = pool.roster;
    if (member === undefined) throw new Error('nobody joined');
    pool.setState(member, 'suspended');
    deepEqual(
      [stallOf(facts).reason, stallOf(facts).text],
      ['none-reachable', 'No worker takes messages: 1 without an answer to pings.'],
    );
    pool.setState(member, 'verified');
    pool.reconfigure(
      poolSettings({ delivery: deliverySettings({ guarantee: 'at-least-once', ack: 'auto' }) }),
      house.now,
    );
    pool.refresh(member);
    equal(stallOf(facts).reason, 'none-acknowledges');
  });

  it('says how much they hold when all are full', () => {
    const { house, pool, facts } = rig();
    house.join(one);
    for (const member of pool.roster) {
      member.duty?.lease(1, house.now);
      member.duty?.lease(2, house.now);
      pool.dutyChanged(member, house.now);
    }
    deepEqual(stallOf(facts), {
      reason: 'at-capacity',
      text: 'All workers that take messages have as many as they may (workers: 1, messages: 2).',
      until: undefined,
    });
  });
});
