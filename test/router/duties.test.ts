import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Member } from '../../src/core/pool/member.ts';
import type { Pool } from '../../src/core/pool/pool.ts';
import type { DeliverySettings } from '../../src/core/settings.ts';
import {
  deliverySettings,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  response,
  sender,
  serviceSettings,
  storedMember,
} from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const caps = { node: 'urn:client', version: 'v=' };
const aware = { version: 'v=', features: ['urn:x-switchyard:delivery:0'] };
const receipts = { version: 'r=', features: ['urn:xmpp:receipts'] };
const wish = { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined };

/** A house with one pool that gives at-least-once, or what `changes` says. */
function house(changes: Partial<DeliverySettings> = {}, snapshot = emptySnapshot): House {
  const made = new House(serviceSettings([durable(changes)]), snapshot);
  made.router.linkUp(made.now);
  return made;
}

function durable(changes: Partial<DeliverySettings> = {}, others = {}) {
  return poolSettings({ delivery: deliverySettings({ guarantee: 'at-least-once', ...changes }), ...others });
}

function poolOf(made: House): Pool {
  const pool = made.router.pools.get('jobs');
  ok(pool !== undefined);
  return pool;
}

function memberOf(made: House, jid: string): Member {
  const member = poolOf(made).roster.get(jid);
  ok(member !== undefined);
  return member;
}

/** Who takes deliveries now, by resource, one after the other. */
function takers(made: House): string[] {
  const { takers } = poolOf(made);
  ok(takers !== undefined);
  const names = Array.from({ length: takers.free }, () => takers.pick('roundrobin', made.now)?.label ?? '-');
  return names.sort();
}

/** What was told to `jid` since the last look, and the ids of questions after its features; pings are answered. */
function said(made: House, jid: string): { readonly status: string[]; readonly asked: string[] } {
  const status: string[] = [];
  const asked: string[] = [];
  for (const written of made.out.take()) {
    if (written.call === 'presence' && written.presence.to === jid) status.push(written.presence.status ?? '');
    if (written.call === 'ask-info' && written.to === jid) asked.push(written.id);
    if (written.call === 'ping') made.on(response(written.to, written.id, { to: written.from }));
  }
  return { status, asked };
}

/** Lets `jid` answer what it is asked in the next 200 ms; returns what it is told. */
function answer(made: House, jid: string, info: typeof aware): string[] {
  made.pass(200);
  const { status, asked } = said(made, jid);
  for (const id of asked) made.on(response(jid, id, { info }));
  return [...status, ...said(made, jid).status];
}

describe('router: who takes deliveries that have to be acknowledged', () => {
  it('only in pools that may promise it has members with duties', () => {
    const plain = new House();
    plain.join(one);
    equal(memberOf(plain, one).duty, undefined);
    equal(poolOf(plain).takers, undefined);
    const hinted = house({ guarantee: 'plain', hints: ['at-least-once'], ack: 'receipt' });
    hinted.join(one);
    deepEqual(takers(hinted), ['one']);
    equal(hinted.deal(1)[0], 'one');
  });

  it('a client whose capabilities say that it acknowledges, from when they are known; it is told before and after', () => {
    const made = house();
    made.on(presence(one, { caps }));
    const before = said(made, one).status;
    equal(before.length, 1);
    ok(before[0]?.includes('is not known'), before[0]);
    deepEqual(takers(made), []);
    const after = answer(made, one, aware);
    equal(after.length, 1);
    equal(after[0], 'You are worker one of jobs.');
    deepEqual(takers(made), ['one']);
    // What is known of the version holds for the next one at once.
    made.on(presence(two, { caps }));
    deepEqual(said(made, two).status, ['You are worker two of jobs.']);
    deepEqual(takers(made), ['one', 'two']);
  });

  it('a client that announces nothing is asked by itself, and one that does not answer is not asked for ever', () => {
    const made = house();
    made.on(presence(one));
    ok(said(made, one).status[0]?.includes('is not known'));
    answer(made, one, aware);
    deepEqual(takers(made), ['one']);
    made.on(presence(two));
    made.pass(200);
    equal(said(made, two).asked.length, 1);
    // It answers pings, in time.
    const askedIn = (seconds: number): number => {
      let asked = 0;
      for (let left = seconds; left > 0; left -= 4) {
        made.pass(4_000);
        asked += said(made, two).asked.length;
      }
      return asked;
    };
    equal(askedIn(596), 0);
    equal(askedIn(8), 1);
    deepEqual(takers(made), ['one']);
  });

  it('a client that did not say what it announced is asked again, by itself', () => {
    const made = house();
    made.on(presence(one, { caps }));
    made.pass(200);
    const [question = ''] = said(made, one).asked;
    made.on(response(one, question, { info: { ...aware, version: 'other' } }));
    deepEqual(takers(made), []);
    answer(made, one, { ...aware, version: 'other' });
    deepEqual(takers(made), ['one']);
  });

  it('a client that sends receipts once its account is subscribed, and no more when it is not', () => {
    const made = house();
    made.on(presence(one));
    ok(answer(made, one, receipts).at(-1)?.includes('subscribe to its presence'));
    deepEqual(takers(made), []);
    made.on(presence('w@work.example', { type: 'subscribe' }));
    made.out.settle();
    const { status } = said(made, one);
    ok(status.includes('You are worker one of jobs.'), status.join('|'));
    deepEqual(takers(made), ['one']);
    made.on(presence('w@work.example', { type: 'unsubscribe' }));
    made.out.settle();
    ok(said(made, one).status.some((text) => text.includes('subscribe to its presence')));
    deepEqual(takers(made), []);
  });

  it('a client that sends receipts once it has answered a sender', () => {
    const made = house({ guarantee: 'plain', hints: ['at-least-once'] });
    made.on(presence(one));
    answer(made, one, receipts);
    deepEqual(takers(made), []);
    equal(made.deal(1)[0], 'one');
    made.on(message({ from: one, to: `${jobs}/${sender}` }));
    deepEqual(takers(made), ['one']);
  });

  it('the pool is there for others while there is one that can acknowledge, be it full', () => {
    const made = house({ ack: 'receipt', capacity: 1 });
    equal(poolOf(made).eligible, 0);
    made.join(one);
    memberOf(made, one).duty?.lease(1, made.now);
    poolOf(made).dutyChanged(memberOf(made, one), made.now);
    equal(poolOf(made).eligible, 1);
    made.router.reload(serviceSettings([durable({ ack: 'auto' })]), made.now);
    deepEqual([poolOf(made).eligible, poolOf(made).candidates.size], [0, 1]);
  });

  it('holds as many as it wishes, else as many as the configuration says, and is told', () => {
    const made = house({ ack: 'receipt', capacity: 2 });
    made.on(presence(one, { wish: { ...wish, capacity: 1 } }));
    ok(said(made, one).status[0]?.includes('at most 1 unacknowledged'));
    made.join(two);
    const pool = poolOf(made);
    const [first, second] = [memberOf(made, one), memberOf(made, two)];
    deepEqual([first.duty?.capacity, second.duty?.capacity], [1, 2]);
    first.duty?.lease(1, made.now + 5);
    pool.dutyChanged(first, made.now);
    deepEqual(takers(made), ['two']);
    equal(first.servedAt, made.now + 5);
    equal(first.inFlight(made.now), 1);
    // Capacity is for deliveries that are acknowledged; whoever is full gets others all the same.
    deepEqual([pool.takers?.size, pool.takers?.free, pool.candidates.free], [2, 1, 2]);
    made.out.take();
    made.on(presence(one, { wish: { ...wish, capacity: 3 } }));
    deepEqual(takers(made), ['one', 'two']);
    ok(said(made, one).status[0]?.includes('at most 3 unacknowledged'));
    made.router.reload(serviceSettings([durable({ ack: 'receipt', capacity: 0 })]), made.now);
    deepEqual(takers(made), ['one']);
    equal(pool.takers?.size, 2);
    made.out.take();
    made.router.reload(serviceSettings([poolSettings()]), made.now);
    made.on(presence(one, { wish: { ...wish, capacity: 4 } }));
    ok(said(made, one).status.some((text) => text.includes('capacity of 4 is noted')));
  });

  it('a pool that begins to promise it by a reload has members with duties', () => {
    const made = new House();
    made.join(one);
    made.router.reload(serviceSettings([durable({ ack: 'receipt' })]), made.now);
    deepEqual(takers(made), ['one']);
  });

  it('who leaves, or says that it is busy, takes none', () => {
    const made = house({ ack: 'receipt' });
    for (const jid of [one, two]) made.join(jid);
    made.on(presence(one, { show: 'dnd' }));
    deepEqual(takers(made), ['two']);
    made.on(presence(two, { type: 'unavailable' }));
    deepEqual(takers(made), []);
  });

  it('a restored worker is asked what it can do, unless it announces it soon', () => {
    const members = [storedMember(one), storedMember(two, { sequence: 2 })];
    const made = house({}, { ...emptySnapshot, members });
    equal(said(made, one).asked.length, 0);
    made.on(presence(two, { caps }));
    made.pass(1_500);
    const first = said(made, two);
    equal(first.asked.length, 1);
    for (const id of first.asked) made.on(response(two, id, { info: aware }));
    deepEqual(takers(made), ['two']);
    made.pass(500);
    answer(made, one, { ...receipts, features: [...receipts.features, ...aware.features] });
    deepEqual(takers(made), ['one', 'two']);
  });
});
