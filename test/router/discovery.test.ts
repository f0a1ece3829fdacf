import { deepEqual, equal, ok } from 'node:assert/strict';
import type { PageRequest } from '../../src/core/envelope.ts';
import type { Answer } from '../../src/core/requests/answer.ts';
import type { ServiceSettings } from '../../src/core/settings.ts';
import { domain, House, jobs, poolSettings, presence, request, sender, serviceSettings } from './house.ts';

const worker = 'w@work.example/one';
const stateNode = 'urn:x-switchyard:pool:state';
const allOfIt: PageRequest = { max: undefined, after: undefined, before: undefined, index: undefined };

/** The answer, or the code of the refusal. */
function ask(house: House, asked: Parameters<typeof request>[0], from: string, to: string): Answer | string {
  house.on(request(asked, { from, to }));
  const [written, ...more] = house.out.take();
  equal(more.length, 0);
  if (written?.call === 'answer') return written.answer;
  ok(written?.call === 'bounce');
  return written.code;
}

function forms(
  house: House,
  from: string,
  to: string,
  node?: string,
): Record<string, Record<string, readonly string[]>> {
  const answer = ask(house, { name: 'disco-info', node }, from, to);
  ok(typeof answer !== 'string' && answer.name === 'disco-info');
  equal(answer.node, node);
  return Object.fromEntries(
    answer.forms.map(({ type, fields }) => [
      type,
      Object.fromEntries(fields.map(({ name, values }) => [name, values])),
    ]),
  );
}

describe('router: what a pool tells of its state', () => {
  const counts = ['members', 'members_available', 'members_eligible', 'waiting'];
  const numbers = { members: ['2'], members_available: ['2'], members_eligible: ['1'], waiting: ['0'] };
  const algorithm = ['urn:xmpp:cmr:roundrobin'];

  function staffed(changes: Parameters<typeof poolSettings>[0] = {}): House {
    const house = new House(serviceSettings([poolSettings({ owners: ['boss@far.example'], ...changes })]));
    house.join(worker);
    house.join('w@work.example/two', { show: 'dnd' });
    return house;
  }

  it('gives counts to members, owners and administrators, and nobody else', () => {
    const house = staffed();
    for (const from of [worker, 'boss@far.example/x', 'admin@example/x']) {
      deepEqual(forms(house, from, jobs, stateNode), { [stateNode]: { algorithm, ...numbers } });
    }
    for (const from of [sender, 'other@work.example/x']) {
      deepEqual(forms(house, from, jobs, stateNode), { [stateNode]: { algorithm } });
    }
  });

  it('gives counts to everybody who may know of it, where the operator publishes them', () => {
    deepEqual(forms(staffed({ publish: 'counts' }), sender, jobs, stateNode), {
      [stateNode]: { algorithm, ...numbers },
    });
  });

  it('hides it from those who may not know of the pool', () => {
    const house = staffed({ senders: ['*@far.example'], publish: 'counts' });
    const stranger = 'x@else.example/r';
    equal(ask(house, { name: 'disco-info', node: stateNode }, stranger, jobs), 'unreachable');
    equal(ask(house, { name: 'last' }, stranger, jobs), 'unreachable');
  });

  it('keeps every number out of the answer that caps are made of', () => {
    const house = staffed({ publish: 'counts', description: 'Converts videos' });
    const before = ask(house, { name: 'disco-info', node: undefined }, worker, jobs);
    deepEqual(forms(house, worker, jobs), { 'urn:x-switchyard:pool:info': { description: ['Converts videos'] } });
    house.join('w@work.example/three');
    house.on(request({ name: 'cmr-set', algorithm: 'urn:xmpp:cmr:weighted' }, { from: worker }));
    house.out.settle();
    house.out.take();
    deepEqual(ask(house, { name: 'disco-info', node: undefined }, worker, jobs), before);
    ok(!counts.some((name) => JSON.stringify(before).includes(name)));
  });

  it('lists the node below the pool, and nothing below the node', () => {
    const house = staffed({ title: 'Jobs' });
    const items = ask(house, { name: 'disco-items', node: undefined, page: undefined }, sender, jobs);
    deepEqual(typeof items !== 'string' && items.name === 'disco-items' && items.items, [
      { jid: jobs, node: stateNode, name: 'State of Jobs' },
    ]);
    deepEqual(ask(house, { name: 'disco-items', node: stateNode, page: undefined }, sender, jobs), {
      name: 'disco-items',
      node: stateNode,
      items: [],
      page: undefined,
    });
  });
});

describe('router: contact addresses (XEP-0157)', () => {
  it('shows those there are, by kind', () => {
    const contacts = { ...serviceSettings([]).contacts, admin: ['mailto:a@b', 'xmpp:a@b'], abuse: ['mailto:c@b'] };
    const house = new House(serviceSettings([poolSettings()], { contacts }));
    deepEqual(forms(house, sender, domain), {
      'http://jabber.org/network/serverinfo': {
        'abuse-addresses': ['mailto:c@b'],
        'admin-addresses': ['mailto:a@b', 'xmpp:a@b'],
      },
    });
    deepEqual(forms(new House(), sender, domain), {});
  });
});

describe('router: long lists come in pages (XEP-0059)', () => {
  const name = (n: number): string => `p${String(n).padStart(3, '0')}`;
  const jid = (n: number): string => `${name(n)}@${domain}`;

  /** 120 pools in no order, every third hidden from the sender. */
  function crowded(): House {
    const pools = Array.from({ length: 120 }, (_, n) =>
      poolSettings({ name: name((n * 7) % 120), senders: ((n * 7) % 120) % 3 === 0 ? ['boss@far.example'] : ['*'] }),
    );
    return new House(serviceSettings(pools));
  }

  function list(house: House, page: PageRequest | 'malformed' | undefined, from = 'admin@example/x') {
    const answer = ask(house, { name: 'disco-items', node: undefined, page }, from, domain);
    if (typeof answer === 'string') return answer;
    ok(answer.name === 'disco-items');
    return { jids: answer.items.map((item) => item.jid), page: answer.page };
  }

  const range = (start: number, end: number) => Array.from({ length: end - start }, (_, n) => jid(start + n));
  const page = (start: number, end: number) => ({
    jids: range(start, end),
    page: { first: { id: jid(start), index: start }, last: jid(end - 1), count: 120 },
  });
  const empty = { jids: [], page: { first: undefined, last: undefined, count: 120 } };

  it('gives the first page unasked, and a short list whole', () => {
    deepEqual(list(crowded(), undefined), page(0, 50));
    const short = new House(serviceSettings(Array.from({ length: 50 }, (_, n) => poolSettings({ name: name(n) }))));
    deepEqual(list(short, undefined), { jids: range(0, 50), page: undefined });
  });

  it('walks forwards, backwards and to a place', () => {
    const house = crowded();
    deepEqual(list(house, { ...allOfIt, max: 30, after: jid(49) }), page(50, 80));
    deepEqual(list(house, { ...allOfIt, after: jid(99) }), page(100, 120));
    deepEqual(list(house, { ...allOfIt, max: 10, before: '' }), page(110, 120));
    deepEqual(list(house, { ...allOfIt, max: 10, before: jid(110) }), page(100, 110));
    deepEqual(list(house, { ...allOfIt, max: 10, before: jid(4) }), page(0, 4));
    deepEqual(list(house, { ...allOfIt, max: 2, index: 77 }), page(77, 79));
    deepEqual(list(house, { ...allOfIt, max: 1_000 }), page(0, 50));
  });

  it('gives nothing, and the count, where nothing is', () => {
    const house = crowded();
    deepEqual(list(house, { ...allOfIt, max: 0 }), empty);
    deepEqual(list(house, { ...allOfIt, after: jid(119) }), empty);
    deepEqual(list(house, { ...allOfIt, before: jid(0) }), empty);
    const none = new House(serviceSettings([]));
    deepEqual(list(none, { ...allOfIt, index: 0 }), { jids: [], page: { ...empty.page, count: 0 } });
  });

  it('refuses what is malformed, and items that it does not know or does not show', () => {
    const house = crowded();
    equal(list(house, 'malformed'), 'malformed-page');
    equal(list(house, { ...allOfIt, after: 'x' }), 'unknown-item');
    equal(list(house, { ...allOfIt, before: 'x' }), 'unknown-item');
    equal(list(house, { ...allOfIt, index: 120 }), 'unknown-item');
    equal(list(house, { ...allOfIt, after: jid(3) }, sender), 'unknown-item');
    const seen = list(house, undefined, sender);
    ok(typeof seen !== 'string');
    equal(seen.page?.count, 80);
    ok(!seen.jids.includes(jid(3)));
  });
});

describe('router: time and last activity', () => {
  const seconds = (house: House, from: string, to: string): number | string => {
    const answer = ask(house, { name: 'last' }, from, to);
    return typeof answer === 'string' ? answer : answer.name === 'last' ? answer.seconds : Number.NaN;
  };

  it('tells how long the service is up, to everybody', () => {
    const house = new House();
    equal(seconds(house, 'x@else.example/r', domain), 0);
    house.router.linkUp(house.now);
    house.pass(90_500);
    equal(seconds(house, 'x@else.example/r', domain), 90);
  });

  it('tells how long nobody has worked in a pool, to those who may count', () => {
    const settings: ServiceSettings = serviceSettings([poolSettings({ owners: ['boss@far.example'] })]);
    const house = new House(settings);
    const boss = 'boss@far.example/x';
    house.pass(5_000);
    equal(seconds(house, boss, jobs), 4);
    house.join(worker);
    house.pass(60_000);
    equal(seconds(house, worker, jobs), 0);
    house.router.on(presence(worker, { type: 'unavailable' }), house.now);
    house.out.take();
    house.pass(12_000);
    equal(seconds(house, boss, jobs), 12);
    equal(seconds(house, sender, jobs), 'activity-forbidden');
  });

  it('is named among the features only to those whom it is told to', () => {
    const house = new House(serviceSettings([poolSettings({ owners: ['boss@far.example'] })]));
    house.join(worker);
    const named = (at: House, from: string, to: string, node?: string): boolean => {
      const answer = ask(at, { name: 'disco-info', node }, from, to);
      ok(typeof answer !== 'string' && answer.name === 'disco-info');
      return answer.features.includes('jabber:iq:last');
    };
    equal(named(house, sender, domain), true);
    deepEqual(
      [worker, 'boss@far.example/x', 'admin@example/x', sender].map((from) => named(house, from, jobs)),
      [true, true, true, false],
    );
    const open = new House(serviceSettings([poolSettings({ publish: 'counts' })]));
    open.join(worker);
    equal(named(open, sender, jobs), true);
    // Capabilities are one text for all that see the pool's presence, and name what everybody may ask.
    const capsNode = (at: House): string => {
      at.on(presence(worker, { type: 'probe' }));
      for (const written of at.out.take()) {
        if (written.call === 'presence' && written.presence.caps !== undefined) {
          return `${written.presence.caps.node}#${written.presence.caps.version}`;
        }
      }
      return 'none';
    };
    equal(named(house, worker, jobs, capsNode(house)), false);
    equal(named(open, sender, jobs, capsNode(open)), true);
  });

  it('tells the time', () => {
    const house = new House();
    for (const to of [domain, jobs]) {
      deepEqual(ask(house, { name: 'time' }, sender, to), { name: 'time', now: house.now });
    }
  });
});
