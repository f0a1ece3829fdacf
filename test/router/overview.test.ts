import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Caller } from '../../src/core/commands/command.ts';
import type { Overview, PoolOverview } from '../../src/core/commands/overview.ts';
import type { WorkerReport } from '../../src/core/commands/worker-report.ts';
import { admin, deliverySettings, House, jobs, message, poolSettings, presence, serviceSettings } from './house.ts';

const owner: Caller = { role: 'owner', name: 'ada@home.example' };
const one = 'w@work.example/one';
const two = 'w@work.example/two';

function overview(house: House, caller = admin): Overview {
  const result = house.router.perform('service.overview', caller, {}, house.now);
  ok('done' in result, JSON.stringify(result));
  return result.done as Overview;
}

function poolOf(house: House): PoolOverview {
  const [pool] = overview(house).pools;
  ok(pool !== undefined);
  return pool;
}

function delivered(house: House): readonly number[] {
  const result = house.router.perform('workers.list', admin, {}, house.now);
  ok('done' in result);
  return (result.done as { workers: readonly WorkerReport[] }).workers.map((worker) => worker.delivered);
}

function house(changes: Parameters<typeof poolSettings>[0] = {}): House {
  const made = new House(serviceSettings([poolSettings({ owners: ['ada@home.example'], ...changes })]));
  made.router.linkUp(made.now);
  return made;
}

describe('router: the overview', () => {
  it('tells of the router to administrators only, and of the pools to their owners', () => {
    const works = new House(
      serviceSettings([poolSettings({ owners: ['ada@home.example'], title: 'Jobs' }), poolSettings({ name: 'other' })]),
    );
    const { router, pools, at } = overview(works);
    equal(at, new Date(works.now).toISOString());
    deepEqual(router, {
      domain: 'pools.example',
      version: '1.2.3',
      started: '2027-01-15T08:00:00.000Z',
      link: { up: true, since: '2027-01-15T08:00:00.000Z' },
      instance: null,
      store: { kind: 'memory', failed: false },
      ready: true,
      reasons: [],
      memory: { rss: 2, heap: 1 },
      loopDelay: 0,
      outcomes: { forwarded: 5, bounced: 3 },
    });
    deepEqual(
      pools.map(({ pool, title, queue, stalled }) => [pool, title, queue, stalled]),
      [
        ['jobs', 'Jobs', null, false],
        ['other', null, null, false],
      ],
    );
    const own = overview(works, owner);
    deepEqual([own.router, own.pools.map(({ pool }) => pool)], [null, ['jobs']]);
  });

  it('sums the router up in words for those to whom the pools are shown as a table', () => {
    const textOf = (caller: Caller): unknown => Reflect.get(overview(house(), caller), 'text');
    equal(
      textOf(admin),
      'pools.example runs Switchyard 1.2.3 since 2027-01-15T08:00:00.000Z. Attached to the server since 2027-01-15T08:00:00.000Z. Ready. The store (memory) works. Memory: 0.0 MiB. Event loop: 0.0 ms late.',
    );
    equal(textOf(owner), '');
  });

  it('counts what came, what workers were given, and what was refused', () => {
    const works = house();
    works.on(message());
    deepEqual(poolOf(works).counts, { received: 1, delivered: 0, refused: 1 });
    works.join(one);
    works.join(two);
    deepEqual(works.deal(4), ['one', 'two', 'one', 'two']);
    deepEqual(poolOf(works).counts, { received: 5, delivered: 4, refused: 1 });
    deepEqual(delivered(works), [2, 2]);
  });

  it('counts each copy as given', () => {
    const works = house({ algorithm: 'all' });
    works.join(one);
    works.join(two);
    works.deal(1);
    deepEqual(poolOf(works).counts, { received: 1, delivered: 2, refused: 0 });
  });

  it('counts no answers of workers, no errors and no chat states', () => {
    const works = house();
    works.join(one);
    works.deal(1);
    works.on(message({ from: one, to: `${jobs}/sensor@far.example/r`, id: 'reply' }));
    works.on(message({ from: 'stranger@far.example/x', to: `${jobs}/sensor@far.example/r` }));
    works.on(message({ signal: true, tail: '<composing/>' }));
    works.on(message({ type: 'error', typeAttr: 'error', from: one, to: `${jobs}/sensor@far.example/r`, id: 'x' }));
    deepEqual(poolOf(works).counts, { received: 1, delivered: 1, refused: 0 });
  });

  it('counts as refused who has waited in vain', () => {
    const works = house();
    works.join(one);
    works.router.linkDown();
    works.router.linkUp(works.now);
    works.on(message());
    works.router.drain();
    const { received, delivered: given, refused } = poolOf(works).counts;
    deepEqual([received, given, refused], [1, 0, 1]);
  });

  it('counts deliveries of durable pools, each attempt, and those that were given up', () => {
    const works = house({ delivery: deliverySettings({ guarantee: 'at-least-once', ack: 'receipt', maxAttempts: 2 }) });
    const settle = () => {
      for (let turn = 0; turn < 5; turn += 1) works.out.settle();
    };
    works.on(message());
    settle();
    const { queue, stalled } = poolOf(works);
    deepEqual([queue?.ready, queue?.stall, stalled], [1, 'no-worker', true]);
    works.on(presence(one));
    works.answerPings();
    for (let second = 0; second < 120; second += 1) {
      works.pass(1_000);
      settle();
      works.answerPings();
    }
    deepEqual(poolOf(works).counts, { received: 1, delivered: 2, refused: 1 });
    deepEqual(delivered(works), [2]);
    equal(poolOf(works).queue?.dead, 1);
  });
});
