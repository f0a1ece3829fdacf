import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Member } from '../../src/core/pool/member.ts';
import { DurableHouse, durablePool } from './durable-house.ts';
import { response } from './house.ts';
import type { Written } from './recording-out.ts';

const ada = 'ada@work.example/a';
const bob = 'bob@work.example/b';
const eve = 'eve@work.example/e';

/** A pool of these workers that gives each two messages at a time, for ten seconds. */
async function houseWith(...workers: string[]): Promise<DurableHouse> {
  const house = new DurableHouse(durablePool({ capacity: 2, ackTimeout: 10_000, maxAttempts: 50 }));
  house.router.linkUp(house.now);
  house.work(...workers);
  await house.settle();
  house.out.take();
  return house;
}

function memberOf(house: DurableHouse, jid: string): Member {
  const member = house.router.pools.get('jobs')?.roster.get(jid);
  ok(member !== undefined);
  return member;
}

/**
 * Lets time pass. Workers that are named `done` acknowledge all that they get, those named `pong` answer
 * pings; returns all that was written.
 */
async function live(house: DurableHouse, seconds: number, done: string[], pong: string[]): Promise<Written[]> {
  const all: Written[] = [];
  for (let left = seconds; left > 0; left -= 1) {
    await house.wait(1_000);
    const written = house.out.take();
    all.push(...written);
    for (const one of written) {
      if (one.call === 'deliver' && done.includes(one.to)) house.receipt(one.to, one.message.id ?? '');
      if (one.call === 'ping' && pong.includes(one.to)) house.on(response(one.to, one.id, { to: one.from }));
    }
    await house.settle();
  }
  return all;
}

describe('durable delivery to workers that hang', () => {
  it('asks one that is late, suspends it when it is silent, and begins slowly with it when it is back', async () => {
    const house = await houseWith(ada, bob, eve);
    for (let n = 1; n <= 6; n += 1) house.send(`m${n}`);
    await house.settle();
    const others = [bob, eve];
    const written = await live(house, 30, others, others);
    ok(written.some(({ call }) => call === 'ping'));
    equal(memberOf(house, ada).state, 'suspended');
    equal(house.out.events.get('delivery-acknowledged'), 6);
    // It says something: it lives, and gets one.
    house.receipt(ada, 'nothing');
    house.join(ada);
    equal(memberOf(house, ada).state, 'verified');
    for (let n = 7; n <= 12; n += 1) house.send(`m${n}`);
    await house.settle();
    equal(house.deals().filter((deal) => deal.endsWith('>a')).length, 1);
  });

  it('suspends nobody for one message that nobody can do', async () => {
    const house = await houseWith(ada, bob, eve);
    const all = [ada, bob, eve];
    house.send('poison');
    await house.settle();
    await live(house, 300, [], all);
    deepEqual(
      all.map((jid) => memberOf(house, jid).state),
      ['verified', 'verified', 'verified'],
    );
    equal(house.out.events.get('member-late'), undefined);
    ok((house.out.events.get('attempt-timeout') ?? 0) > 5);
  });

  it('suspends no more than half of the workers when all hang, and goes on when they are back', async () => {
    const house = await houseWith(ada, bob, eve);
    const all = [ada, bob, eve];
    for (let n = 1; n <= 9; n += 1) house.send(`m${n}`);
    await house.settle();
    // Not so long that they would be pinged for being silent.
    await live(house, 45, [], []);
    ok((house.out.events.get('members-late') ?? 0) > 0);
    const suspended = all.filter((jid) => memberOf(house, jid).state === 'suspended');
    ok(suspended.length <= 1, suspended.join(' '));
    for (const jid of all) house.join(jid);
    await live(house, 200, all, all);
    equal(house.out.events.get('delivery-acknowledged'), 9);
  });
});
