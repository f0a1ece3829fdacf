import { deepEqual, equal } from 'node:assert/strict';
import { DurableHouse, durablePool } from './durable-house.ts';
import { presence } from './house.ts';

const ada = 'ada@work.example/a';

describe('a store that takes longer than a lease, and then fails', () => {
  it('leaves no delivery that could not come to its end', async () => {
    const house = new DurableHouse(
      durablePool({ capacity: 1, ackTimeout: 2_000, maxAttempts: 3, ttl: 60_000, deadLetters: 0 }),
    );
    house.router.linkUp(house.now);
    house.work(ada);
    await house.settle();
    house.send('m1');
    house.send('m2');
    await house.settle();
    deepEqual(house.deals(), ['m1>a']);
    // The second is leased once the first one's time is over, and runs out before the lease is stored.
    house.pass(10_000);
    house.mood = 'failing';
    await house.settle();
    house.mood = 'well';
    house.on(presence(ada, { type: 'unavailable' }));
    await house.wait(70_000);
    const ends = house.told().flatMap((told) => (told.call === 'give-back' ? [`${told.message.id} ${told.code}`] : []));
    deepEqual(ends.sort(), ['m1 expired', 'm2 expired']);
    const [queue] = await house.store.load().then(({ queues }) => queues);
    equal(queue?.open, 0);
    const held = house.router.deliveries.queues.get('jobs');
    deepEqual([held?.ending.size, held?.begun.size, held?.ready.size], [0, 0, 0]);
  });
});
