import { deepEqual, equal, ok } from 'node:assert/strict';
import type { IqResponseEnvelope, MessageEnvelope, ReceivedSubscription } from '../../src/core/envelope.ts';
import type { PubSubRequest } from '../../src/core/ports.ts';
import type { NodeSettings, PoolSettings } from '../../src/core/settings.ts';
import { emptySnapshot, House, jobs, message, poolSettings, presence, response, serviceSettings } from './house.ts';

const service = 'pubsub.far.example';
const event = 'http://jabber.org/protocol/pubsub#event';
const alerts: NodeSettings = { service, node: 'alerts', options: {}, split: 'event' };
const workers = ['w1@work.example/a', 'w2@work.example/b', 'w3@work.example/c'] as const;

interface Asked {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly request: PubSubRequest;
}

/** A house whose pool subscribes to nodes of a service that the test plays. */
class PubSubHouse extends House {
  /** What the service was asked since the last call. */
  asked(): Asked[] {
    return this.out.take().flatMap((written) => (written.call === 'ask-pubsub' ? [written] : []));
  }

  /** The only question that was asked since the last call, which is of this name. */
  question(name: PubSubRequest['name']): Asked {
    const asked = this.asked();
    deepEqual(
      asked.map(({ request }) => request.name),
      [name],
    );
    const [only] = asked;
    ok(only !== undefined);
    return only;
  }

  answer(asked: Asked, changes: Partial<IqResponseEnvelope> = {}): void {
    deepEqual(this.on(response(asked.to, asked.id, { to: asked.from, ...changes })), { kind: 'consumed' });
  }

  /** Answers with these subscriptions. */
  list(asked: Asked, ...list: readonly Partial<ReceivedSubscription>[]): void {
    this.answer(asked, { subscriptions: { list: list.map(subscription), more: undefined } });
  }

  fail(asked: Asked, condition: string, pubsub?: string): void {
    this.answer(asked, { error: { condition, type: 'cancel', ...(pubsub !== undefined && { pubsub }) } });
  }

  get state(): string {
    const [node] = this.router.pools.get('jobs')?.nodes ?? [];
    return node === undefined ? 'none' : [node.state, node.reason].join(' ').trim();
  }

  /** Who got what since the last call, as `resource tail`. */
  got(): string[] {
    return this.out.take().map((written) => {
      if (written.call !== 'forward') return written.call;
      return `${written.to.slice(written.to.indexOf('/') + 1)} ${written.message.tail}`;
    });
  }
}

function subscription(changes: Partial<ReceivedSubscription> = {}): ReceivedSubscription {
  return { node: 'alerts', jid: jobs, subid: 's1', state: 'subscribed', ...changes };
}

function started(pool: Partial<PoolSettings> = {}): PubSubHouse {
  const made = new PubSubHouse(serviceSettings([poolSettings({ pubsub: [alerts], ...pool })]));
  made.router.linkUp(made.now);
  return made;
}

/** A house that is subscribed, with three workers. */
function subscribed(pool: Partial<PoolSettings> = {}): PubSubHouse {
  const made = started(pool);
  made.list(made.question('subscriptions'), {});
  for (const worker of workers) made.join(worker);
  made.asked();
  return made;
}

function items(...ids: readonly string[]): string {
  const inner = ids.map((id) => `<item id='${id}'/>`).join('');
  return `<event xmlns='${event}'><items node='alerts'>${inner}</items></event>`;
}

function notice(tail: string, changes: Partial<MessageEnvelope> = {}): MessageEnvelope {
  return message({ type: 'headline', typeAttr: 'headline', from: service, id: undefined, tail, ...changes });
}

describe('router: subscribing a pool to a node', () => {
  it('asks what there is, and subscribes when there is nothing', () => {
    const made = started();
    const first = made.question('subscriptions');
    deepEqual([first.from, first.to, first.request.node], [jobs, service, 'alerts']);
    equal(made.state, 'checking');
    made.list(first);
    const second = made.question('subscribe');
    deepEqual(second.request, { name: 'subscribe', node: 'alerts', options: {} });
    made.list(second, { subid: 's1' });
    equal(made.state, 'subscribed');
    deepEqual(made.asked(), []);
    equal(made.router.held.pubsub, 0);
  });

  it('knows its subscription again after a restart, by the service alone', () => {
    const made = started();
    made.list(made.question('subscriptions'), { node: 'other' }, { subid: 's1' }, { jid: `${jobs}/x` });
    equal(made.state, 'subscribed');
    deepEqual(made.asked(), []);
  });

  it('ends what it has twice, by its id, and keeps one', () => {
    const made = started();
    made.list(made.question('subscriptions'), { subid: 'a', state: 'pending' }, { subid: 'b' }, { subid: 'c' });
    equal(made.state, 'subscribed');
    made.pass(100);
    const ends = made.asked();
    deepEqual(
      ends.map(({ request }) => ('subid' in request ? request.subid : '')),
      ['c', 'a'],
    );
    for (const end of ends) made.answer(end);
    equal(made.router.held.pubsub, 0);
  });

  it('believes a list without ids only while the service has accepted it since the link was made', () => {
    const made = started();
    made.list(made.question('subscriptions'), { subid: undefined });
    equal(made.state, 'checking');
    made.list(made.question('subscribe'), { subid: undefined });
    equal(made.state, 'subscribed');
    made.on(notice(`<event xmlns='${event}'><delete node='alerts'/></event>`));
    made.pass(1_100);
    made.list(made.question('subscriptions'), { subid: undefined });
    made.list(made.question('subscribe'), { subid: undefined });
    equal(made.state, 'subscribed');
    let asked: readonly Asked[] = [];
    while (asked.length === 0) {
      made.pass(100);
      asked = made.asked();
    }
    for (const again of asked) made.list(again, { subid: undefined });
    equal(made.state, 'subscribed');
    deepEqual(made.asked(), []);
  });

  it('reads a list by pages', () => {
    const made = started();
    made.answer(made.question('subscriptions'), { subscriptions: { list: [subscription({ node: 'x' })], more: 'p1' } });
    const next = made.question('subscriptions');
    deepEqual(next.request, { name: 'subscriptions', node: 'alerts', after: 'p1' });
    made.list(next, {});
    equal(made.state, 'subscribed');
  });

  it('subscribes at a service that has no lists', () => {
    const made = started();
    made.fail(made.question('subscriptions'), 'feature-not-implemented', 'unsupported');
    made.answer(made.question('subscribe'));
    equal(made.state, 'subscribed', 'an empty result is a yes');
  });

  it('shows why it was refused, and tries again later and later, never all at once', () => {
    const made = started();
    const pauses: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      made.list(made.question('subscriptions'));
      made.fail(made.question('subscribe'), 'not-allowed', 'closed-node');
      equal(made.state, 'refused closed-node');
      let waited = 0;
      while (made.out.written.length === 0) {
        made.pass(100);
        waited += 100;
      }
      pauses.push(waited);
    }
    ok((pauses[0] ?? 0) <= 1_100 && (pauses[11] ?? 0) > 150_000, String(pauses));
    ok(
      pauses.every((pause) => pause <= 300_100),
      String(pauses),
    );
    equal(
      made.out.notices.filter(({ event: name }) => name === 'pubsub-subscription').length,
      1,
      'one line, not one a try',
    );
  });

  it('says whether an owner has to approve it, or options are missing', () => {
    const made = started();
    made.list(made.question('subscriptions'), { state: 'pending' });
    ok(made.state.startsWith('pending'), made.state);
    made.on(
      notice(`<event xmlns='${event}'><subscription node='alerts' jid='${jobs}' subscription='subscribed'/></event>`),
    );
    equal(made.state, 'subscribed');
    const other = started();
    other.list(other.question('subscriptions'));
    other.fail(other.question('subscribe'), 'not-acceptable', 'configuration-required');
    equal(other.state, 'unconfigured configuration-required');
    const third = started();
    third.list(third.question('subscriptions'));
    third.fail(third.question('subscribe'), 'not-authorized', 'pending-subscription');
    equal(third.state, 'pending pending-subscription');
  });

  it('asks again when nobody answers, and when there is no service', () => {
    const made = started();
    made.question('subscriptions');
    made.pass(20_000);
    equal(made.state, 'unreachable no answer');
    made.pass(1_100);
    made.fail(made.question('subscriptions'), 'remote-server-timeout');
    equal(made.state, 'unreachable remote-server-timeout');
    made.pass(2_100);
    made.list(made.question('subscriptions'), {});
    equal(made.state, 'subscribed');
  });

  it('looks again every five minutes, and after each reconnect at once', () => {
    const made = subscribed();
    made.pass(200_000);
    deepEqual(made.asked(), []);
    let asked: readonly Asked[] = [];
    for (let n = 0; n < 1_000 && asked.length === 0; n += 1) {
      made.pass(100);
      asked = made.asked();
    }
    const [again] = asked;
    ok(again?.request.name === 'subscriptions');
    made.list(again);
    made.list(made.question('subscribe'), {});
    made.router.linkDown();
    made.pass(500_000);
    deepEqual(made.asked(), []);
    made.router.linkUp(made.now);
    equal(made.asked().length, 1);
  });

  it('takes an answer from nobody but the service, for nobody but the pool, and only once', () => {
    const made = started();
    const asked = made.question('subscriptions');
    for (const forged of [{ from: 'evil.example' }, { to: `other@pools.example` }, { id: 'guess' }]) {
      const answer = response(service, asked.id, {
        subscriptions: { list: [subscription()], more: undefined },
        ...forged,
      });
      deepEqual(made.on(answer), { kind: 'dropped', reason: 'response-unmatched' });
    }
    equal(made.state, 'checking');
    made.list(asked, {});
    deepEqual(made.on(response(service, asked.id)), { kind: 'dropped', reason: 'response-unmatched' });
  });

  it('sets the options that are configured, when it subscribes and when it finds a subscription', () => {
    const options = { 'pubsub#include_body': ['true'] };
    const node = { ...alerts, options };
    const fresh = started({ pubsub: [node] });
    fresh.list(fresh.question('subscriptions'));
    const subscribe = fresh.question('subscribe');
    deepEqual(subscribe.request, { name: 'subscribe', node: 'alerts', options });
    fresh.list(subscribe, {});
    deepEqual(fresh.asked(), []);
    const found = started({ pubsub: [node] });
    found.list(found.question('subscriptions'), { subid: 's1' });
    const set = found.question('options');
    deepEqual(set.request, { name: 'options', node: 'alerts', subid: 's1', options });
    found.fail(set, 'bad-request', 'invalid-options');
    equal(found.state, 'subscribed', 'events come all the same');
    ok(found.out.notices.some(({ event: name }) => name === 'pubsub-options-refused'));
    const nameless = started({ pubsub: [node] });
    nameless.list(nameless.question('subscriptions'), { subid: undefined });
    deepEqual(nameless.question('subscribe').request, { name: 'subscribe', node: 'alerts', options });
    const wanting = started({ pubsub: [node] });
    wanting.list(wanting.question('subscriptions'), { state: 'unconfigured' });
    wanting.answer(wanting.question('options'));
    wanting.pass(100);
    wanting.list(wanting.question('subscriptions'), {});
    equal(wanting.state, 'subscribed');
    deepEqual(wanting.asked(), []);
  });

  it('unsubscribes when a reload removes the node or the pool, even across a lost link', () => {
    const made = subscribed();
    made.router.reload(serviceSettings([poolSettings()]), made.now);
    const end = made.question('unsubscribe');
    made.router.linkDown();
    made.router.linkUp(made.now);
    const again = made.asked().find(({ request }) => request.name === 'unsubscribe');
    ok(again !== undefined && again.id !== end.id);
    deepEqual(made.on(notice(items('1'))), { kind: 'dropped', reason: 'event-not-subscribed' });
    made.fail(again, 'not-acceptable', 'invalid-subid');
    equal(made.router.held.pubsub, 0);
    ok(made.out.notices.some(({ event: name }) => name === 'pubsub-not-ended'));
    const closing = subscribed();
    closing.router.reload(serviceSettings([]), closing.now);
    closing.fail(closing.question('unsubscribe'), 'unexpected-request', 'not-subscribed');
    equal(closing.router.held.pubsub, 0);
    equal(closing.out.notices.filter(({ event: name }) => name === 'pubsub-not-ended').length, 0);
  });

  it('tries to unsubscribe for a while, and at once after a reconnect, and not if the node is wanted again', () => {
    const made = subscribed();
    made.router.reload(serviceSettings([poolSettings()]), made.now);
    const busy = { error: { condition: 'resource-constraint', type: 'wait' as const } };
    for (let n = 0; n < 4; n += 1) {
      made.answer(made.question('unsubscribe'), busy);
      made.router.linkDown();
      made.router.linkUp(made.now);
    }
    let silent = 0;
    for (let n = 0; n < 6_000 && made.router.held.pubsub > 0; n += 1) {
      silent += made.asked().length;
      made.pass(100);
    }
    equal(silent, 4, 'eight times in all');
    equal(made.router.held.pubsub, 0);
    ok(made.out.notices.some(({ event: name }) => name === 'pubsub-not-ended'));
    const back = subscribed();
    back.router.reload(serviceSettings([poolSettings()]), back.now);
    back.question('unsubscribe');
    back.router.reload(serviceSettings([poolSettings({ pubsub: [alerts] })]), back.now);
    back.list(back.question('subscriptions'));
    back.list(back.question('subscribe'), {});
    equal(back.state, 'subscribed');
    equal(back.router.held.pubsub, 0);
  });

  it('keeps a subscription over a reload that leaves the node, and sets options that are new', () => {
    const made = subscribed();
    made.router.reload(serviceSettings([poolSettings({ pubsub: [{ ...alerts, split: 'item' }] })]), made.now);
    deepEqual(made.asked(), []);
    equal(made.state, 'subscribed');
    const options = { 'pubsub#deliver': ['true'] };
    made.router.reload(serviceSettings([poolSettings({ pubsub: [{ ...alerts, options }] })]), made.now);
    made.list(made.question('subscriptions'), {});
    made.answer(made.question('options'));
  });

  it('tells members and owners how it stands, and nobody else', () => {
    const made = subscribed();
    const state = (from: string): unknown => {
      made.on({
        kind: 'iq-request',
        type: 'get',
        from,
        to: jobs,
        id: 'd',
        request: { name: 'disco-info', node: 'urn:x-switchyard:pool:state' },
        payload: '',
      });
      const [answer] = made.out.take();
      if (answer?.call !== 'answer' || answer.answer.name !== 'disco-info') return undefined;
      return answer.answer.forms[0]?.fields.find(({ name }) => name === 'pubsub')?.values;
    };
    deepEqual(state(workers[0]), ['alerts at pubsub.far.example: subscribed']);
    equal(state('sensor@far.example/r'), undefined);
  });
});

describe('router: events of a node', () => {
  it('gives each to one worker by the algorithm, though it is a headline', () => {
    const made = subscribed();
    for (let n = 0; n < 4; n += 1) deepEqual(made.on(notice(items(`${n}`))), { kind: 'forwarded' });
    deepEqual(
      made.got().map((line) => line.slice(0, 1)),
      ['a', 'b', 'c', 'a'],
    );
  });

  it('leaves the event as it is, from the proxy of the service', () => {
    const made = subscribed();
    const tail = `${items('1', '2')}<headers xmlns='http://jabber.org/protocol/shim'/>`;
    made.on(notice(tail, { hint: 'urn:xmpp:cmr:all' }));
    const [written] = made.out.take();
    ok(written?.call === 'forward');
    deepEqual([written.from, written.message.tail, written.message.type], [`${jobs}/${service}`, tail, 'headline']);
    equal(written.message.hint, undefined, 'nor does it choose when it is given to another');
  });

  it('gives each item to one worker where the node is split by item', () => {
    const made = subscribed({ pubsub: [{ ...alerts, split: 'item' }] });
    deepEqual(made.on(notice(items('1', '2', '3', '4'))), { kind: 'forwarded' });
    deepEqual(made.got(), [`a ${items('1')}`, `b ${items('2')}`, `c ${items('3')}`, `a ${items('4')}`]);
  });

  it('tells all workers what is retracted, purged, deleted or configured', () => {
    const made = subscribed();
    made.on(presence(workers[2], { priority: -1 }));
    made.out.take();
    const all = [
      `<items node='alerts'><retract id='1'/></items>`,
      `<purge node='alerts'/>`,
      `<configuration node='alerts'/>`,
      `<delete node='alerts'/>`,
    ];
    for (const what of all) {
      const tail = `<event xmlns='${event}'>${what}</event>`;
      deepEqual(made.on(notice(tail)), { kind: 'forwarded' });
      deepEqual(made.got(), [`a ${tail}`, `b ${tail}`]);
    }
    equal(made.state, 'refused the node was deleted');
    made.pass(1_100);
    made.list(made.question('subscriptions'));
    made.fail(made.question('subscribe'), 'item-not-found');
    equal(made.state, 'refused item-not-found');
  });

  it('parts items from retractions that come with them', () => {
    const made = subscribed();
    const inner = (text: string): string => `<event xmlns='${event}'><items node='alerts'>${text}</items></event>`;
    made.on(notice(inner("<item id='1'/><retract id='0'/>")));
    const retract = inner("<retract id='0'/>");
    deepEqual(made.got(), [`a ${inner("<item id='1'/>")}`, `a ${retract}`, `b ${retract}`, `c ${retract}`]);
  });

  it('applies no rate, no access list and no fan-out limit', () => {
    const rate = { count: 1, period: 60_000, burst: 1 };
    const made = subscribed({
      senders: ['*@far.example'],
      headline: 'reject',
      fanoutMax: 1,
      rate: { perSender: rate, perDomain: rate, perWorker: undefined },
    });
    for (let n = 0; n < 5; n += 1) deepEqual(made.on(notice(items(`${n}`))), { kind: 'forwarded' });
    deepEqual(made.on(notice(`<event xmlns='${event}'><purge node='alerts'/></event>`)), { kind: 'forwarded' });
    equal(made.got().length, 8);
  });

  it('drops them, with the reason, when no worker is there, and never answers', () => {
    const made = started();
    made.list(made.question('subscriptions'), {});
    for (const type of ['headline', 'normal', 'chat'] as const) {
      deepEqual(made.on(notice(items('1'), { type })), { kind: 'dropped', reason: 'event-no-worker' });
    }
    made.router.drain();
    deepEqual(made.on(notice(items('1'), { type: 'normal' })), { kind: 'dropped', reason: 'event-shed' });
    deepEqual(made.out.take(), []);
  });

  it('counts what did not fit in', () => {
    const made = subscribed();
    for (const sent of ['too-large', 'congested'] as const) {
      made.out.sent = sent;
      deepEqual(made.on(notice(items('1'), { type: 'normal' })), { kind: 'dropped', reason: 'event-shed' });
    }
    made.out.sent = 'link-down';
    deepEqual(made.on(notice(items('1'))), { kind: 'dropped', reason: 'link-down' });
  });

  it('counts the items that did not fit in beside one that did', () => {
    const made = subscribed({ pubsub: [{ ...alerts, split: 'item' }] });
    let looks = 0;
    // Looked at twice for each stanza.
    Object.defineProperty(made.out, 'sent', { get: () => (looks++ < 2 ? 'sent' : 'congested') });
    deepEqual(made.on(notice(items('1', '2', '3'))), { kind: 'forwarded' });
    equal(made.out.events.get('event-part-dropped'), 2);
  });

  it('gives a bounced one to another worker, and keeps an error from the service', () => {
    const made = subscribed();
    made.on(notice(items('1'), { id: 'e1' }));
    const proxy = `${jobs}/${service}`;
    const bounce = (from: string, condition: string) =>
      made.on(message({ type: 'error', from, to: proxy, id: 'e1', tail: '', error: { condition, type: 'cancel' } }));
    made.out.take();
    deepEqual(bounce(workers[0], 'service-unavailable'), { kind: 'consumed' });
    deepEqual(
      made.got().filter((line) => line !== 'ping'),
      [`b ${items('1')}`],
    );
    deepEqual(bounce(workers[1], 'not-acceptable'), { kind: 'consumed' });
    equal(made.out.events.get('event-refused'), 1);
    deepEqual(made.out.take(), []);
  });

  it('drops one that all workers returned', () => {
    const made = subscribed();
    made.on(notice(items('1'), { id: 'e1', type: 'normal' }));
    for (const worker of workers) {
      const error = { condition: 'recipient-unavailable', type: 'wait' } as const;
      made.on(message({ type: 'error', from: worker, to: `${jobs}/${service}`, id: 'e1', tail: '', error }));
    }
    deepEqual(made.out.outcomes.at(-1)?.outcome, { kind: 'dropped', reason: 'event-no-worker' });
    ok(made.out.take().every((written) => written.call === 'forward' || written.call === 'ping'));
  });

  it('hides the service where the pool hides its senders', () => {
    const made = subscribed({ identity: 'alias' });
    deepEqual(made.on(notice(items('1'))), { kind: 'queued' });
    made.out.settle();
    const [written] = made.out.take();
    ok(written?.call === 'forward' && written.from.startsWith(`${jobs}/!`), JSON.stringify(written));
    made.on(notice(items('2')));
    equal(made.got().length, 1, 'one worker, not all');
  });
});

describe('router: what is no event of ours', () => {
  const forged: readonly (readonly [string, Partial<MessageEnvelope>])[] = [
    ['from another service', { from: 'evil.example' }],
    ['from a resource of the service', { from: `${service}/x` }],
    ['from an account of the service', { from: `x@${service}` }],
  ];
  for (const [what, changes] of forged) {
    it(`goes by the rules for messages: ${what}`, () => {
      const made = subscribed();
      deepEqual(made.on(notice(items('1'), changes)), { kind: 'forwarded' });
      equal(made.got().length, 3, 'a headline, to all');
      deepEqual(made.on(notice(`<event xmlns='${event}'><delete node='alerts'/></event>`, changes)), {
        kind: 'forwarded',
      });
      equal(made.state, 'subscribed');
      const word = `<event xmlns='${event}'><subscription node='alerts' jid='${jobs}' subscription='none'/></event>`;
      made.on(notice(word, changes));
      equal(made.state, 'subscribed');
    });
  }

  it('drops an event of another node of the service, and a word on the subscription of somebody else', () => {
    const made = subscribed();
    const other = items('1').replace("'alerts'", "'other'");
    deepEqual(made.on(notice(other)), { kind: 'dropped', reason: 'event-not-subscribed' });
    const word = `<event xmlns='${event}'><subscription node='alerts' jid='x@y' subscription='none'/></event>`;
    deepEqual(made.on(notice(word)), { kind: 'dropped', reason: 'event-not-subscribed' });
    equal(made.state, 'subscribed');
    deepEqual(made.out.take(), []);
  });

  it("drops an event of a node that is another service's", () => {
    const made = started({ pubsub: [alerts, { ...alerts, service: 'news.far.example', node: 'news' }] });
    for (const asked of made.asked()) made.list(asked, { node: asked.request.node });
    for (const worker of workers) made.join(worker);
    const other = notice(items('1'), { from: 'news.far.example' });
    deepEqual(made.on(other), { kind: 'dropped', reason: 'event-not-subscribed' });
    deepEqual(made.on(notice(items('1'))), { kind: 'forwarded' });
  });

  it('takes an event by a collection above the node', () => {
    const made = subscribed();
    const header =
      "<headers xmlns='http://jabber.org/protocol/shim'><header name='Collection'>alerts</header></headers>";
    made.on(notice(items('1').replace("'alerts'", "'child'") + header));
    equal(made.got().length, 1);
  });

  it('drops an event by a subscription that is not the one, and asks the service', () => {
    const made = started();
    made.list(made.question('subscriptions'), { subid: 's1' });
    for (const worker of workers) made.join(worker);
    made.pass(5_000);
    made.out.take();
    const headers = (...ids: readonly string[]): string =>
      `<headers xmlns='http://jabber.org/protocol/shim'>${ids.map((id) => `<header name='SubID'>${id}</header>`).join('')}</headers>`;
    deepEqual(made.on(notice(items('1') + headers('s0', 's1'))), { kind: 'forwarded' });
    made.out.take();
    deepEqual(made.on(notice(items('1') + headers('s2'))), { kind: 'dropped', reason: 'event-not-subscribed' });
    made.list(made.question('subscriptions'), { subid: 's2' });
    deepEqual(made.on(notice(items('1') + headers('s2'))), { kind: 'forwarded' });
  });

  it('routes an ordinary message of the service as any other', () => {
    const made = subscribed();
    deepEqual(made.on(notice('<body>hello</body>')), { kind: 'forwarded' });
    equal(made.got().length, 3);
    deepEqual(made.on(notice("<x xmlns='http://jabber.org/protocol/pubsub'/>", { type: 'chat' })), {
      kind: 'forwarded',
    });
    equal(made.got().length, 1);
  });

  it('lets an event wait that comes before the subscription is confirmed, and then shares it', () => {
    const made = started();
    for (const worker of workers) made.on(presence(worker));
    const asked = made.asked().find(({ request }) => request.name === 'subscriptions');
    ok(asked !== undefined);
    for (const id of ['1', '2']) deepEqual(made.on(notice(items(id))), { kind: 'queued' });
    made.list(asked);
    const subscribe = made.question('subscribe');
    made.list(subscribe, {});
    deepEqual(made.got(), [`a ${items('1')}`, `b ${items('2')}`]);
    equal(made.out.events.get('waited-forwarded'), 2);
    equal(made.router.held.memory, 0);
  });

  it('drops what waited when the service says no, and asks once, not for each', () => {
    const made = started();
    const asked = made.question('subscriptions');
    made.on(notice(items('1'), { type: 'normal' }));
    made.list(asked);
    made.fail(made.question('subscribe'), 'forbidden');
    equal(made.out.events.get('waited-dropped'), 1);
    for (let n = 0; n < 5; n += 1) {
      deepEqual(made.on(notice(items('2'), { type: 'normal' })), { kind: 'dropped', reason: 'event-not-subscribed' });
    }
    deepEqual(made.out.take(), []);
    equal(made.router.held.memory, 0);
  });

  it('drops what waited when a reload takes the node away', () => {
    const made = started();
    deepEqual(made.on(notice(items('1'))), { kind: 'queued' });
    made.router.reload(serviceSettings([poolSettings()]), made.now);
    equal(made.out.events.get('waited-dropped'), 1);
    equal(made.router.held.memory, 0);
  });

  it('takes events again at once when a service that was thought to refuse sends some', () => {
    const made = started();
    made.join(workers[0]);
    const asked = made.router.pools.get('jobs')?.nodes[0];
    ok(asked !== undefined);
    made.pass(20_000);
    equal(made.state, 'unreachable no answer');
    made.out.take();
    made.on(notice(items('1')));
    made.list(made.question('subscriptions'), {});
    deepEqual(made.got(), [`a ${items('1')}`]);
  });

  it('goes on taking events while the service cannot be asked', () => {
    const made = subscribed();
    made.router.linkDown();
    made.router.linkUp(made.now);
    made.answerPings();
    deepEqual(made.on(notice(items('1'))), { kind: 'forwarded' });
    made.pass(20_000);
    equal(made.state, 'unreachable no answer');
    deepEqual(made.on(notice(items('2'))), { kind: 'forwarded' });
  });

  it('ends with the subscription that the service ends, and begins again', () => {
    const made = subscribed();
    made.on(notice(`<event xmlns='${event}'><subscription node='alerts' jid='${jobs}' subscription='none'/></event>`));
    ok(made.state.startsWith('refused'), made.state);
    deepEqual(made.on(notice(items('1'))), { kind: 'dropped', reason: 'event-not-subscribed' });
    made.pass(1_100);
    made.list(made.question('subscriptions'));
    made.list(made.question('subscribe'), {});
    equal(made.state, 'subscribed');
  });

  it('answers no stanza of the service that cannot be read, and none that meets a fault', () => {
    const made = subscribed();
    const refused = { kind: 'refused', stanza: 'message', type: undefined, from: service, to: jobs, id: 'x' } as const;
    deepEqual(made.on({ ...refused, why: 'too-large' }), { kind: 'dropped', reason: 'shed' });
    deepEqual(made.on(notice("<event xmlns='http://jabber.org/protocol/pubsub#event'>", { type: 'normal' })), {
      kind: 'dropped',
      reason: 'fault',
    });
    deepEqual(made.out.take(), []);
  });

  it('holds a bounded number, within the budget', () => {
    const made = new PubSubHouse(
      serviceSettings([poolSettings({ pubsub: [alerts] })], { memory: 64 * 1024 * 1024 }),
      emptySnapshot,
    );
    made.router.linkUp(made.now);
    let queued = 0;
    for (let n = 0; n < 1_500; n += 1) if (made.on(notice(items('1')))?.kind === 'queued') queued += 1;
    equal(queued, 1_000);
    deepEqual(made.out.outcomes.at(-1)?.outcome, { kind: 'dropped', reason: 'event-shed' });
    made.router.drain();
    equal(made.router.held.memory, 0);
    equal(made.out.events.get('waited-dropped'), 1_000);
  });
});
