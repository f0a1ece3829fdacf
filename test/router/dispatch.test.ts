import { deepEqual, equal } from 'node:assert/strict';
import { House, jobs, message, poolSettings, presence, sender, serviceSettings } from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const three = 'w@work.example/three';

describe('router: from a pool to its workers', () => {
  it('gives each message to the next worker in join order, from the proxy of the sender', () => {
    const house = new House();
    house.join(one);
    house.join(two);
    const outcome = house.on(message());
    deepEqual(outcome, { kind: 'forwarded' });
    const [written] = house.out.take();
    deepEqual(written, { call: 'forward', message: message({ hops: [] }), from: `${jobs}/${sender}`, to: one });
    deepEqual(house.deal(3), ['two', 'one', 'two']);
  });

  it('weighs by priority, interleaved', () => {
    const house = new House(serviceSettings([poolSettings({ algorithm: 'weighted' })]));
    house.join(one, { priority: 5 });
    house.join(two, { priority: 1 });
    house.join(three, { priority: 0 });
    deepEqual(house.deal(7).join(' '), 'one one two one three one one');
  });

  it('gives a copy to all of the highest priority', () => {
    const house = new House(serviceSettings([poolSettings({ algorithm: 'all' })]));
    house.join(one, { priority: 5 });
    house.join(two, { priority: 5 });
    house.join(three, { priority: 1 });
    deepEqual(house.deal(1), ['one', 'two']);
    equal(house.out.events.get('copies'), 1);
  });

  it('refuses a fan-out over the limit and sends nothing', () => {
    const house = new House(serviceSettings([poolSettings({ algorithm: 'all', fanoutMax: 1 })]));
    house.join(one);
    house.join(two);
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'fan-out' });
    deepEqual(
      house.out.take().map(({ call }) => call),
      ['bounce'],
    );
  });

  it('never chooses a negative priority, dnd, or a draining worker', () => {
    const house = new House();
    house.join(one, { priority: -1 });
    house.join(two, { show: 'dnd' });
    house.join(three, {
      wish: { weight: undefined, capacity: undefined, label: undefined, drain: true, problem: undefined },
    });
    deepEqual(house.on(message()), { kind: 'bounced', reason: 'no-worker' });
    house.on(presence(two, { show: 'away' }));
    house.out.take();
    deepEqual(house.deal(2), ['two', 'two']);
  });

  it('answers nobody when there is no worker for a headline', () => {
    const house = new House();
    deepEqual(house.on(message({ type: 'headline' })), { kind: 'dropped', reason: 'headline-no-worker' });
    deepEqual(house.out.take(), []);
  });

  it('gives a headline to every worker that is not negative, whatever the algorithm', () => {
    const house = new House();
    house.join(one, { priority: 3 });
    house.join(two, { show: 'dnd' });
    house.join(three, { priority: -1 });
    deepEqual(house.deal(1, { type: 'headline' }), ['one', 'two']);
  });

  it('bounces groupchat', () => {
    const house = new House();
    house.join(one);
    deepEqual(house.on(message({ type: 'groupchat' })), { kind: 'bounced', reason: 'groupchat' });
  });

  it('obeys a hint that the pool allows and ignores others', () => {
    const house = new House();
    house.join(one, { priority: 1 });
    house.join(two, { priority: 9 });
    deepEqual(house.deal(3, { hint: 'urn:xmpp:cmr:mostactive' }), ['two', 'two', 'two']);
    deepEqual(house.deal(2, { hint: 'run:xmpp:cmr:forkalways' }), ['one', 'two']);
    deepEqual(house.deal(1, { hint: 'urn:xmpp:cmr:all' }), ['one']);
    equal(house.out.events.get('hint-obeyed'), 3);
    equal(house.out.events.get('hint-ignored'), 3);
  });

  it('refuses a message of a member, or gives it to another one', () => {
    const strict = new House();
    strict.join(one);
    deepEqual(strict.on(message({ from: one })), { kind: 'bounced', reason: 'member-message' });
    const open = new House(serviceSettings([poolSettings({ memberMessages: 'route' })]));
    open.join(one);
    open.join(two);
    deepEqual(open.deal(3, { from: one }), ['two', 'two', 'two']);
    // Nor does one to its own label come back to it.
    deepEqual(open.deal(2, { from: one, to: `${jobs}/~one` }), ['two', 'two']);
    open.on(presence(two, { type: 'unavailable' }));
    deepEqual(open.on(message({ from: one })), { kind: 'bounced', reason: 'no-worker' });
    deepEqual(open.on(message({ from: one, to: `${jobs}/~one` })), { kind: 'bounced', reason: 'no-worker' });
  });

  it('tells the sender what cannot be written', () => {
    for (const [sent, outcome] of [
      ['link-down', { kind: 'dropped', reason: 'link-down' }],
      ['too-large', { kind: 'dropped', reason: 'shed' }],
    ] as const) {
      const house = new House();
      house.join(one);
      house.out.sent = sent;
      deepEqual(house.on(message()), outcome);
    }
  });
});
