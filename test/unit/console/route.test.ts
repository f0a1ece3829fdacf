import { deepEqual, equal } from 'node:assert/strict';
import fc from 'fast-check';
import { hashOf, poolTabs, readRoute } from '../../../console/src/route.ts';

describe('places of the console', () => {
  it('are read from the address', () => {
    deepEqual(readRoute('#/pools/jobs/queue'), { page: 'pool', pool: 'jobs', tab: 'queue' });
    deepEqual(readRoute('#/pools/jobs'), { page: 'pool', pool: 'jobs', tab: 'workers' });
    deepEqual(readRoute('#/commands/pools.algorithm/jobs'), {
      page: 'commands',
      command: 'pools.algorithm',
      pool: 'jobs',
    });
    deepEqual(readRoute('#/transfers'), { page: 'transfers', run: undefined });
  });

  it('are the list of pools where the address makes no sense', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#/%E0%A4%A', '#/pools/']) equal(readRoute(hash).page, 'pools');
    equal(readRoute('#/pools/%E0%A4%A').page, 'pool');
  });

  it('are found again, whatever a pool is called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.constantFrom(...poolTabs), (pool, tab) => {
        deepEqual(readRoute(hashOf({ page: 'pool', pool, tab })), { page: 'pool', pool, tab });
      }),
    );
  });
});
