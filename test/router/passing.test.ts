import { deepEqual, equal, ok } from 'node:assert/strict';
import type { IqRequestEnvelope } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/outcome/outcome.ts';
import type { PoolSettings, RequestSettings } from '../../src/core/settings.ts';
import { domain, House, jobs, poolSettings, presence, request, response, sender, serviceSettings } from './house.ts';
import type { Written } from './recording-out.ts';

const one = 'w@work.example/one';
const two = 'w@work.example/two';
const status = 'urn:example:status';

function requests(mode: RequestSettings['mode'], changes: Partial<RequestSettings> = {}): RequestSettings {
  return { mode, namespaces: [status], timeout: 30_000, redirects: [], ...changes };
}

function houseOf(settings: Partial<PoolSettings>): House {
  return new House(serviceSettings([poolSettings(settings)]));
}

/** A request that no pool answers itself. */
function ask(changes: Partial<IqRequestEnvelope> = {}, namespace = status): IqRequestEnvelope {
  const payload = `<query xmlns='${namespace}'/>`;
  return request({ name: 'unknown', namespace }, { payload, ...changes });
}

const bounced = (reason: string): Outcome => ({ kind: 'bounced', reason }) as Outcome;
const dropped = (reason: string): Outcome => ({ kind: 'dropped', reason }) as Outcome;

function only<Call extends Written['call']>(house: House, call: Call): Written & { call: Call } {
  const found = house.out.take().filter((written): written is Written & { call: Call } => written.call === call);
  equal(found.length, 1, `one ${call}`);
  const [first] = found;
  ok(first !== undefined);
  return first;
}

/** What was asked of workers since the last look. */
function asked(house: House): { readonly to: string; readonly id: string; readonly from: string }[] {
  return house.out.take().flatMap((written) => (written.call === 'ask' ? [written] : []));
}

describe('router: requests that are refused', () => {
  it('are all that the pool does not take', () => {
    for (const [settings, stanza, reason] of [
      [{}, ask(), 'unknown-request'],
      [{ requests: requests('proxy') }, ask({}, 'urn:other'), 'unknown-request'],
      [{ requests: requests('proxy', { namespaces: ['*'] }) }, ask({}, ''), 'unknown-request'],
      [{ requests: requests('redirect'), senders: ['a@b.example'] }, ask(), 'unreachable'],
      [{ requests: requests('proxy'), senders: ['a@b.example'] }, ask({ from: two }), 'send-forbidden'],
      [{ requests: requests('redirect') }, ask({ type: 'set' }), 'get-only'],
    ] as const) {
      const house = houseOf(settings);
      house.join(one);
      deepEqual(house.on(stanza), bounced(reason));
      equal(only(house, 'bounce').code, reason);
    }
  });

  it('are those that belong to accounts and servers, whatever the pool takes', () => {
    for (const mode of ['redirect', 'proxy'] as const) {
      const house = houseOf({ requests: requests(mode, { namespaces: ['*'] }) });
      house.join(one);
      for (const namespace of [
        'vcard-temp',
        'urn:ietf:params:xml:ns:vcard-4.0',
        'http://jabber.org/protocol/pubsub',
        'http://jabber.org/protocol/pubsub#owner',
        'urn:xmpp:mam:2',
        'urn:xmpp:blocking',
        'http://jabber.org/protocol/commands',
        'http://jabber.org/protocol/disco#info',
        'urn:xmpp:ping',
        'urn:xmpp:cmr:0',
        'urn:xmpp:cxfr',
        'jabber:iq:srvxfr',
        'jabber:iq:roster',
        'jabber:iq:private',
        'urn:x-switchyard:worker:0',
      ]) {
        deepEqual(house.on(ask({}, namespace)), bounced('unknown-request'), namespace);
      }
      const ping = house.on(request({ name: 'ping' }));
      deepEqual(ping, { kind: 'answered' });
      ok(!house.out.take().some(({ call }) => call === 'ask' || call === 'redirect'));
    }
  });

  it('are those that come too fast, or while the service is shutting down', () => {
    const rate = { count: 1, period: 1_000, burst: 1 };
    const house = houseOf({
      requests: requests('proxy'),
      rate: { perSender: rate, perDomain: undefined, perWorker: undefined },
    });
    house.join(one);
    deepEqual(house.on(ask()), { kind: 'forwarded' });
    deepEqual(house.on(ask()), bounced('rate-sender'));
    equal(house.out.take().at(-1)?.call, 'bounce');
    house.pass(2_000);
    house.router.drain();
    deepEqual(house.on(ask()), bounced('shutting-down'));
  });

  it('come when nobody works there', () => {
    for (const mode of ['redirect', 'proxy'] as const) {
      const house = houseOf({ requests: requests(mode) });
      deepEqual(house.on(ask()), bounced('no-worker'));
      house.join(one, { priority: -1 });
      deepEqual(house.on(ask()), bounced('no-worker'));
    }
  });
});

describe('router: redirected requests', () => {
  it('go to the worker that the algorithm chooses', () => {
    const house = houseOf({ requests: requests('redirect') });
    for (const worker of [one, two]) house.join(worker);
    const targets = [1, 2, 3].map(() => {
      deepEqual(house.on(ask()), bounced('redirected'));
      return only(house, 'redirect').redirection;
    });
    deepEqual(
      targets,
      [one, two, one].map((to) => ({ to, query: undefined })),
    );
  });

  it('go to one worker of those that all would choose, and by the key where it is sticky', () => {
    const all = houseOf({ requests: requests('redirect'), algorithm: 'all' });
    for (const worker of [one, two]) all.join(worker, { priority: worker === two ? 5 : 1 });
    all.on(ask());
    equal(only(all, 'redirect').redirection.to, two);
    const sticky = houseOf({
      requests: requests('redirect'),
      algorithm: 'sticky',
      stickyKey: { by: 'element', namespace: status, name: 'query', attribute: 'key' },
    });
    for (let n = 0; n < 8; n += 1) sticky.join(`w@work.example/${n}`);
    const places = Array.from({ length: 40 }, (_, n) => {
      sticky.on(ask({ payload: `<query xmlns='${status}' key='${n % 10}'/>`, from: `s${n}@far.example/r` }));
      return only(sticky, 'redirect').redirection.to;
    });
    deepEqual(places.slice(0, 10), places.slice(10, 20));
    ok(new Set(places).size > 1);
  });

  it('never go to who asks', () => {
    const house = houseOf({ requests: requests('redirect') });
    house.join(one);
    deepEqual(house.on(ask({ from: one })), bounced('no-worker'));
    house.join(two);
    deepEqual(house.on(ask({ from: one })), bounced('redirected'));
    equal(only(house, 'redirect').redirection.to, two);
  });

  it('go to labels where the pool hides who is who, and the label passes them on', () => {
    const house = houseOf({ requests: requests('redirect'), identity: 'alias' });
    house.join(one);
    house.on(ask());
    const { to } = only(house, 'redirect').redirection;
    equal(to, `${jobs}/~one`);
    deepEqual(house.on(ask({ to, type: 'set' })), bounced('unknown-request'));
    deepEqual(house.on(ask({ to }, 'urn:other')), bounced('unknown-request'));
    house.out.take();
    deepEqual(house.on(ask({ to })), { kind: 'forwarded' });
    const given = only(house, 'ask');
    deepEqual([given.from, given.to, given.hides], [jobs, one, true]);
    deepEqual(house.on(response(one, given.id)), { kind: 'relayed' });
    deepEqual([only(house, 'reply').request.to, house.router.held.requests], [to, 0]);
  });

  it('are not passed on by labels where who asks gets the real address', () => {
    const house = houseOf({ requests: requests('redirect') });
    house.join(one);
    deepEqual(house.on(ask({ to: `${jobs}/~one` })), bounced('unknown-request'));
  });

  it('go where a rule says, with another query to those who read that', () => {
    const query = { namespace: 'storage:app', attributes: {} };
    const redirects = [
      { namespace: status, to: 'archive@far.example', query: undefined, understoodBy: [] },
      { namespace: 'urn:app', to: 'user@far.example', query, understoodBy: ['*@far.example'] },
    ];
    const house = houseOf({ requests: requests('redirect', { namespaces: ['*'], redirects }) });
    house.join(one);
    deepEqual(house.on(ask()), bounced('redirected'));
    deepEqual(only(house, 'redirect').redirection.to, 'archive@far.example');
    deepEqual(house.on(ask({}, 'urn:app')), bounced('redirected'));
    deepEqual(only(house, 'redirect').redirection.query, query);
    deepEqual(house.on(ask({ from: 'a@b.example/c' }, 'urn:app')), bounced('redirect-not-read'));
    deepEqual(house.on(ask({ from: 'archive@far.example/r' })), bounced('unknown-request'));
    house.out.take();
    deepEqual(house.on(ask({}, 'urn:none')), bounced('redirected'));
    equal(only(house, 'redirect').redirection.to, one);
  });

  it('are refused when the answer would be too long', () => {
    const house = houseOf({ requests: requests('redirect') });
    house.join(one);
    house.out.sent = 'too-large';
    deepEqual(house.on(ask()), dropped('shed'));
  });
});

describe('router: requests that are passed on', () => {
  it('come from the proxy of who asks, under an id of ours, and are answered from the pool, once', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    for (const type of ['get', 'set'] as const) {
      deepEqual(house.on(ask({ type, id: 'mine' })), { kind: 'forwarded' });
      const given = only(house, 'ask');
      deepEqual([given.from, given.to, given.request.type], [`${jobs}/${sender}`, one, type]);
      ok(given.id !== 'mine');
      equal(house.router.held.requests, 1);
      const answer = response(one, given.id, { payload: '<x/>' });
      deepEqual(house.on(answer), { kind: 'relayed' });
      const reply = only(house, 'reply');
      deepEqual(
        [reply.request.id, reply.request.from, reply.request.to, reply.response],
        ['mine', sender, jobs, answer],
      );
      deepEqual(house.on(answer), dropped('response-duplicate'));
      deepEqual(house.out.take(), []);
    }
    equal(house.router.held.requests, 0);
    equal(house.out.events.get('request-answered'), 2);
  });

  it('are shared by the algorithm, and count as work until they are answered', () => {
    const house = houseOf({ requests: requests('proxy'), algorithm: 'leastbusy' });
    for (const worker of [one, two]) house.join(worker);
    const [first, second] = [1, 2].map((n) => {
      house.on(ask({ id: `q${n}` }));
      return only(house, 'ask');
    });
    deepEqual([first?.to, second?.to], [one, two]);
    house.on(response(two, second?.id ?? ''));
    house.out.take();
    house.on(ask({ id: 'q3' }));
    equal(only(house, 'ask').to, two);
  });

  it('never go to who asks', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    deepEqual(house.on(ask({ from: one })), bounced('no-worker'));
  });

  it('hide who asks where the pool does, without an alias', () => {
    const house = houseOf({ requests: requests('proxy'), identity: 'alias' });
    house.join(one);
    deepEqual(house.on(ask()), { kind: 'forwarded' });
    const given = only(house, 'ask');
    deepEqual([given.from, given.hides], [jobs, true]);
    equal(house.router.held.aliases, 0);
  });

  it('come from the pool when the address of who asks cannot stand in a resource', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    deepEqual(house.on(ask({ from: 'zoë@far.example/é' })), { kind: 'forwarded' });
    equal(only(house, 'ask').from, jobs);
  });

  it('go to one worker by its label, and to no other', () => {
    const house = houseOf({ requests: requests('proxy') });
    for (const worker of [one, two]) house.join(worker);
    house.router.linkUp(house.now);
    house.answerPings();
    for (const id of ['a', 'b']) deepEqual(house.on(ask({ to: `${jobs}/~two`, id })), { kind: 'forwarded' });
    deepEqual(
      asked(house).map(({ to }) => to),
      [two, two],
    );
    house.on(presence(two, { type: 'unavailable' }));
    house.pass(100);
    deepEqual(
      house.out.take().map((written) => written.call === 'bounce' && [written.code, written.stanza.to]),
      [
        ['request-lost', `${jobs}/~two`],
        ['request-lost', `${jobs}/~two`],
      ],
    );
  });

  it('are answered with what the worker says, errors too', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    for (const condition of ['item-not-found', 'not-allowed', 'undefined-condition']) {
      house.on(ask());
      const answer = response(one, only(house, 'ask').id, {
        error: { condition, type: 'cancel' },
        payload: '<error/>',
      });
      deepEqual(house.on(answer), { kind: 'relayed' });
      equal(only(house, 'reply').response, answer);
    }
  });

  it('of the same id do not meet', () => {
    const house = houseOf({ requests: requests('proxy') });
    for (const worker of [one, two]) house.join(worker);
    for (const from of [sender, 'other@far.example/r', sender]) house.on(ask({ from, id: 'same' }));
    const given = asked(house);
    equal(new Set(given.map(({ id }) => id)).size, 3);
    for (const { to, id } of given.toReversed()) house.on(response(to, id, { payload: `<${id}/>` }));
    deepEqual(
      house.out.take().map((written) => written.call === 'reply' && [written.request.from, written.response.id]),
      [
        [sender, given[2]?.id],
        ['other@far.example/r', given[1]?.id],
        [sender, given[0]?.id],
      ],
    );
  });

  it('are not answered by anybody else', () => {
    const house = houseOf({ requests: requests('proxy') });
    for (const worker of [one, two]) house.join(worker);
    house.on(ask());
    const { id } = only(house, 'ask');
    for (const from of [two, 'w@work.example', sender, 'thief@far.example/r']) {
      deepEqual(house.on(response(from, id)), dropped('response-forged'), from);
    }
    deepEqual(house.on(response(one, 'guessed')), dropped('response-unmatched'));
    deepEqual(house.out.take(), []);
    deepEqual(house.on(response(one, id)), { kind: 'relayed' });
    deepEqual(house.on(response(two, id)), dropped('response-forged'));
  });

  it('time out, and a late answer reaches nobody', () => {
    const house = houseOf({ requests: requests('proxy', { timeout: 5_000 }) });
    house.join(one);
    house.router.linkUp(house.now);
    house.answerPings();
    house.on(ask({ id: 'slow' }));
    const { id } = only(house, 'ask');
    house.pass(4_900);
    deepEqual(house.out.take(), []);
    house.pass(200);
    const { code, stanza } = only(house, 'bounce');
    deepEqual([code, stanza.id], ['request-timeout', 'slow']);
    equal(house.out.events.get('request-timeout'), 1);
    deepEqual(house.on(response(one, id)), dropped('response-late'));
    deepEqual(house.out.take(), []);
  });

  it('are told of their end when the link is back, not before', () => {
    const house = houseOf({ requests: requests('proxy', { timeout: 5_000 }) });
    house.join(one);
    house.router.linkUp(house.now);
    house.on(ask());
    house.router.linkDown();
    house.out.take();
    house.pass(10_000);
    deepEqual(house.out.take(), []);
    house.router.linkUp(house.now);
    house.out.take();
    house.router.tick(house.now);
    equal(only(house, 'bounce').code, 'request-timeout');
  });

  it('are told when the service ends before they are answered', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    house.on(ask());
    const { id } = only(house, 'ask');
    house.router.drain();
    deepEqual(house.out.take(), []);
    house.router.end();
    equal(only(house, 'bounce').code, 'shutting-down');
    equal(house.router.held.requests, 0);
    deepEqual(house.on(response(one, id)), dropped('response-late'));
  });

  it('are counted when the service ends and they cannot be told', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    house.on(ask());
    house.out.sent = 'link-down';
    house.router.end();
    deepEqual(house.out.notices.find(({ event }) => event === 'waiting-lost')?.detail, { untold: 1 });
    equal(house.router.held.requests, 0);
  });

  it('are refused when there is no room, one account after the other', () => {
    const house = new House(serviceSettings([poolSettings({ requests: requests('proxy') })], { memory: 100_000 }));
    house.join(one);
    const rush = (from: string): number => {
      for (let n = 0; n < 1_000; n += 1) {
        const outcome = house.on(ask({ from: `${from}/${n}`, id: `q${n}` }));
        if (outcome?.kind !== 'forwarded') {
          deepEqual(outcome, bounced('overloaded'));
          return n;
        }
      }
      return 1_000;
    };
    const counts = ['a@far.example', 'b@far.example', 'c@far.example', 'd@far.example', 'e@far.example'].map(rush);
    ok((counts[0] ?? 0) > 0 && (counts[0] ?? 0) < 10, String(counts));
    ok((counts[1] ?? 0) > 0, String(counts));
    equal(counts.at(-1), 0);
    // What is answered makes room for as many.
    for (const { to, id } of asked(house)) house.on(response(to, id));
    house.out.take();
    equal(rush('a@far.example'), counts[0]);
  });

  it('are answered each by its own answer, thousands at once and in any order', () => {
    const house = houseOf({ requests: requests('proxy') });
    for (const worker of [one, two]) house.join(worker);
    const count = 5_000;
    // Ten accounts, which all use the same ids.
    for (let n = 0; n < count; n += 1) {
      const from = `s${n % 10}@far.example/r`;
      house.on(ask({ from, id: `q${Math.floor(n / 10)}`, payload: `<q xmlns='${status}' mark='${n}'/>` }));
    }
    const given = house.out.take().flatMap((written) => (written.call === 'ask' ? [written] : []));
    deepEqual([given.length, house.router.held.requests], [count, count]);
    // Neither first come first served nor the other way round.
    const order = given.map((_, n) => given[(n * 1_777) % count]);
    for (const each of order) {
      house.on(response(each?.to ?? '', each?.id ?? '', { payload: each?.request.payload }));
    }
    const heard = new Set<string>();
    for (const written of house.out.take()) {
      ok(written.call === 'reply');
      const mark = Number(/mark='(\d+)'/.exec(written.response.payload ?? '')?.[1]);
      equal(written.request.from, `s${mark % 10}@far.example/r`);
      equal(written.request.id, `q${Math.floor(mark / 10)}`);
      heard.add(`${written.request.from} ${written.request.id}`);
    }
    deepEqual([heard.size, house.router.held.requests], [count, 0]);
  });

  it('whose answer is too long are answered with an error', () => {
    const house = houseOf({ requests: requests('proxy') });
    house.join(one);
    house.on(ask());
    const { id } = only(house, 'ask');
    house.out.sent = 'too-large';
    deepEqual(house.on(response(one, id)), dropped('shed'));
    equal(house.router.held.requests, 0);
  });
});

describe('router: requests whose worker is gone', () => {
  const gone = { condition: 'service-unavailable', type: 'cancel' } as const;

  function busy(type: 'get' | 'set', workers: readonly string[] = [one, two]) {
    const house = houseOf({ requests: requests('proxy') });
    for (const worker of workers) house.join(worker);
    house.router.linkUp(house.now);
    house.answerPings();
    house.on(ask({ type, id: 'mine', payload: `<query xmlns='${status}'/>` }));
    return { house, given: only(house, 'ask') };
  }

  it('go to another, if they are gets', () => {
    const { house, given } = busy('get');
    house.on(presence(given.to, { type: 'unavailable' }));
    house.pass(100);
    const again = only(house, 'ask');
    deepEqual([again.to, again.request.payload], [two, `<query xmlns='${status}'/>`]);
    ok(again.id !== given.id);
    equal(house.out.events.get('request-retried'), 1);
    deepEqual(house.on(response(given.to, given.id)), dropped('response-late'));
    deepEqual(house.on(response(two, again.id)), { kind: 'relayed' });
    equal(only(house, 'reply').request.id, 'mine');
  });

  it('do not bring a worker back that has left, by an answer that it gave before', () => {
    const { house, given } = busy('get');
    house.on(presence(given.to, { type: 'unavailable' }));
    deepEqual(house.on(response(given.to, given.id)), { kind: 'relayed' });
    house.out.take();
    for (const id of ['a', 'b']) house.on(ask({ id }));
    deepEqual(
      asked(house).map(({ to }) => to),
      [two, two],
    );
  });

  it('do not, if they are sets: who asks is told', () => {
    const { house, given } = busy('set');
    house.on(presence(given.to, { type: 'unavailable' }));
    house.pass(100);
    equal(only(house, 'bounce').code, 'request-lost');
    equal(house.out.events.get('request-lost'), 1);
  });

  it('go to another when its server says so, from the account too', () => {
    for (const from of [one, 'w@work.example']) {
      const { house, given } = busy('get');
      deepEqual(house.on(response(from, given.id, { error: gone })), { kind: 'relayed' });
      const written = house.out.take();
      deepEqual(
        written.flatMap((each) => (each.call === 'ask' ? [each.to] : [])),
        [two],
      );
      // Whether it is gone is found out.
      ok(written.some((each) => each.call === 'ping' && each.to === one));
    }
  });

  it('go to four workers at most, and then who asks gets the last error', () => {
    const { house, given } = busy(
      'get',
      [1, 2, 3, 4, 5].map((n) => `w@work.example/${n}`),
    );
    let { to, id } = given;
    for (let n = 0; n < 3; n += 1) {
      house.on(response(to, id, { error: gone }));
      const [again] = asked(house);
      ok(again !== undefined);
      ({ to, id } = again);
    }
    deepEqual(house.on(response(to, id, { error: gone })), { kind: 'relayed' });
    equal(house.out.take().filter(({ call }) => call === 'reply').length, 1);
    equal(house.router.held.requests, 0);
  });

  it('are never sent where a worker says: a redirect of a worker is its failure', () => {
    for (const condition of ['redirect', 'gone', 'remote-server-not-found']) {
      const { house, given } = busy('get', [one]);
      deepEqual(house.on(response(one, given.id, { error: { condition, type: 'modify' }, payload: '<error/>' })), {
        kind: 'relayed',
      });
      const written = house.out.take();
      ok(!written.some(({ call }) => call === 'reply'));
      deepEqual(
        written.flatMap((each) => (each.call === 'bounce' ? [each.code] : [])),
        ['request-lost'],
      );
    }
  });

  it('go on from a pool that closes with an error', () => {
    const { house } = busy('get');
    house.router.reload(serviceSettings([]), house.now);
    house.out.take();
    house.pass(100);
    equal(only(house, 'bounce').code, 'request-lost');
    equal(house.router.held.requests, 0);
  });
});

describe('router: discovery of pools that take requests', () => {
  const features = (house: House, to: string): readonly string[] => {
    house.on(request({ name: 'disco-info', node: undefined }, { to }));
    const { answer } = only(house, 'answer');
    return answer.name === 'disco-info' ? answer.features : [];
  };

  it('tells the namespaces, of the pool and of labels that pass them on', () => {
    for (const [settings, atPool, atLabel] of [
      [{}, false, false],
      [{ requests: requests('redirect') }, true, false],
      [{ requests: requests('redirect'), identity: 'alias' }, true, true],
      [{ requests: requests('proxy', { namespaces: ['*', status] }) }, true, true],
    ] as const) {
      const house = houseOf(settings);
      house.join(one);
      deepEqual(
        [features(house, jobs).includes(status), features(house, `${jobs}/~one`).includes(status)],
        [atPool, atLabel],
      );
      ok(!features(house, jobs).includes('*'));
    }
  });

  it('leaves out pools that have moved', () => {
    const house = new House(
      serviceSettings([poolSettings(), poolSettings({ name: 'old', moved: { to: jobs, permanent: true } })]),
    );
    house.on(request({ name: 'disco-items', node: undefined, page: undefined }, { to: domain }));
    const { answer } = only(house, 'answer');
    deepEqual(answer.name === 'disco-items' && answer.items.map(({ jid }) => jid), [jobs]);
  });
});
