import { deepEqual, equal } from 'node:assert/strict';
import type { MessageEnvelope } from '../../src/core/envelope.ts';
import {
  domain,
  emptySnapshot,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  sender,
  serviceSettings,
} from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const proxy = `${jobs}/${sender}`;

/** A pool that has just given a message of `sender` to worker `one`. */
function served(): House {
  const house = new House();
  house.join(one);
  house.deal(1);
  return house;
}

function reply(changes: Partial<MessageEnvelope> = {}): MessageEnvelope {
  return message({ from: one, to: proxy, id: 'r1', tail: '<body>done</body>', ...changes });
}

function failed(condition: string, changes: Partial<MessageEnvelope> = {}): MessageEnvelope {
  return reply({ type: 'error', error: { condition, type: 'cancel' }, id: 'm0', ...changes });
}

describe('router: from a worker to a sender', () => {
  it('passes a reply on, from the label of the worker', () => {
    const house = served();
    deepEqual(house.on(reply()), { kind: 'relayed' });
    deepEqual(house.out.take(), [{ call: 'relay', message: reply(), from: `${jobs}/~one`, to: sender }]);
  });

  it('passes on the reply of a sibling resource, from the pool', () => {
    const house = served();
    const sibling = reply({ from: 'w@work.example/other' });
    deepEqual(house.on(sibling), { kind: 'relayed' });
    deepEqual(house.out.take(), [{ call: 'relay', message: sibling, from: jobs, to: sender }]);
  });

  it('lets a worker that has left answer for as long as the reply window', () => {
    const house = served();
    house.on(presence(one, { type: 'unavailable' }));
    deepEqual(house.on(reply()), { kind: 'relayed' });
    house.now += 7 * 86_400_000 + 1;
    deepEqual(house.on(reply()), { kind: 'bounced', reason: 'unreachable' });
  });

  it('counts from the last message that any resource of the account had, in whatever order they leave', () => {
    const house = served();
    house.now += 7 * 86_400_000 - 1;
    house.on(presence(one, { show: 'dnd' }));
    house.join(two);
    house.deal(1);
    for (const who of [two, one]) house.on(presence(who, { type: 'unavailable' }));
    house.now += 2;
    deepEqual(house.on(reply()), { kind: 'relayed' });
  });

  it('knows whose reply it was that a server returned from the bare JID of its addressee', () => {
    const house = served();
    const other = 'sensor@far.example/other';
    house.deal(1, { from: other });
    const returned = failed('gone', { from: 'sensor@far.example', to: `${jobs}/~one`, id: 'r1' });
    deepEqual(house.on(returned), { kind: 'dropped', reason: 'error-unmatched' });
    for (const target of [sender, other, sender]) {
      house.on(reply({ to: `${jobs}/${target}` }));
      house.out.take();
      deepEqual(house.on(returned), { kind: 'relayed' });
      deepEqual(house.out.take(), [{ call: 'relay', message: returned, from: `${jobs}/${target}`, to: one }]);
    }
  });

  it('is no open relay', () => {
    const house = served();
    house.join(two);
    const refused = [
      [reply({ from: 'stranger@far.example/x' }), 'unreachable'],
      [reply({ from: sender }), 'unreachable'],
      [reply({ to: `${jobs}/victim@far.example` }), 'relay-refused'],
      [reply({ to: `${jobs}/${sender}x` }), 'relay-refused'],
      [reply({ to: `${jobs}/${jobs}` }), 'relay-refused'],
      [reply({ to: `${jobs}/${domain}` }), 'relay-refused'],
      [reply({ to: `${jobs}/!abc` }), 'relay-refused'],
      [reply({ to: `other@${domain}/${sender}` }), 'unreachable'],
      [reply({ type: 'groupchat' }), 'groupchat'],
    ] as const;
    for (const [stanza, reason] of refused) {
      deepEqual(house.on(stanza), { kind: 'bounced', reason }, stanza.to);
      deepEqual(
        house.out.take().map(({ call }) => call),
        ['bounce'],
      );
    }
  });

  it('does not let the workers of one pool answer the senders of another', () => {
    const house = new House(
      serviceSettings([poolSettings(), poolSettings({ name: 'mail', workers: ['m@work.example'] })]),
    );
    house.join(one);
    house.join('m@work.example/a', { to: `mail@${domain}` });
    house.deal(1);
    const crossed = reply({ from: 'm@work.example/a' });
    deepEqual(house.on(crossed), { kind: 'bounced', reason: 'unreachable' });
    deepEqual(house.on(reply({ to: `mail@${domain}/${sender}` })), { kind: 'bounced', reason: 'unreachable' });
  });

  it('still knows whom it served after a restart', () => {
    const house = served();
    house.router.tick(house.now);
    const rows = house.out.commits.map(({ change }) => change).filter((change) => change.op === 'put-conversation');
    equal(rows.length, 1);
    const after = new House(serviceSettings([poolSettings()]), { ...emptySnapshot, conversations: rows });
    deepEqual(after.on(reply()), { kind: 'relayed' });
  });

  it('writes a conversation again that the store did not take, with a later message, and many bit by bit', () => {
    const house = served();
    const written = (): number =>
      house.out.commits.splice(0).filter(({ change, done }) => {
        if (change.op !== 'put-conversation') return false;
        done?.(new Error('full'));
        return true;
      }).length;
    house.router.tick(house.now);
    equal(written(), 1);
    house.deal(1);
    house.router.tick(house.now);
    equal(written(), 0);
    house.now += 10_001;
    house.deal(1);
    house.router.tick(house.now);
    equal(written(), 1);
    for (let n = 0; n < 2_500; n += 1) house.deal(1, { from: `sensor-${n}@far.example/r` });
    house.router.tick(house.now);
    equal(written(), 2_000);
    house.router.tick(house.now);
    equal(written(), 500);
  });

  it('gives a message to a label to that worker, and to the pool once it is gone', () => {
    const house = served();
    house.join(two);
    const followUp = { to: `${jobs}/~one` };
    deepEqual(house.deal(3, followUp), ['one', 'one', 'one']);
    house.on(presence(one, { type: 'unavailable' }));
    deepEqual(house.deal(1, followUp), ['two']);
  });

  it('gives chat states and receipts to the worker that last served their sender', () => {
    const house = served();
    house.join(two);
    const composing = message({ signal: true, tail: "<composing xmlns='http://jabber.org/protocol/chatstates'/>" });
    deepEqual(house.on(composing), { kind: 'relayed' });
    deepEqual(house.out.take(), [{ call: 'forward', message: { ...composing, hops: [] }, from: proxy, to: one }]);
    deepEqual(house.on({ ...composing, from: 'new@far.example/r' }), { kind: 'dropped', reason: 'signal-no-worker' });
  });

  it("tells the sender, from the pool, that a worker's server returned the message", () => {
    const house = served();
    deepEqual(house.on(failed('policy-violation')), { kind: 'relayed' });
    deepEqual(house.out.take(), [{ call: 'relay', message: failed('policy-violation'), from: jobs, to: sender }]);
  });

  it('asks a worker whose server says that it is gone, and gives it nothing meanwhile', () => {
    const house = served();
    house.join(two);
    house.on(failed('service-unavailable'));
    const ping = house.out.take().find(({ call }) => call === 'ping');
    deepEqual(ping, { call: 'ping', from: jobs, to: one, id: 'id-3' });
    deepEqual(house.deal(2), ['two', 'two']);
    house.on({ kind: 'iq-response', from: one, to: jobs, id: 'id-3', error: undefined });
    deepEqual(house.deal(2).toSorted(), ['one', 'two']);
  });

  it('never answers an error', () => {
    const house = served();
    const errors = [
      failed('gone', { from: 'stranger@far.example/x' }),
      failed('gone', { to: `${jobs}/victim@far.example` }),
      failed('gone', { to: jobs }),
      failed('gone', { to: domain }),
      failed('gone', { to: `${jobs}/~nobody` }),
      failed('gone', { to: `nothing@${domain}` }),
      failed('gone', { to: `${jobs}/` }),
    ];
    for (const stanza of errors) {
      equal(house.on(stanza)?.kind, 'dropped', stanza.to);
      deepEqual(house.out.take(), []);
    }
  });

  it('tells a worker, from the proxy, that its reply could not be delivered', () => {
    const house = served();
    const undelivered = failed('gone', { from: sender, to: `${jobs}/~one`, id: 'r1' });
    deepEqual(house.on(undelivered), { kind: 'relayed' });
    deepEqual(house.out.take(), [{ call: 'relay', message: undelivered, from: proxy, to: one }]);
  });
});
