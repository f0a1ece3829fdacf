import { deepEqual, equal, ok } from 'node:assert/strict';
import { DurableHouse, durablePool } from './durable-house.ts';
import { presence, response } from './house.ts';
import type { Written } from './recording-out.ts';

const ada = 'ada@work.example/a';
const delivery = 'urn:x-switchyard:delivery:0';
const pool = durablePool({ ack: 'auto' });

function questionIn(written: readonly Written[]): Extract<Written, { call: 'ask-info' }> {
  const question = written.find(({ call }) => call === 'ask-info');
  ok(question?.call === 'ask-info', 'the client is asked what it can do');
  return question;
}

/** Answers what the router asks a client. */
function answer(house: DurableHouse, { to, from, id }: Extract<Written, { call: 'ask-info' }>, version = 'v1'): void {
  house.on(response(to, id, { to: from, info: { version, features: [delivery] } }));
}

/** Lets time pass, in which whoever is pinged is there; clients have some of it to announce themselves. */
async function live(house: DurableHouse): Promise<readonly Written[]> {
  const all: Written[] = [];
  for (let step = 0; step < 25; step += 1) {
    await house.wait(200);
    const written = house.out.take();
    for (const each of written) if (each.call === 'ping') house.on(response(each.to, each.id, { to: each.from }));
    all.push(...written);
  }
  return all;
}

async function houseWithAda(): Promise<DurableHouse> {
  const house = new DurableHouse(pool);
  house.router.linkUp(house.now);
  house.on(presence(ada, { caps: { node: 'n', version: 'v1' } }));
  await house.settle();
  return house;
}

describe('durable delivery: what a worker’s client can do', () => {
  it('is asked first; then the worker is told that it gets messages, and gets what waits', async () => {
    const house = await houseWithAda();
    house.send('m1');
    await house.settle();
    deepEqual(house.deals(), []);
    await house.wait(200);
    const written = house.out.take();
    deepEqual([questionIn(written).node, written.some(({ call }) => call === 'deliver')], ['n#v1', false]);
    answer(house, questionIn(written));
    await house.wait(200);
    const after = house.out.take();
    const told = after.find(({ call }) => call === 'presence');
    ok(told?.call === 'presence' && told.presence.to === ada, 'what it was told before is not so any more');
    equal(after.filter(({ call }) => call === 'deliver').length, 1);
  });

  it('is asked again after a restart, which no client is told of', async () => {
    const house = await houseWithAda();
    house.send('m1');
    await house.settle();
    const next = await house.restarted(pool);
    next.router.linkUp(next.now);
    const question = questionIn(await live(next));
    deepEqual([question.to, question.node], [ada, undefined]);
    answer(next, question, 'whatever');
    await next.wait(200);
    deepEqual(next.deals(), ['m1>a']);
  });

  it('is asked again when the link broke before the answer', async () => {
    const house = await houseWithAda();
    await house.wait(200);
    questionIn(house.out.take());
    house.send('m1');
    house.router.linkDown();
    house.router.linkUp(house.now);
    answer(house, questionIn(await live(house)));
    await house.wait(200);
    deepEqual(house.deals(), ['m1>a']);
  });
});
