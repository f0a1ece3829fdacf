import { deepEqual, equal, ok } from 'node:assert/strict';
import { DurableHouse, durablePool } from './durable-house.ts';
import { jobs, sender } from './house.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';
const alice = 'alice@far.example/phone';

type Given = ReturnType<DurableHouse['given']>[number];

/** A house whose workers acknowledge when the test says so, whoever wrote. */
class Line extends DurableHouse {
  /** Sends `count` messages, a few at a time, and lets the store take them. */
  async sendMany(from: string, name: string, count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      this.send(`${name}${n}`, { from });
      if (n % 100 === 0) await this.settle();
    }
    await this.settle();
  }

  acknowledge({ to, message: { id, from } }: Given): void {
    this.receipt(to, id ?? '', { to: `${jobs}/${from}` });
  }

  /** Acknowledges all that is given out until nothing more is; returns the ids in their order. */
  async drain(keep: (id: string) => boolean = () => false): Promise<string[]> {
    const ids: string[] = [];
    for (let idle = 0; idle < 3; ) {
      const given = this.given();
      idle = given.length === 0 ? idle + 1 : 0;
      for (const each of given) {
        const id = each.message.id ?? '';
        ids.push(id);
        if (!keep(id)) this.acknowledge(each);
      }
      await this.wait(100);
    }
    return ids;
  }
}

async function lineOf(...[delivery, changes]: Parameters<typeof durablePool>): Promise<Line> {
  const wide = { queue: { maxMessages: 100_000, maxBytes: 2 ** 30, perSender: 1, overflow: 'reject' as const } };
  const house = new Line(durablePool({ ...wide, ...delivery }, changes));
  house.router.linkUp(house.now);
  await house.settle();
  return house;
}

function names(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
}

describe('the line of a durable pool', () => {
  it('is gone through in order, each message once, also where most of it is in the store alone', async () => {
    const house = await lineOf({ capacity: 20 });
    await house.sendMany(sender, 'm', 1_300);
    const queue = house.router.deliveries.queues.get('jobs');
    ok(queue !== undefined && queue.ready.size === 1_300 && queue.ready.resident <= 1_000);
    house.work(ada);
    deepEqual(await house.drain(), names('m', 1_300));
    deepEqual([queue.ready.size, queue.leased], [0, 0]);
  });

  it('goes on in order after a restart in its midst', async () => {
    const first = await lineOf({ capacity: 20 });
    await first.sendMany(sender, 'm', 1_200);
    first.work(ada);
    await first.settle();
    const begun = first.given();
    for (const given of begun) first.acknowledge(given);
    await first.settle();
    const given = first.given().map(({ message: { id } }) => id);
    equal(given.length, 20);
    // These twenty are with the worker, who is asked whether he still is there.
    const pool = durablePool({ capacity: 40 });
    const second = new Line(pool, first.store, await first.store.load());
    second.now = first.now;
    second.router.linkUp(second.now);
    second.answerPings();
    second.work(ada);
    const rest = await second.drain();
    deepEqual(rest, names('m', 1_200).slice(40));
  });

  it('keeps to one of each sender at a time, where his messages are in order; others pass', async () => {
    const house = await lineOf({
      ordering: 'sender',
      capacity: 5,
      backoff: { min: 4_000, max: 60_000 },
      ackTimeout: 2_000,
    });
    house.work(ada, bob);
    for (const id of ['a1', 'a2', 'a3']) house.send(id, { from: alice });
    house.send('m1');
    await house.settle();
    const [a1, m1, ...more] = house.given();
    deepEqual([a1?.message.id, m1?.message.id, more], ['a1', 'm1', []]);
    ok(a1 !== undefined && m1 !== undefined);
    house.acknowledge(m1);
    // Nobody acknowledges a1: until it is tried again and done, a2 waits, from whatever resource she writes.
    await house.wait(2_500);
    house.send('a4', { from: 'alice@far.example/other' });
    house.send('m2');
    await house.settle();
    deepEqual(
      house.given().map(({ message: { id } }) => id),
      ['m2'],
    );
    const again = await house.wait(4_000).then(() => house.given());
    deepEqual(
      again.map(({ message: { id } }) => id),
      ['a1'],
    );
    for (const given of again) house.acknowledge(given);
    await house.settle();
    deepEqual(await house.drain(), ['a2', 'a3', 'a4']);
  });

  it('has a place for others behind a sender who fills it, while his first message is held', async () => {
    const house = await lineOf({ ordering: 'sender', capacity: 5, ackTimeout: 600_000 });
    await house.sendMany(alice, 'a', 1_200);
    await house.sendMany(sender, 'm', 3);
    house.work(ada);
    deepEqual(await house.drain((id) => id === 'a1'), ['a1', 'm1', 'm2', 'm3']);
    house.receipt(ada, 'a1', { to: `${jobs}/${alice}` });
    deepEqual(await house.drain(), names('a', 1_200).slice(1));
  });

  it('reads a message again that was let go of, for want of memory, when its worker fails it', async () => {
    const house = await lineOf({ ackTimeout: 1_000 });
    house.work(ada, bob);
    // It counts for more than half of the memory.
    house.send('m1', { size: 60_000_000, tail: '<body>a long story</body>' });
    await house.settle();
    const [first] = house.given();
    ok(first !== undefined);
    const held = house.router.deliveries.queues.get('jobs')?.named(sender, 'm1');
    deepEqual([held?.message, house.router.held.memory < 2_000], [undefined, true]);
    await house.wait(4_000);
    const [again] = house.given();
    deepEqual([again?.message.tail, again?.message.id], ['<body>a long story</body>', 'm1']);
    ok(again !== undefined && again.to !== first.to);
    house.acknowledge(again);
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('is not held up by messages that every worker fails', async () => {
    const house = await lineOf({ capacity: 4, maxAttempts: 3, ackTimeout: 1_000, backoff: { min: 1_000, max: 2_000 } });
    await house.sendMany(alice, 'bad', 3);
    await house.sendMany(sender, 'm', 200);
    house.work(ada, bob);
    const bad = (id: string): boolean => id.startsWith('bad');
    const ids = await house.drain(bad);
    deepEqual(
      ids.filter((id) => !bad(id)),
      names('m', 200),
    );
    await house.wait(10_000);
    equal(house.router.deliveries.queues.get('jobs')?.dead, 3);
  });

  it('is not held up by a message of a worker to its own pool, which is for others alone', async () => {
    const house = await lineOf({}, { memberMessages: 'route', senders: ['*'] });
    house.work(ada);
    house.send('own', { from: ada });
    house.send('own-label', { from: ada, to: `${jobs}/~a` });
    await house.settle();
    house.send('m1');
    await house.wait(200);
    deepEqual(house.deals(), ['m1>a']);
    house.work(bob);
    await house.wait(1_000);
    deepEqual(house.deals(), ['own>b', 'own-label>b']);
  });
});
