import { deepEqual, equal, match } from 'node:assert/strict';
import { DurableHouse, durablePool } from './durable-house.ts';
import { admin, deliverySettings, poolSettings, serviceSettings } from './house.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';
const plain = serviceSettings([poolSettings({ delivery: deliverySettings() })]);

describe('a durable pool that a reload makes plain', () => {
  async function reloaded(): Promise<DurableHouse> {
    const house = new DurableHouse(durablePool({ capacity: 1 }));
    house.router.linkUp(house.now);
    house.work(ada);
    for (const id of ['m1', 'm2', 'm3']) house.send(id);
    await house.settle();
    deepEqual(house.deals(), ['m1>a']);
    house.router.reload(plain, house.now);
    return house;
  }

  const depth = (house: DurableHouse) => {
    const queue = house.router.deliveries.queues.get('jobs');
    return [queue?.ready.size, queue?.leased];
  };

  it('still delivers what it has accepted, and forwards what is new', async () => {
    const house = await reloaded();
    deepEqual(depth(house), [2, 1]);
    house.receipt(ada, 'm1');
    await house.wait(200);
    // The capacity is that of the new file, and what it did before counts.
    deepEqual(house.deals(), ['m2>a', 'm3>a']);
    house.send('new');
    await house.settle();
    const calls = house.out.take().map(({ call }) => call);
    equal(calls.includes('forward') && !calls.includes('deliver'), true, calls.join(' '));
    for (const id of ['m2', 'm3']) house.receipt(ada, id);
    await house.wait(200);
    deepEqual(depth(house), [0, 0]);
  });

  it('says that the workers that are there cannot acknowledge what waits', async () => {
    const house = await reloaded();
    house.router.perform('workers.eject', admin, { worker: ada }, house.now);
    house.join(bob);
    await house.wait(5_000);
    const result = house.router.perform('queue.status', admin, {}, house.now);
    match(
      JSON.stringify(result),
      /"stall":"none-acknowledges","why":"No worker takes messages: 1 not known to acknowledge\."/,
    );
    const workers = house.router.perform('workers.list', admin, {}, house.now);
    match(JSON.stringify(workers), /"state":"works"/);
  });
});

describe('messages of a pool that is no more', () => {
  const stranded = (house: DurableHouse) =>
    house.out.notices.filter(({ event }) => event === 'messages-stranded').map(({ pool, detail }) => [pool, detail]);

  it('are named at the start, for nobody gets them', async () => {
    const house = new DurableHouse(durablePool({ capacity: 1 }));
    house.router.linkUp(house.now);
    house.work(ada);
    for (const id of ['m1', 'm2', 'm3']) house.send(id);
    await house.settle();
    const other = await house.restarted({ ...durablePool(), name: 'mail' });
    deepEqual(stranded(other), [['jobs', { waiting: 3, dead: 0 }]]);
    deepEqual(stranded(await house.restarted()), []);
  });

  it('are none where all has ended', async () => {
    const house = new DurableHouse(durablePool());
    house.router.linkUp(house.now);
    house.work(ada);
    house.send('m1');
    await house.settle();
    house.receipt(ada, 'm1');
    await house.settle();
    deepEqual(stranded(await house.restarted({ ...durablePool(), name: 'mail' })), []);
  });
});
