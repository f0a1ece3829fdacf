import { deepEqual, ok } from 'node:assert/strict';
import type { Change } from '../../src/core/durable-state.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { DurableHouse, durablePool } from './durable-house.ts';

const ada = 'ada@work.example/a';
/** One attempt, and nothing is kept of what fails. */
const pool = durablePool({ deadLetters: 0, maxAttempts: 1, ackTimeout: 1_000 });

/** A message that its worker never acknowledges, as its lease runs out: the store is asked for one more thing. */
async function houseAtTheEnd(settings = pool): Promise<DurableHouse> {
  const house = new DurableHouse(settings);
  house.router.linkUp(house.now);
  house.work(ada);
  house.send('m1');
  await house.settle();
  house.out.take();
  for (let steps = 0; steps < 50 && !house.out.asked.some(buries); steps += 1) house.pass(100);
  return house;
}

const buries = (step: DurableHouse['out']['asked'][number]): boolean => 'change' in step && step.change.op === 'bury';

/** What makes it a dead letter; the store has not been asked for anything else that matters here. */
function burial(house: DurableHouse): { readonly change: Change; readonly done: () => void } {
  const step = house.out.asked.splice(0).find(buries);
  ok(step !== undefined && 'change' in step, 'it is given up');
  return { change: step.change, done: () => step.done?.(undefined) };
}

const returned = (house: DurableHouse): readonly string[] =>
  house.told().map((written) => (written.call === 'give-back' ? written.code : written.call));

async function restart(house: DurableHouse, settings = pool): Promise<DurableHouse> {
  const next = await house.restarted(settings);
  next.router.linkUp(next.now);
  await next.wait(6_000);
  return next;
}

async function stored(house: DurableHouse): Promise<readonly string[]> {
  const { rows } = await house.store.read({
    want: 'list',
    pool: 'jobs',
    states: ['ready', 'leased', 'dead'],
    after: 0,
    limit: 9,
  });
  return rows.map(({ state }) => state);
}

describe('durable delivery: what is given up where nothing is kept', () => {
  it('stays in the store until its sender is told', async () => {
    const house = await houseAtTheEnd();
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    deepEqual(returned(house), []);
    buried.done();
    deepEqual(returned(house), ['max-attempts']);
    await house.settle();
    deepEqual(await stored(house), ['dead'], 'what was written may not have left yet');
    await house.wait(100);
    deepEqual(await stored(house), []);
    await house.wait(10_000);
    deepEqual(returned(house), [], 'he is told once');
    const tally = house.router.deliveries.queues.get('jobs')?.tally;
    deepEqual([tally?.accepted, tally?.bounced, tally?.purged], [1, 1, 0]);
  });

  it('is told of by the next process when this one dies before it could', async () => {
    const house = await houseAtTheEnd();
    await house.store.write(new ChangeList([burial(house).change]));
    const next = await restart(house);
    deepEqual(returned(next), ['max-attempts']);
    deepEqual(await stored(next), []);
    const { queues } = await next.store.load();
    deepEqual([queues[0]?.tally.accepted, queues[0]?.tally.bounced], [1, 1]);
    deepEqual(returned(await restart(next)), []);
  });

  it('waits for a link over which its sender can be told', async () => {
    const house = await houseAtTheEnd();
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    house.out.sent = 'link-down';
    buried.done();
    house.told();
    await house.wait(3_000);
    deepEqual(await stored(house), ['dead']);
    house.told();
    house.out.sent = 'sent';
    await house.wait(2_000);
    deepEqual(returned(house), ['max-attempts']);
    deepEqual(await stored(house), []);
  });
});

describe('durable delivery: what is given up and kept', () => {
  const keeping = durablePool({ deadLetters: 60_000, maxAttempts: 1, ackTimeout: 1_000 });

  async function died(house: DurableHouse): Promise<readonly number[]> {
    const { rows } = await house.store.read({ want: 'dead', pool: 'jobs', from: 0, before: house.now + 1, limit: 9 });
    return rows.map(({ deadAt }) => deadAt);
  }

  it('has no date until its sender is told', async () => {
    const house = await houseAtTheEnd(keeping);
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    deepEqual(await died(house), [0]);
    house.out.sent = 'link-down';
    buried.done();
    house.told();
    await house.wait(3_000);
    deepEqual(await died(house), [0]);
    house.told();
    house.out.sent = 'sent';
    await house.wait(2_000);
    deepEqual(returned(house), ['max-attempts']);
    deepEqual(
      (await died(house)).map((at) => at > 0),
      [true],
    );
    await house.wait(10_000);
    deepEqual(returned(house), [], 'he is told once');
    await house.wait(60_000);
    deepEqual(await died(house), []);
  });

  it('is told of by the next process when this one dies before it could, and stays', async () => {
    const house = await houseAtTheEnd(keeping);
    await house.store.write(new ChangeList([burial(house).change]));
    const next = await restart(house, keeping);
    deepEqual(returned(next), ['max-attempts']);
    deepEqual(
      (await died(next)).map((at) => at > 0),
      [true],
    );
    deepEqual([next.router.deliveries.queues.get('jobs')?.dead], [1]);
    deepEqual(returned(await restart(next, keeping)), []);
  });

  it('is redriven, though another waits whose sender cannot be told', async () => {
    const house = await houseAtTheEnd(keeping);
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    buried.done();
    await house.wait(1_000);
    deepEqual(
      (await died(house)).map((at) => at > 0),
      [true],
    );
    house.send('m2');
    await house.wait(100);
    house.out.sent = 'link-down';
    await house.wait(5_000);
    deepEqual(
      (await died(house)).map((at) => at > 0),
      [false, true],
    );
    const queue = house.router.deliveries.queues.get('jobs');
    ok(queue);
    house.router.deliveries.view.redrive(queue.pool, 'all', 1);
    await house.wait(5_000);
    deepEqual(await stored(house), ['ready', 'dead']);
  });

  it('is deleted by nobody before its sender is told', async () => {
    const house = await houseAtTheEnd(keeping);
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    house.out.sent = 'link-down';
    buried.done();
    const queue = house.router.deliveries.queues.get('jobs');
    ok(queue);
    const purge = async (): Promise<number> => {
      const count = house.router.deliveries.view.purge(queue.pool, 'dead');
      await house.wait(1_000);
      return await count;
    };
    deepEqual([await purge(), queue.dead, await stored(house)], [0, 1, ['dead']]);
    house.out.sent = 'sent';
    await house.wait(6_000);
    deepEqual(returned(house).at(-1), 'max-attempts');
    deepEqual([await purge(), queue.dead, await stored(house)], [1, 0, []]);
  });

  it('is counted once, though it is purged and redriven at the same time', async () => {
    const house = await houseAtTheEnd(keeping);
    const buried = burial(house);
    await house.store.write(new ChangeList([buried.change]));
    buried.done();
    await house.wait(1_000);
    const { view, queues } = house.router.deliveries;
    const queue = queues.get('jobs');
    ok(queue);
    view.redrive(queue.pool, 'all', 1_000);
    const counts = [view.purge(queue.pool, 'dead'), view.purge(queue.pool, 'dead')];
    await house.wait(1_000);
    const [sum] = [(await Promise.all(counts)).reduce((all, each) => all + each)];
    deepEqual([queue.dead, sum === 1 ? 0 : 1], [0, (await stored(house)).length]);
  });
});
