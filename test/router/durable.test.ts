import { deepEqual, equal, ok } from 'node:assert/strict';
import { DurableHouse, durablePool } from './durable-house.ts';
import { jobs, message, presence, sender } from './house.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';

async function houseWith(...workers: string[]): Promise<DurableHouse> {
  const house = new DurableHouse();
  house.router.linkUp(house.now);
  house.work(...workers);
  await house.settle();
  house.out.take();
  return house;
}

describe('durable delivery', () => {
  it('sends nothing before it is on disk, and counts the message only then', async () => {
    const house = await houseWith(ada);
    house.send('m1');
    deepEqual(house.deals(), []);
    equal(house.out.outcomes.length, house.out.outcomes.length);
    const before = house.out.outcomes.length;
    await house.settle();
    deepEqual(house.out.outcomes.slice(before), [{ outcome: { kind: 'forwarded' }, pool: 'jobs' }]);
    deepEqual(house.deals(), ['m1>a']);
    const [row] = (await house.store.read({ want: 'list', pool: 'jobs', states: ['leased'], after: 0, limit: 9 })).rows;
    deepEqual([row?.worker, row?.attempt, row?.message, row?.tail], [ada, 1, 'm1', '<body>m1</body>']);
  });

  it('tells the sender to keep his message when the store does not take it', async () => {
    const house = await houseWith(ada);
    house.mood = 'failing';
    house.send('m1');
    await house.settle();
    deepEqual(
      house.out.take().map((written) => written.call === 'bounce' && written.code),
      ['store-failed'],
    );
    house.mood = 'well';
    house.send('m2');
    await house.settle();
    deepEqual(house.deals(), ['m2>a']);
  });

  it('deletes a message when its worker sends the receipt, and passes the receipt on only then, to who asked', async () => {
    const house = await houseWith(ada);
    house.send('m1', { wantsReceipt: true });
    house.send('m2');
    await house.settle();
    house.given();
    house.receipt(ada, 'm1');
    house.receipt(ada, 'm2');
    deepEqual(house.told(), []);
    await house.settle();
    deepEqual(house.told(), [{ call: 'receipt', message: { from: sender, to: jobs, id: 'm1' } }]);
    const { rows } = await house.store.read({
      want: 'list',
      pool: 'jobs',
      states: ['ready', 'leased', 'dead'],
      after: 0,
      limit: 9,
    });
    deepEqual(rows, []);
    equal(house.out.events.get('delivery-acknowledged'), 2);
  });

  it('times the wait for a first worker, and the work of each up to its acknowledgement', async () => {
    const house = new DurableHouse(durablePool({ ackTimeout: 10_000, backoff: { min: 1_000, max: 1_000 } }));
    house.router.linkUp(house.now);
    house.send('m1');
    await house.settle();
    await house.wait(3_000);
    const came = house.now;
    house.work(ada);
    await house.settle();
    await house.wait(500);
    const acknowledged = house.now;
    house.receipt(ada, 'm1');
    house.send('m2');
    await house.settle();
    // Its second attempt is no wait for a first worker, and what nobody acknowledged is no work.
    await house.wait(12_000);
    deepEqual(house.out.times, [
      { what: 'queue-wait', pool: 'jobs', milliseconds: 3_000 },
      { what: 'work', pool: 'jobs', milliseconds: acknowledged - came },
      { what: 'queue-wait', pool: 'jobs', milliseconds: 0 },
    ]);
  });

  it('keeps messages while nobody works, and gives them out in order, as many as a worker may hold', async () => {
    const house = new DurableHouse(durablePool({ capacity: 3 }));
    house.router.linkUp(house.now);
    for (let n = 1; n <= 5; n += 1) house.send(`m${n}`);
    await house.settle();
    deepEqual(house.deals(), []);
    house.on(presence(ada));
    await house.settle();
    deepEqual(house.deals(), ['m1>a', 'm2>a', 'm3>a']);
    house.receipt(ada, 'm2');
    await house.settle();
    deepEqual(house.deals(), ['m4>a']);
  });

  it('gives to another worker at once what one returns with an error', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    await house.settle();
    const [first] = house.given();
    const failed = first?.to ?? '';
    house.on(
      message({
        type: 'error',
        from: failed,
        to: `${jobs}/${sender}`,
        id: 'm1',
        error: { condition: 'service-unavailable', type: 'cancel' },
      }),
    );
    await house.settle();
    const [second] = house.given();
    ok(second !== undefined && second.to !== failed, second?.to);
    equal(second.assurance.attempt, 2);
    equal(second.assurance.stanzaId, first?.assurance.stanzaId);
    equal(second.assurance.delayedSince !== undefined, true);
  });

  it('waits two seconds when a worker leaves, and then gives to another what it had', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    house.send('m2');
    await house.settle();
    deepEqual(house.deals(), ['m1>a', 'm2>b']);
    house.on(presence(ada, { type: 'unavailable' }));
    await house.wait(1_900);
    deepEqual(house.deals(), []);
    await house.wait(300);
    deepEqual(house.deals(), ['m1>b']);
  });

  it('takes the receipt of a worker that has left meanwhile', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    await house.settle();
    house.on(presence(ada, { type: 'unavailable' }));
    house.receipt(ada, 'm1');
    await house.wait(3_000);
    deepEqual(house.deals(), ['m1>a']);
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('gives to another worker what one has not acknowledged in time, after a pause', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    await house.settle();
    deepEqual(house.deals(), ['m1>a']);
    await house.wait(30_200);
    deepEqual(house.deals(), []);
    await house.wait(1_200);
    deepEqual(house.deals(), ['m1>b']);
  });

  it('gives a message up after the last attempt: the sender is told, and a dead letter kept', async () => {
    const house = new DurableHouse(durablePool({ maxAttempts: 2, ackTimeout: 1_000, backoff: { min: 100, max: 100 } }));
    house.router.linkUp(house.now);
    house.work(ada);
    house.send('m1');
    await house.wait(5_000);
    const told = house.told();
    deepEqual(
      told.map((written) => written.call === 'give-back' && [written.code, written.message.id, written.fate.attempts]),
      [['max-attempts', 'm1', 2]],
    );
    const { rows } = await house.store.read({ want: 'dead', pool: 'jobs', from: 0, before: house.now + 1, limit: 9 });
    deepEqual(
      rows.map(({ message: id, reason }) => [id, reason]),
      [['m1', 'max-attempts']],
    );
    equal(JSON.parse(rows[0]?.history ?? '[]').length, 2);
  });

  it('takes a message again that the store did not take at first', async () => {
    const house = await houseWith(ada);
    house.mood = 'failing';
    house.send('m1', { originId: 'o1' });
    await house.settle();
    house.mood = 'well';
    house.out.take();
    house.send('m2', { originId: 'o1', tail: '<body>m1</body>' });
    await house.settle();
    deepEqual(house.deals(), ['m2>a']);
  });

  it('does not deny what it has accepted when that comes again and the store does not say how far it is', async () => {
    const house = await houseWith(ada);
    const terms = { guarantee: undefined, ttl: undefined, queued: true, problem: undefined };
    house.send('m1', { originId: 'o1', terms });
    await house.settle();
    house.out.take();
    house.mood = 'failing';
    house.send('m1', { originId: 'o1', terms });
    await house.settle();
    deepEqual(
      house.told().map(({ call }) => call),
      ['queued'],
    );
    equal(house.out.outcomes.at(-1)?.outcome.kind, 'consumed');
  });

  it('returns what comes again while it is not known whether the first is stored', async () => {
    const house = await houseWith(ada);
    house.send('m1', { originId: 'o1' });
    house.send('m2', { originId: 'o1', tail: '<body>m1</body>' });
    const [first, again] = house.out.asked.splice(0);
    ok(first !== undefined && 'change' in first && again !== undefined && 'query' in again);
    again.done(undefined, new Error('session ended'));
    deepEqual(
      house.told().map((written) => written.call === 'bounce' && [written.code, written.stanza.id]),
      [['store-failed', 'm2']],
    );
    house.out.asked.push(first);
    await house.settle();
    deepEqual(house.deals(), ['m1>a']);
  });

  it('knows a message that a server has written otherwise', async () => {
    const house = await houseWith(ada);
    house.send('m1', { originId: 'o1', tail: `<j id='1' xmlns='x'/><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>` });
    await house.settle();
    house.send('m1', { originId: 'o1', tail: `<j xmlns='x' id='1'/><origin-id id='o1' xmlns='urn:xmpp:sid:0'/>` });
    await house.settle();
    house.send('m2', { originId: 'o1', tail: `<j xmlns='x' id='2'/><origin-id id='o1' xmlns='urn:xmpp:sid:0'/>` });
    await house.settle();
    deepEqual(house.deals(), ['m1>a', 'm2>a']);
  });

  it('lets nobody pass a queue that is still being given out', async () => {
    const house = new DurableHouse(durablePool({ capacity: 1_000 }));
    house.router.linkUp(house.now);
    for (let n = 1; n <= 400; n += 1) house.send(`m${n}`);
    await house.settle();
    house.on(presence(ada));
    house.send('late');
    await house.wait(1_000);
    const deals = house.deals();
    deepEqual([deals.length, deals.at(0), deals.at(-1)], [401, 'm1>a', 'late>a']);
  });

  it('gives nothing to a worker that has left, though it acknowledges', async () => {
    const house = await houseWith(ada);
    house.send('m1');
    await house.settle();
    house.on(presence(ada, { type: 'unavailable' }));
    house.receipt(ada, 'm1');
    await house.settle();
    house.out.take();
    house.send('m2');
    await house.wait(1_000);
    deepEqual(house.deals(), []);
    deepEqual(house.router.deliveries.queues.get('jobs')?.ready.size, 1);
    deepEqual([house.out.events.get('attempt-unsent'), house.router.pools.get('jobs')?.takers?.size], [undefined, 0]);
  });

  it('gives up what waits too long', async () => {
    const house = new DurableHouse(durablePool({ ttl: 2_000, ackTimeout: 1_000 }));
    house.router.linkUp(house.now);
    house.send('m1');
    await house.wait(4_000);
    deepEqual(
      house.told().map((written) => written.call === 'give-back' && written.code),
      ['expired'],
    );
  });

  it('lets workers keep what they have over a restart, and takes their receipts', async () => {
    const house = await houseWith(ada);
    house.send('m1');
    house.send('m2');
    await house.settle();
    const next = await house.restarted();
    next.router.linkUp(next.now);
    next.answerPings();
    next.receipt(ada, 'm1');
    await next.settle();
    equal(next.out.events.get('delivery-acknowledged'), 1);
    next.on(presence(bob));
    await next.wait(31_500);
    deepEqual(
      next.deals().filter((deal) => !deal.startsWith('m1')),
      ['m2>b'],
    );
    const tally = next.router.deliveries.queues.get('jobs')?.tally;
    deepEqual([tally?.accepted, tally?.acknowledged], [2, 1]);
  });

  it('gives out after a restart what waited before it', async () => {
    const house = new DurableHouse();
    house.router.linkUp(house.now);
    for (let n = 1; n <= 3; n += 1) house.send(`m${n}`);
    await house.settle();
    const next = await house.restarted();
    next.router.linkUp(next.now);
    next.on(presence(ada));
    await next.wait(300);
    deepEqual(next.deals(), ['m1>a', 'm2>a', 'm3>a']);
  });

  it('refuses the acknowledgement of somebody who never had the message', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    await house.settle();
    deepEqual(house.deals(), ['m1>a']);
    house.receipt(bob, 'm1');
    await house.settle();
    equal(house.out.events.get('acknowledgement-foreign'), 1);
    equal(house.out.events.get('delivery-acknowledged'), undefined);
    house.receipt('ada@work.example/other', 'm1');
    await house.settle();
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('counts a second receipt as late, and changes nothing', async () => {
    const house = await houseWith(ada);
    house.send('m1', { wantsReceipt: true });
    await house.settle();
    house.receipt(ada, 'm1');
    house.receipt(ada, 'm1');
    await house.settle();
    house.receipt(ada, 'm1');
    await house.settle();
    equal(house.told().filter(({ call }) => call === 'receipt').length, 1);
    equal(house.out.events.get('delivery-acknowledged'), 1);
  });

  it('tries again to store an acknowledgement that the store did not take', async () => {
    const house = await houseWith(ada);
    house.send('m1', { wantsReceipt: true });
    await house.settle();
    house.mood = 'failing';
    house.receipt(ada, 'm1');
    await house.wait(3_000);
    deepEqual(
      house.told().filter(({ call }) => call === 'receipt'),
      [],
    );
    house.mood = 'well';
    await house.wait(1_500);
    equal(house.told().filter(({ call }) => call === 'receipt').length, 1);
  });

  it('ends a message whose last lease the store did not take, and whose worker failed it meanwhile', async () => {
    const house = new DurableHouse(durablePool({ maxAttempts: 2, deadLetters: 0 }));
    house.router.linkUp(house.now);
    house.work(ada);
    house.send('m1');
    await house.settle();
    const isLeased = (): boolean => house.out.asked.some((asked) => 'change' in asked && asked.change.op === 'lease');
    for (house.pass(30_000); !isLeased(); house.pass(100)) await house.settle();
    const error = { condition: 'recipient-unavailable', type: 'wait' } as const;
    house.on(message({ type: 'error', typeAttr: 'error', from: ada, to: `${jobs}/${sender}`, id: 'm1', error }));
    house.told();
    house.mood = 'failing';
    await house.settle();
    house.mood = 'well';
    await house.wait(3_000);
    deepEqual(
      house.told().map((written) => written.call === 'give-back' && written.code),
      ['max-attempts'],
    );
    equal((await house.store.load()).queues[0]?.open, 0);
  });

  it('gives a message out again that came back while the store failed', async () => {
    const house = await houseWith(ada, bob);
    house.send('m1');
    await house.settle();
    const [first] = house.given();
    house.mood = 'failing';
    const error = { condition: 'recipient-unavailable', type: 'wait' } as const;
    const from = first?.to ?? '';
    house.on(message({ type: 'error', typeAttr: 'error', from, to: `${jobs}/${sender}`, id: 'm1', error }));
    await house.wait(1_000);
    deepEqual(house.deals(), []);
    house.mood = 'well';
    await house.wait(3_000);
    deepEqual(house.deals(), [from === ada ? 'm1>b' : 'm1>a']);
  });

  it('gives nothing out without a link, and goes on with one', async () => {
    const house = await houseWith(ada);
    house.send('m1');
    house.router.linkDown();
    await house.settle();
    await house.wait(60_000);
    deepEqual(house.deals(), []);
    house.router.linkUp(house.now);
    house.answerPings();
    await house.wait(2_500);
    equal(house.router.deliveries.queues.get('jobs')?.leased, 1);
  });
});
