import assert from 'node:assert/strict';
import { workersWanted } from '../../../src/core/durable/demand.ts';
import { deliverySettings, House, poolSettings, serviceSettings } from '../../router/house.ts';

describe('how many workers are wanted', () => {
  it('goes by what those that are there may hold, and without any by the configuration', () => {
    const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', capacity: 10 });
    const house = new House(serviceSettings([poolSettings({ delivery })]));
    house.router.linkUp(house.now);
    const pool = house.router.pools.get('jobs') ?? assert.fail();
    assert.deepEqual(
      [0, 1, 10, 11].map((open) => workersWanted(pool, open)),
      [0, 1, 1, 2],
    );
    house.join('w@work.example/1');
    house.join('w@work.example/2');
    pool.roster.get('w@work.example/2')?.duty?.resize(2);
    assert.deepEqual(
      [0, 6, 7, 60].map((open) => workersWanted(pool, open)),
      [0, 1, 2, 10],
    );
    for (const { duty } of pool.roster) duty?.resize(0);
    assert.equal(workersWanted(pool, 60), 6);
  });
});
