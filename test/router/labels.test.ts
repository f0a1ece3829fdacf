import { deepEqual, equal } from 'node:assert/strict';
import { emptySnapshot, House, jobs, message, poolSettings, presence, serviceSettings } from './house.ts';

const day = 86_400_000;

function leave(house: House, worker: string): void {
  house.on(presence(worker, { type: 'unavailable' }));
  house.out.take();
}

/** Lets a worker join and returns its label. */
function join(house: House, worker: string, label?: string): string | undefined {
  const wish = { weight: undefined, capacity: undefined, label, drain: false, problem: undefined };
  house.join(worker, { wish });
  return house.router.pools.get('jobs')?.roster.get(worker)?.label;
}

describe('router: labels of workers that have left', () => {
  it('stay with their accounts for a day', () => {
    const house = new House();
    equal(join(house, 'w@work.example/one'), 'one');
    leave(house, 'w@work.example/one');
    equal(join(house, 'v@work.example/one'), 'one-2');
    leave(house, 'v@work.example/one');
    equal(join(house, 'w@work.example/other', 'one'), 'one');
    leave(house, 'w@work.example/other');
    equal(join(house, 'v@work.example/one'), 'one-2');
    leave(house, 'v@work.example/one');
    house.router.tick(house.now);
    house.now += day;
    house.router.tick(house.now);
    equal(join(house, 'v@work.example/two', 'one'), 'one-2');
    leave(house, 'v@work.example/two');
    house.now += 6_000;
    house.router.tick(house.now);
    equal(join(house, 'v@work.example/two', 'one'), 'one');
  });

  it('are those that a worker gave up for another, too', () => {
    const house = new House();
    equal(join(house, 'w@work.example/x', 'one'), 'one');
    equal(join(house, 'w@work.example/x', 'two'), 'two');
    equal(join(house, 'v@work.example/x', 'one'), 'one-2');
    equal(join(house, 'w@work.example/x', 'one'), 'one');
    equal(join(house, 'v@work.example/y', 'two'), 'two-2');
  });

  it('let a message to them go to the pool meanwhile, not to a stranger', () => {
    const house = new House();
    join(house, 'w@work.example/one');
    leave(house, 'w@work.example/one');
    join(house, 'v@work.example/one');
    join(house, 'u@work.example/zwei');
    deepEqual(house.deal(2, { to: `${jobs}/~one` }), ['one', 'zwei']);
    deepEqual(house.deal(2, { to: `${jobs}/~one-2` }), ['one', 'one']);
    deepEqual(house.on(message({ to: `${jobs}/~one` })), { kind: 'forwarded' });
  });

  it('survive a restart', () => {
    const house = new House();
    join(house, 'w@work.example/one');
    house.pass(200);
    leave(house, 'w@work.example/one');
    const labels = house.out.commits.flatMap(({ change }) => (change.op === 'put-label' ? [change] : []));
    deepEqual(labels, [{ op: 'put-label', pool: 'jobs', label: 'one', bare: 'w@work.example', at: house.now }]);
    const after = new House(serviceSettings([poolSettings()]), { ...emptySnapshot, labels });
    equal(join(after, 'v@work.example/one'), 'one-2');
    equal(join(after, 'w@work.example/neu', 'one'), 'one');
  });

  it('are no more than a pool may hold; the oldest is freed first', () => {
    const house = new House();
    for (let n = 0; n <= 10_000; n += 1) {
      house.router.on(presence(`w@work.example/r${n}`), house.now);
      house.router.on(presence(`w@work.example/r${n}`, { type: 'unavailable' }), house.now);
    }
    equal(house.router.pools.get('jobs')?.boundLabels.size, 10_000);
    equal(join(house, 'v@work.example/r0'), 'r0');
    equal(join(house, 'v@work.example/r1'), 'r1-2');
  });

  it('are held within the memory that the router may use', () => {
    const house = new House(serviceSettings([poolSettings()], { memory: 64 * 1024 }));
    for (let n = 0; n < 1000; n += 1) {
      house.router.on(presence(`w@work.example/r${n}`), house.now);
      house.router.on(presence(`w@work.example/r${n}`, { type: 'unavailable' }), house.now);
    }
    const size = house.router.pools.get('jobs')?.boundLabels.size ?? 0;
    equal(size > 10 && size < 100, true, String(size));
  });
});
