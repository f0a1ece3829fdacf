import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { queueGauges } from '../../src/app/process/queue-gauges.ts';
import type { CommandEnd } from '../../src/core/commands/command.ts';
import type { Explanation } from '../../src/core/commands/explain.ts';
import type { MessageSummary } from '../../src/core/commands/message-report.ts';
import type { QueueReport } from '../../src/core/commands/queue-report.ts';
import { DurableHouse, durablePool } from './durable-house.ts';
import { admin, presence, serviceSettings } from './house.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';

/** A house whose operator looks at the queue. */
class Watched extends DurableHouse {
  async give(name: string, given: Readonly<Record<string, unknown>> = {}): Promise<CommandEnd> {
    const result = this.router.perform(name, admin, { pool: 'jobs', ...given }, this.now);
    if (!('later' in result)) return result;
    await this.settle();
    return result.later;
  }

  async done(name: string, given: Readonly<Record<string, unknown>> = {}): Promise<object> {
    const end = await this.give(name, given);
    ok('done' in end, JSON.stringify(end));
    return end.done;
  }

  async status(): Promise<QueueReport> {
    const { queues } = (await this.done('queue.status')) as { queues: readonly QueueReport[] };
    const [report] = queues;
    ok(report !== undefined);
    return report;
  }

  async ids(state: string): Promise<readonly string[]> {
    const { messages } = (await this.done('queue.list', { state })) as { messages: readonly MessageSummary[] };
    return messages.map(({ id }) => id);
  }

  /** What the operator was told of the queue since he looked last. */
  heard(): string[] {
    const notices = this.out.notices.splice(0);
    return notices.filter(({ event }) => event.startsWith('pool-')).map(({ event, text }) => `${event}: ${text}`);
  }
}

function houseOf(delivery: Parameters<typeof durablePool>[0] = {}): Watched {
  const house = new Watched(durablePool(delivery));
  house.router.linkUp(house.now);
  return house;
}

describe('router: the queue as operators see it', () => {
  it('says how much waits, since when, and why it does not move', async () => {
    const house = houseOf({ capacity: 2 });
    for (let n = 1; n <= 4; n += 1) house.send(`m${n}`);
    await house.settle();
    const since = new Date(house.now).toISOString();
    await house.wait(3_000);
    const waiting = await house.status();
    deepEqual([waiting.ready, waiting.leased, waiting.dead, waiting.oldest], [4, 0, 0, since]);
    deepEqual(
      [waiting.stall, waiting.why],
      ['no-worker', 'No worker is in the pool; what waits goes out when one joins.'],
    );
    house.on(presence(ada));
    await house.settle();
    const full = await house.status();
    const until = new Date(house.now + 30_000).toISOString();
    deepEqual([full.ready, full.leased, full.stall, full.until], [2, 2, 'at-capacity', until]);
    match(full.why, /\(workers: 1, messages: 2\); the next goes out when one is acknowledged, or its lease runs out/);
    for (const id of ['m1', 'm2', 'm3', 'm4']) {
      house.receipt(ada, id);
      await house.settle();
    }
    const empty = await house.status();
    deepEqual([empty.ready, empty.leased, empty.bytes, empty.oldest], [0, 0, 0, null]);
    deepEqual([empty.stall, empty.why, empty.tally.acknowledged], ['none', 'Nothing waits.', 4]);
  });

  it('tells in the log that nothing goes out, and that it goes on', async () => {
    const house = houseOf();
    house.send('m1');
    await house.settle();
    await house.wait(9_000);
    deepEqual(house.heard(), []);
    await house.wait(3_000);
    const [told, ...more] = house.heard();
    match(
      told ?? '',
      /^pool-stalled: 1 message waits, the oldest for 1\d s, and none has gone out for 1\d s\. No worker/,
    );
    deepEqual(more, []);
    await house.wait(280_000);
    deepEqual(house.heard(), []);
    await house.wait(30_000);
    equal(house.heard().length, 1);
    house.on(presence(ada));
    await house.wait(2_000);
    match(house.heard().join(), /^pool-moving: Messages go out again, after 5 min\.$/);
  });

  it('is silent while workers work, however long the queue is, and while the router ends', async () => {
    const house = houseOf({ capacity: 1, ackTimeout: 600_000 });
    house.on(presence(ada));
    for (let n = 1; n <= 8; n += 1) house.send(`m${n}`);
    for (let n = 1; n <= 4; n += 1) {
      await house.wait(8_000);
      house.receipt(ada, `m${n}`);
    }
    deepEqual(house.heard(), []);
    house.router.drain();
    await house.wait(20_000);
    deepEqual(house.heard(), []);
  });

  it('says that the store fails, until it does its part again', async () => {
    const house = houseOf();
    house.send('m1');
    await house.settle();
    house.mood = 'failing';
    house.on(presence(ada));
    await house.settle();
    equal((await house.status()).stall, 'store-failed');
    house.mood = 'well';
    await house.wait(1_000);
    equal((await house.status()).stall, 'none');
    deepEqual(house.deals(), ['m1>a']);
  });

  it('says when what failed is tried again', async () => {
    const house = houseOf({ backoff: { min: 8_000, max: 60_000 }, ackTimeout: 5_000 });
    house.on(presence(ada));
    house.on(presence(bob));
    house.send('m1');
    await house.settle();
    await house.wait(5_200);
    const { stall, until, why } = await house.status();
    equal(stall, 'backing-off');
    match(why, /\(messages: 1\), and is tried again from 2\d{3}-/);
    const left = Date.parse(until ?? '') - house.now;
    ok(left > 3_000 && left < 8_000, `${left} ms`);
  });

  it('says what waits for an alias of its sender while there is no room for one, beside what has failed', async () => {
    const house = houseOf({ capacity: 100, ackTimeout: 600_000, ttl: 3_600_000 });
    const reload = (memory: number): void => {
      house.router.reload(
        serviceSettings([durablePool({ capacity: 100 }, { identity: 'alias' })], { memory }),
        house.now,
      );
    };
    for (let n = 0; n < 20; n += 1) house.send(`m${n}`, { from: `s${n}@far.example/r` });
    await house.settle();
    // From here on senders need a name, and a domain may have few.
    reload(64 * 1024);
    house.on(presence(ada));
    await house.wait(3_000);
    const named = house.given().length;
    ok(named > 0 && named < 20, `${named} were given`);
    const { stall, until, why } = await house.status();
    deepEqual([stall, until], ['no-alias', null]);
    match(why, new RegExp(`\\(messages: ${20 - named}\\) before workers; each gets an alias as soon as`));
    const { text } = (await house.done('pools.explain')) as Explanation;
    ok(text.endsWith(why), text);
    house.heard();
    await house.wait(11_000);
    match(house.heard().join(), /pool-stalled: .*Nothing stands yet for the senders/);
    reload(64 * 1024 * 1024);
    await house.wait(2_000);
    equal(house.given().length, 20 - named);
    equal((await house.status()).stall, 'none');
  });

  it('explains whom the oldest that waits stays away from, because he failed it', async () => {
    const house = houseOf({ ackTimeout: 2_000, backoff: { min: 8_000, max: 60_000 } });
    house.on(presence(ada));
    house.send('m1');
    await house.settle();
    house.on(presence(bob));
    await house.wait(2_200);
    const { workers } = (await house.done('pools.explain')) as Explanation;
    match(workers[0]?.why ?? '', /It failed attempt 1 of the oldest message that waits, which goes to others/);
    ok(!/failed/.test(workers[1]?.why ?? ''));
  });

  it('is changed by commands', async () => {
    const house = houseOf();
    for (let n = 1; n <= 3; n += 1) house.send(`m${n}`);
    await house.settle();
    const [first] = await house.ids('ready');
    house.out.take();
    deepEqual(await house.done('queue.cancel', { ids: [first ?? ''] }), {
      pool: 'jobs',
      count: 1,
      text: 'Cancelled: 1 of 1.',
    });
    await house.settle();
    equal(house.told().filter(({ call }) => call === 'give-back').length, 1);
    equal((await house.ids('ready')).length, 2);
    await house.done('queue.purge', { state: 'ready' });
    await house.settle();
    equal(house.told().filter(({ call }) => call === 'give-back').length, 2);
    deepEqual([await house.ids('ready'), (await house.status()).ready], [[], 0]);
  });

  it('gets its dead letters back', async () => {
    const house = houseOf({ maxAttempts: 1, ackTimeout: 1_000 });
    house.on(presence(ada));
    house.send('m1');
    await house.wait(1_500);
    deepEqual([(await house.ids('dead')).length, (await house.status()).dead], [1, 1]);
    house.out.take();
    await house.done('queue.redrive', { ids: 'all' });
    await house.wait(300);
    deepEqual([(await house.status()).dead, house.deals()], [0, ['m1>a']]);
  });

  it('says how many dead letters are still to be put back', async () => {
    const house = houseOf({ maxAttempts: 1, ackTimeout: 1_000, capacity: 20 });
    house.on(presence(ada));
    for (let n = 1; n <= 6; n += 1) house.send(`m${n}`);
    await house.wait(1_500);
    const counts = async () => {
      const { dead, redriving } = await house.status();
      return [dead, redriving];
    };
    deepEqual(await counts(), [6, 0]);
    const [first = ''] = await house.ids('dead');
    await house.done('queue.redrive', { ids: [first], perSecond: 1 });
    deepEqual(await counts(), [6, 1]);
    await house.wait(500);
    deepEqual(await counts(), [5, 0]);
    await house.done('queue.redrive', { ids: 'all', perSecond: 2 });
    deepEqual(await counts(), [5, 5]);
    await house.wait(900);
    const [dead = 0, left] = await counts();
    ok(dead > 0 && dead < 5, `${dead}`);
    equal(left, dead);
    await house.wait(900);
    ok(((await counts())[1] ?? 9) < dead);
  });

  it('shows in gauges', async () => {
    const house = houseOf({ capacity: 2 });
    const gauges = () => {
      const pool = house.router.pools.get('jobs');
      ok(pool !== undefined);
      return queueGauges(house.router, pool, house.now);
    };
    for (let n = 1; n <= 5; n += 1) house.send(`m${n}`);
    await house.settle();
    await house.wait(2_000);
    const { bytes, ...rest } = gauges() ?? { bytes: 0 };
    ok(bytes > 0);
    deepEqual(rest, { ready: 5, leased: 0, dead: 0, oldest: 2, workersWanted: 3, stall: 'no-worker' });
    house.on(presence(ada));
    house.on(presence(bob));
    await house.settle();
    deepEqual([gauges()?.leased, gauges()?.stall, gauges()?.workersWanted], [4, 'at-capacity', 3]);
    const plain = new DurableHouse(durablePool({ guarantee: 'plain' }));
    const [pool] = plain.router.pools.values();
    ok(pool !== undefined);
    equal(queueGauges(plain.router, pool, plain.now), undefined);
  });
});
