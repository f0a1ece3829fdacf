import { deepEqual, equal } from 'node:assert/strict';
import type { MessageEnvelope } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/outcome/outcome.ts';
import { House, jobs, message, poolSettings, presence, sender, serviceSettings } from './house.ts';
import type { Written } from './recording-out.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const other = 'v@work.example/other';
const proxy = `${jobs}/${sender}`;

/** A pool with these workers, round robin among them. */
function staffed(workers: readonly string[], changes: Parameters<typeof poolSettings>[0] = {}): House {
  const house = new House(serviceSettings([poolSettings(changes)]));
  for (const worker of workers) house.join(worker);
  return house;
}

function send(house: House, changes: Partial<MessageEnvelope> = {}): Written[] {
  house.on(message(changes));
  return forwards(house);
}

function forwards(house: House): Written[] {
  return house.out.take().filter(({ call }) => call === 'forward');
}

function targets(written: readonly Written[]): string[] {
  return written.flatMap((one) => (one.call === 'forward' ? [one.to] : []));
}

/** What a worker, or its server, says of the message `id`. */
function fails(house: House, from: string, id: string, condition = 'service-unavailable'): Outcome | undefined {
  const type = 'cancel';
  return house.on(message({ type: 'error', from, to: proxy, id, error: { condition, type }, tail: '<error/>' }));
}

describe('router: messages that bounce off a worker', () => {
  it('are given to another, whole, and the sender hears nothing', () => {
    const house = staffed([one, other]);
    deepEqual(targets(send(house)), [one]);
    deepEqual(fails(house, one, 'm1'), { kind: 'consumed' });
    deepEqual(forwards(house), [{ call: 'forward', message: message(), from: proxy, to: other }]);
    equal(house.out.events.get('ring-retried'), 1);
  });

  for (const condition of [
    'gone',
    'item-not-found',
    'recipient-unavailable',
    'redirect',
    'remote-server-not-found',
    'remote-server-timeout',
  ]) {
    it(`are given to another on ${condition}`, () => {
      // On some of these nobody of the same domain is tried.
      const far = 'v@home.example/other';
      const house = staffed([one, far], { workers: ['*'] });
      send(house);
      fails(house, one, 'm1', condition);
      deepEqual(targets(forwards(house)), [far]);
    });
  }

  it('do not bring a worker back that has left', () => {
    const house = staffed([one]);
    house.on(presence(one));
    send(house);
    house.on(presence(one, { type: 'unavailable' }));
    house.out.take();
    fails(house, one, 'm1');
    equal(house.router.pools.get('jobs')?.candidates.size, 0);
    deepEqual(targets(send(house, { id: 'm2' })), []);
  });

  it('are known by the bare JID of the worker too', () => {
    const house = staffed([one, other]);
    send(house);
    deepEqual(fails(house, 'w@work.example', 'm1'), { kind: 'consumed' });
    deepEqual(targets(forwards(house)), [other]);
  });

  it('go back to the sender when every worker has failed', () => {
    const house = staffed([one, other]);
    send(house);
    fails(house, one, 'm1');
    forwards(house);
    deepEqual(fails(house, other, 'm1'), { kind: 'relayed' });
    deepEqual(
      house.out.take().filter(({ call }) => call !== 'ping'),
      [{ call: 'bounce', stanza: message(), code: 'no-worker' }],
    );
    equal(house.out.events.get('ring-exhausted'), 1);
  });

  it('are tried four times at most', () => {
    const workers = Array.from({ length: 8 }, (_, n) => `w${n}@work.example/r`);
    const house = staffed(workers);
    const tried = targets(send(house));
    for (let next = tried[0]; next !== undefined; ) {
      fails(house, next, 'm1');
      next = targets(forwards(house))[0];
      if (next !== undefined) tried.push(next);
    }
    deepEqual(tried, workers.slice(0, 4));
  });

  it('go back to the sender when they come late', () => {
    const house = staffed([one, other]);
    send(house);
    house.pass(30_000);
    const error = message({
      type: 'error',
      from: one,
      to: proxy,
      error: { condition: 'gone', type: 'cancel' },
      tail: '<error/>',
    });
    deepEqual(house.on(error), { kind: 'relayed' });
    deepEqual(
      house.out.take().filter(({ call }) => call !== 'ping'),
      [{ call: 'relay', message: error, from: jobs, to: sender }],
    );
  });

  it('fail once: the same error again, or of a worker that never had it, is dropped', () => {
    const house = staffed([one, two, other]);
    send(house);
    fails(house, one, 'm1');
    deepEqual(targets(forwards(house)), [two]);
    deepEqual(fails(house, one, 'm1'), { kind: 'dropped', reason: 'error-unmatched' });
    deepEqual(fails(house, other, 'm1'), { kind: 'dropped', reason: 'error-unmatched' });
    deepEqual(forwards(house), []);
  });

  it('go back at once where the pool does not retry', () => {
    const house = staffed([one, other], { plainRetry: 'none' });
    send(house);
    deepEqual(fails(house, one, 'm1'), { kind: 'relayed' });
    deepEqual(
      house.out.take().map(({ call }) => call),
      ['ping', 'relay'],
    );
  });

  it('are not sent again when the worker itself refused them, or had taken them', () => {
    const house = staffed([one, other]);
    send(house);
    deepEqual(fails(house, one, 'm1', 'not-acceptable'), { kind: 'relayed' });
    deepEqual(targets(send(house, { id: 'm2' })), [other]);
    house.on(message({ from: other, to: proxy, id: 'r', signal: true, receipt: 'm2', refersTo: 'm2' }));
    deepEqual(fails(house, other, 'm2'), { kind: 'relayed' });
    deepEqual(forwards(house), []);
  });

  it('are not sent again because a worker leaves', () => {
    const house = staffed([one, other]);
    send(house);
    house.on({ ...leave(one) });
    deepEqual(forwards(house), []);
    fails(house, one, 'm1');
    deepEqual(targets(forwards(house)), [other]);
  });

  it('are reported, as copies of one message, when all of them failed', () => {
    const house = staffed([one, two, other], { algorithm: 'all' });
    deepEqual(targets(send(house)), [one, two, other]);
    deepEqual(fails(house, 'w@work.example', 'm1'), { kind: 'consumed' });
    deepEqual(fails(house, two, 'm1'), { kind: 'dropped', reason: 'error-unmatched' }, 'the bare JID meant the newest');
    deepEqual(fails(house, one, 'm1'), { kind: 'consumed' });
    deepEqual(forwards(house), []);
    deepEqual(fails(house, other, 'm1'), { kind: 'relayed' });
  });
});

function leave(from: string) {
  return {
    kind: 'presence',
    type: 'unavailable',
    from,
    to: jobs,
    id: undefined,
    show: 'online',
    priority: 0,
    muc: false,
    wish: undefined,
  } as const;
}

describe('router: ids of messages', () => {
  it('are kept', () => {
    const house = staffed([one]);
    deepEqual(send(house), [{ call: 'forward', message: message({ hops: [] }), from: proxy, to: one }]);
  });

  for (const [what, id] of [
    ['absent', undefined],
    ['over 128 bytes', 'é'.repeat(65)],
    ['that of an open message of the sender', 'm1'],
  ] as const) {
    it(`are replaced when ${what}, and the error names the sender's own`, () => {
      const house = staffed([one]);
      send(house);
      const [written] = send(house, { id });
      const ours = written?.call === 'forward' ? (written.message.id ?? '') : '';
      equal(ours.startsWith('id-'), true);
      fails(house, one, ours, 'not-acceptable');
      const told = house.out.take().find(({ call }) => call === 'relay');
      equal(told?.call === 'relay' ? told.message.id : '-', id);
    });
  }

  it('are that of another sender, or of an answered message, without being replaced', () => {
    const house = staffed([one]);
    send(house);
    house.on(message({ from: one, to: proxy, id: 'r1' }));
    house.out.take();
    deepEqual(targets(send(house)), [one]);
    deepEqual(targets(send(house, { from: 'b@far.example/r' })), [one]);
    equal(house.out.events.get('id-replaced'), undefined);
  });

  it('are mapped back in receipts, markers and references', () => {
    const house = staffed([one]);
    send(house);
    const [written] = send(house);
    const ours = written?.call === 'forward' ? (written.message.id ?? '') : '';
    for (const names of [{ signal: true, receipt: ours, refersTo: ours }, { refersTo: ours }, { receipt: ours }]) {
      house.on(message({ from: one, to: proxy, id: 'r', ...names }));
      const [relayed] = house.out.take();
      deepEqual(relayed?.call === 'relay' ? relayed.renaming : undefined, { from: ours, to: 'm1' });
    }
  });
});

describe('router: messages about messages', () => {
  const correction = message({ id: 'm9', refersTo: 'm0', tail: "<replace xmlns='x' id='m0'/>" });
  const marker = message({ id: 'm9', refersTo: 'm0', signal: true });

  it('go to the worker that had the one they name', () => {
    const house = staffed([one, two, other]);
    deepEqual(house.deal(2), ['one', 'two']);
    house.on(marker);
    house.on(correction);
    house.on({ ...correction, id: 'm10', refersTo: 'm1' });
    deepEqual(targets(forwards(house)), [one, one, two]);
  });

  it('go to all that had a copy', () => {
    const house = staffed([one, two], { algorithm: 'all' });
    house.deal(1);
    house.on(correction);
    house.on(marker);
    deepEqual(targets(forwards(house)), [one, two, one, two]);
  });

  it('go to the worker that served the sender last when they name nothing that is known', () => {
    const house = staffed([one, two, other]);
    house.deal(2);
    deepEqual(house.on({ ...marker, refersTo: 'x' }), { kind: 'relayed' });
    deepEqual(house.on({ ...correction, refersTo: 'x' }), { kind: 'forwarded' });
    deepEqual(targets(forwards(house)), [two, two]);
  });

  it('go by the algorithm when that worker has left, and signals nowhere', () => {
    const house = staffed([one, other]);
    house.deal(1);
    house.on(leave(one));
    deepEqual(house.on(marker), { kind: 'dropped', reason: 'signal-no-worker' });
    deepEqual(house.on(correction), { kind: 'forwarded' });
    deepEqual(targets(forwards(house)), [other]);
  });

  it('are no work where they are signals, to a label as well', () => {
    const house = staffed([one]);
    house.on(message({ signal: true, to: `${jobs}/~one` }));
    house.deal(1);
    house.on(marker);
    equal(inFlight(house), 1);
  });
});

function inFlight(house: House): number {
  let sum = 0;
  for (const member of house.router.pools.get('jobs')?.roster ?? []) sum += member.inFlight(house.now);
  return sum;
}

describe('router: what is in flight', () => {
  const receipt = (id: string) => message({ from: one, to: proxy, id: 'r', signal: true, receipt: id, refersTo: id });
  const reply = message({ from: one, to: proxy, id: 'r' });

  it('ends once for a message, by receipt and reply together', () => {
    const house = staffed([one]);
    house.deal(2);
    house.on(receipt('m0'));
    equal(inFlight(house), 1);
    house.on(receipt('m0'));
    house.on(reply);
    equal(inFlight(house), 1);
    house.on(reply);
    equal(inFlight(house), 0);
    house.on(receipt('m1'));
    house.on(reply);
    equal(inFlight(house), 0);
  });

  it('ends by the reply that names it', () => {
    const house = staffed([one]);
    house.deal(2);
    house.on({ ...reply, refersTo: 'm1' });
    house.on({ ...reply, refersTo: 'm1' });
    equal(inFlight(house), 1);
  });

  it('ends by an error, and begins anew with another worker', () => {
    const house = staffed([one, other]);
    send(house);
    fails(house, one, 'm1');
    equal(inFlight(house), 1);
    fails(house, other, 'm1');
    equal(inFlight(house), 0);
  });

  it('ends by replies though the messages were forgotten for want of room', () => {
    const house = staffed([one]);
    for (let n = 0; n < 10_050; n += 1) house.on(message({ id: `n${n}`, size: 0 }));
    equal(inFlight(house), 10_050);
    for (let n = 0; n < 10_050; n += 1) house.on(reply);
    equal(inFlight(house), 0);
  });
});
