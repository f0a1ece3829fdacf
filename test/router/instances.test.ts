import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PresenceOut } from '../../src/core/ports.ts';
import { House, jobs, message, poolSettings, presence, response, sender, serviceSettings } from './house.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const label = `${jobs}/~one`;
const ping = {
  type: 'normal',
  typeAttr: undefined,
  instance: 'ping',
  tail: "<ping xmlns='urn:x-switchyard:dix:0'/>",
} as const;
const pong = { ...ping, instance: 'pong', tail: "<pong xmlns='urn:x-switchyard:dix:0'/>" } as const;
const knowing = ['urn:x-switchyard:dix:0'];

/** The presences written since the last look, as `type from to`, with priority and show where they say some. */
function presences(house: House): string[] {
  return house.out
    .take()
    .flatMap((written) => (written.call === 'presence' ? [describePresence(written.presence)] : []));
}

function describePresence({ type, from, to, priority, show }: PresenceOut): string {
  return [type, from, to, ...(priority === undefined ? [] : [priority, show])].join(' ');
}

/** Lets a worker join whose client knows how to answer pings that look for an instance. */
function joinKnowing(house: House, worker: string): void {
  house.on(presence(worker, { caps: { node: 'n', version: 'v1' } }));
  house.pass(100);
  for (const written of house.out.take()) {
    if (written.call === 'ping') house.on(response(written.to, written.id, { to: written.from }));
    if (written.call === 'ask-info') {
      house.on(response(written.to, written.id, { to: written.from, info: { version: 'v1', features: knowing } }));
    }
  }
  house.out.take();
}

/** A house with a link. */
function attached(settings?: ConstructorParameters<typeof House>[0]): House {
  const house = new House(settings);
  house.router.linkUp(house.now);
  return house;
}

/** A house with a session of `sender` with the worker `one`, which both ends know of. */
function met(): House {
  const house = attached();
  house.join(one, { priority: 9 });
  house.on(message({ ...ping, id: 'p1' }));
  house.on(presence(sender, { to: label }));
  house.out.take();
  return house;
}

describe('router: looking for an instance by message (DIX)', () => {
  it('answers for a plain worker: with its presence first, then with the pong of the same id', () => {
    const house = attached();
    house.join(one, { priority: 95, show: 'chat' });
    const found = message({ ...ping, id: 'p1' });
    equal(house.on(found)?.kind, 'answered');
    const [shown, answer] = house.out.take();
    equal(shown?.call === 'presence' ? describePresence(shown.presence) : '', `available ${label} ${sender} 95 chat`);
    deepEqual(answer, { call: 'pong', ping: found, from: label });
  });

  it('goes by the algorithm of the pool, and by the hint', () => {
    const house = attached(serviceSettings([poolSettings({ cmrHints: ['all'] })]));
    for (const worker of [one, two]) house.join(worker);
    const answers = (changes = {}): string[] => {
      house.on(message({ ...ping, id: 'p', ...changes }));
      return house.out.take().flatMap((written) => (written.call === 'pong' ? [written.from] : []));
    };
    deepEqual([...answers(), ...answers(), ...answers()], [label, `${jobs}/~two`, label]);
    deepEqual(answers({ hint: 'urn:xmpp:cmr:all' }), [label, `${jobs}/~two`]);
  });

  it('leaves the answer to a worker that knows how, and shows its presence before the pong', () => {
    const house = attached();
    joinKnowing(house, one);
    equal(house.on(message({ ...ping, id: 'p1' }))?.kind, 'forwarded');
    deepEqual(
      house.out.take().map((written) => [written.call, written.call === 'forward' ? written.to : '']),
      [['forward', one]],
    );
    house.on(message({ ...pong, id: 'p1', from: one, to: `${jobs}/${sender}` }));
    const [shown, relayed] = house.out.take();
    equal(shown?.call === 'presence' ? describePresence(shown.presence) : '', `available ${label} ${sender} 0 online`);
    deepEqual(relayed?.call === 'relay' ? [relayed.from, relayed.to, relayed.message.id] : [], [label, sender, 'p1']);
  });

  it('tries another worker when the first returns the ping, and answers for it if it is a plain one', () => {
    const house = attached();
    joinKnowing(house, one);
    house.join(two);
    house.on(message({ ...ping, id: 'p1' }));
    house.out.take();
    const error = { condition: 'service-unavailable', type: 'cancel' } as const;
    house.on(message({ type: 'error', id: 'p1', from: one, to: `${jobs}/${sender}`, error, tail: '' }));
    const answers = house.out.take().flatMap((written) => (written.call === 'pong' ? [written.from] : []));
    deepEqual(answers, [`${jobs}/~two`]);
  });

  it('refuses a ping without an id, and says when there is no instance', () => {
    const house = attached();
    deepEqual(house.on(message({ ...ping, id: undefined })), { kind: 'bounced', reason: 'ping-without-id' });
    deepEqual(house.on(message({ ...ping, id: 'p1' })), { kind: 'bounced', reason: 'no-worker' });
  });

  it('hides who looks where the pool hides its senders', () => {
    const house = attached(serviceSettings([poolSettings({ identity: 'alias' })]));
    house.join(one);
    house.on(message({ ...ping, id: 'p1' }));
    house.out.settle();
    house.out.take();
    house.on(presence(sender, { to: label }));
    const shown = presences(house);
    equal(shown.length, 1);
    equal(
      shown.some((line) => line.includes('sensor')),
      false,
    );
  });
});

describe('router: a session of a client with an instance (DIX)', () => {
  it('lets each end see by a probe whether the other is there, and nobody else', () => {
    const house = met();
    house.join(two);
    house.out.take();
    const probe = (from: string, to: string): string[] => {
      house.on(presence(from, { to, type: 'probe' }));
      return presences(house);
    };
    const proxy = `${jobs}/${sender}`;
    deepEqual(probe(sender, label), [`available ${label} ${sender}`]);
    deepEqual(probe(one, proxy), [`available ${proxy} ${one}`]);
    deepEqual(probe(two, proxy), [`unavailable ${proxy} ${two}`]);
    deepEqual(probe(sender, `${jobs}/~two`), [`unsubscribed ${jobs} ${sender}`]);
    house.on(presence(sender, { to: label, type: 'unavailable' }));
    house.out.take();
    deepEqual(probe(one, proxy), [`unavailable ${proxy} ${one}`]);
    deepEqual(probe(sender, label), [`unsubscribed ${jobs} ${sender}`]);
  });

  it('is shown to the worker once the client shows itself', () => {
    const house = attached();
    house.join(one);
    house.on(message({ ...ping, id: 'p1' }));
    house.out.take();
    equal(house.on(presence(sender, { to: label }))?.kind, 'consumed');
    deepEqual(presences(house), [`available ${jobs}/${sender} ${one}`]);
    house.on(presence(sender, { to: label }));
    deepEqual(presences(house), []);
    equal(house.router.held.sessions, 1);
  });

  it('tells the client when the instance goes, and gives its next message to another', () => {
    const house = met();
    house.join(two);
    house.on(presence(one, { type: 'unavailable' }));
    house.pass(100);
    deepEqual(presences(house), [`unavailable ${label} ${sender}`]);
    equal(house.router.held.sessions, 0);
    house.on(message({ to: label, id: 'm2' }));
    deepEqual(
      house.out.take().map((written) => (written.call === 'forward' ? written.to : written.call)),
      [two],
    );
  });

  it('tells all clients of an instance, a part of them in each tick', () => {
    const house = attached();
    house.join(one);
    for (let n = 0; n < 450; n += 1) house.on(message({ ...ping, id: 'p', from: `sensor@far.example/${n}` }));
    house.out.take();
    house.on(presence(one, { type: 'unavailable' }));
    const told: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      house.pass(100);
      told.push(presences(house).length);
    }
    deepEqual(told, [200, 200, 50, 0]);
  });

  it('ends when the worker takes another label: what is sent to the old one goes to the pool', () => {
    const house = met();
    house.join(two);
    house.out.take();
    const wish = { weight: undefined, capacity: undefined, label: 'new', drain: false, problem: undefined };
    house.on(presence(one, { priority: 9, wish }));
    house.out.take();
    house.pass(100);
    deepEqual(presences(house).sort(), [`unavailable ${jobs}/${sender} ${one}`, `unavailable ${label} ${sender}`]);
    equal(house.router.held.sessions, 0);
    house.on(message({ ...ping, id: 'p2', hint: undefined }));
    equal(house.router.held.sessions, 1);
    house.pass(1_000);
    equal(house.router.held.sessions, 1);
  });

  it('tells the worker when the client goes, once', () => {
    const house = met();
    house.on(presence(sender, { to: label, type: 'unavailable' }));
    deepEqual(presences(house), [`unavailable ${jobs}/${sender} ${one}`]);
    house.on(presence(sender, { to: label, type: 'unavailable' }));
    deepEqual(presences(house), []);
  });

  it('ends when the presence of the instance comes back from the client', () => {
    const house = met();
    const error = { condition: 'recipient-unavailable', type: 'wait' } as const;
    equal(house.on(presence(sender, { to: label, type: 'error', error }))?.kind, 'consumed');
    equal(house.router.held.sessions, 0);
  });

  it('shows the client a new priority and show at once, and at most once a second', () => {
    const house = met();
    house.on(presence(one, { priority: 5 }));
    house.pass(100);
    deepEqual(presences(house), [`available ${jobs}/~one ${sender} 5 online`]);
    for (let n = 0; n < 10; n += 1) {
      house.on(presence(one, { priority: n, show: 'dnd' }));
      house.pass(100);
    }
    const shown = presences(house).filter((line) => line.includes(sender));
    deepEqual(shown, [`available ${jobs}/~one ${sender} 9 dnd`]);
  });

  it('tells a client that shows itself to an instance that is gone', () => {
    const house = met();
    house.on(presence(one, { type: 'unavailable' }));
    house.pass(100);
    house.out.take();
    house.on(presence(sender, { to: label }));
    deepEqual(presences(house), [`unavailable ${label} ${sender}`]);
  });

  it('ends after ten minutes without a sign if the client never showed itself, and after a day if it did', () => {
    const house = attached();
    house.join(one);
    house.on(message({ ...ping, id: 'p1' }));
    house.on(message({ ...ping, id: 'p1', from: 'other@far.example/r' }));
    house.on(presence(sender, { to: label }));
    house.out.take();
    house.now += 600_000;
    house.pass(100);
    deepEqual(presences(house), [`unavailable ${label} other@far.example/r`]);
    house.now += 86_400_000;
    // Whoever is silent for a day is suspended, and so is gone.
    house.on(presence(one));
    house.out.take();
    house.pass(100);
    deepEqual(presences(house), [`unavailable ${label} ${sender}`, `unavailable ${jobs}/${sender} ${one}`]);
  });

  it('goes on as long as the client sends messages', () => {
    const house = attached();
    house.join(one);
    house.on(message({ ...ping, id: 'p1' }));
    house.now += 500_000;
    house.on(message({ to: label, id: 'm2' }));
    house.now += 200_000;
    house.pass(100);
    equal(house.router.held.sessions, 1);
  });

  it('is shown anew after the link was down, and has to be confirmed', () => {
    const house = met();
    house.router.linkDown();
    house.router.linkUp(house.now);
    house.now += 1_000;
    house.pass(100);
    equal(presences(house).includes(`available ${label} ${sender} 9 online`), true);
    house.now += 600_000;
    house.pass(100);
    equal(presences(house).includes(`unavailable ${label} ${sender}`), true);
  });

  it('ends on both sides when the router stops', () => {
    const house = met();
    house.router.drain();
    deepEqual(presences(house), [`unavailable ${label} ${sender}`, `unavailable ${jobs}/${sender} ${one}`]);
  });

  it('is refused to strangers, and leaves no trace of them', () => {
    const house = attached(serviceSettings([poolSettings({ senders: ['*@near.example'] })]));
    house.join(one);
    house.on(presence(sender, { to: label }));
    deepEqual(presences(house), []);
    equal(house.router.held.sessions, 0);
  });

  it('leaves room for others, whoever has how many resources', () => {
    const house = attached(serviceSettings([poolSettings()], { memory: 1024 * 1024 }));
    house.join(one);
    const share = house.router.held.memory + 128 * 1024;
    const fill = (account: string): unknown => {
      for (let n = 0; n < 200; n += 1) house.on(message({ ...ping, id: 'p', from: `${account}@far.example/${n}` }));
      return house.out.outcomes.at(-1)?.outcome;
    };
    deepEqual(fill('a'), { kind: 'bounced', reason: 'overloaded' });
    ok(house.router.held.memory < share / 7, `one account has ${house.router.held.memory}`);
    deepEqual(house.on(message({ ...ping, id: 'p', from: sender })), { kind: 'answered' });
    for (const account of ['b', 'c', 'd', 'e']) fill(account);
    ok(house.router.held.memory < (share * 5) / 8, `all have ${house.router.held.memory}`);
    // Who goes gives back what he had, and is welcome again.
    house.on(presence('a@far.example/0', { to: label, type: 'unavailable' }));
    deepEqual(house.on(message({ ...ping, id: 'p', from: 'a@far.example/0' })), { kind: 'answered' });
    deepEqual(house.on(message({ ...ping, id: 'p', from: 'a@far.example/199' })), {
      kind: 'bounced',
      reason: 'overloaded',
    });
  });

  it('of several is refused once, and only to who finds none', () => {
    const house = attached(serviceSettings([poolSettings({ cmrHints: ['all'] })], { memory: 256 * 1024 }));
    const workers = Array.from({ length: 20 }, (_, n) => `w@work.example/${n}`);
    for (const worker of workers) house.join(worker);
    house.out.take();
    const all = { ...ping, hint: 'urn:xmpp:cmr:all' };
    deepEqual(house.on(message({ ...all, id: 'p' })), { kind: 'answered' });
    const written = house.out.take().map(({ call }) => call);
    const pongs = written.filter((call) => call === 'pong').length;
    ok(pongs > 0 && pongs < workers.length, `${pongs} pongs`);
    ok(!written.includes('bounce'));
    deepEqual(house.on(message({ ...all, id: 'q', from: `${sender}2` })), {
      kind: 'bounced',
      reason: 'overloaded',
    });
    equal(house.out.take().filter(({ call }) => call === 'bounce').length, 1);
  });

  it('is bounded by the memory that the router may hold', () => {
    const house = attached(serviceSettings([poolSettings()], { memory: 1024 * 1024 }));
    house.join(one);
    for (let n = 0; n < 2_000; n += 1) house.on(message({ ...ping, id: 'p', from: `sensor@far.example/${n}` }));
    equal(house.router.held.memory <= 2 * 65_536, true);
    equal((house.out.events.get('session-refused') ?? 0) > 0, true);
    equal(house.router.held.sessions, house.out.events.get('session-opened'));
    deepEqual(house.out.outcomes.at(-1)?.outcome, { kind: 'bounced', reason: 'overloaded' });
  });
});
