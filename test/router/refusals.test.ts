import { deepEqual, equal, ok } from 'node:assert/strict';
import type {
  Inbound,
  IqRequest,
  MessageEnvelope,
  MessageType,
  PresenceType,
  RefusedStanza,
} from '../../src/core/envelope.ts';
import type { PoolSettings } from '../../src/core/settings.ts';
import { deliverySettings, domain, House, message, poolSettings, presence, request, serviceSettings } from './house.ts';

/** Two names of one length: one is a pool that strangers may not know of, the other is nothing. */
const hidden = `hidden@${domain}`;
const missing = `absent@${domain}`;
const worker = 'w@work.example/one';
const friend = 'friend@near.example/r';

/** Who may neither send nor work nor own: by full JID, by account, by domain, and a namesake of a worker. */
const strangers = ['x@else.example/r', 'x@else.example', 'else.example', 'w@else.example/one', 'work.example'];

/** The pool in every way in which it may differ from nothing. */
const variants: readonly Partial<PoolSettings>[] = [
  {},
  { publish: 'counts', headline: 'reject', memberMessages: 'route' },
  { identity: 'alias', join: 'both', cmrSet: 'nobody' },
  { proxy: 'localpart', join: 'subscription', algorithm: 'all' },
  { rate: { perSender: { count: 1, period: 60_000, burst: 1 }, perDomain: undefined, perWorker: undefined } },
  { delivery: deliverySettings({ guarantee: 'at-least-once', hints: ['ttl', 'plain'] }) },
  { delivery: deliverySettings({ hints: ['at-least-once'] }) },
  { requests: { mode: 'proxy', namespaces: ['*'], timeout: 30_000, redirects: [] } },
  { requests: { mode: 'redirect', namespaces: ['*'], timeout: 30_000, redirects: [] } },
  { moved: { to: 'elsewhere@far.example', permanent: true } },
];

const types: readonly MessageType[] = ['normal', 'chat', 'headline', 'groupchat', 'error'];
const error = { condition: 'gone', type: 'cancel' } as const;
const contents: readonly Partial<MessageEnvelope>[] = [
  {},
  { signal: true },
  { signal: true, receipt: 'm0' },
  { hint: 'urn:xmpp:cmr:all' },
  { hint: 'urn:xmpp:cmr:unknown', id: undefined },
  { wantsReceipt: true, terms: { guarantee: 'at-least-once', ttl: 1_000, queued: true, problem: undefined } },
  { terms: { guarantee: undefined, ttl: undefined, queued: false, problem: 'a ttl of ages' } },
  { signal: true, controls: [{ do: 'ack', token: 'a-token' }] },
];
const presences: readonly PresenceType[] = [
  'available',
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
  'error',
  'invalid',
];
const requests: readonly IqRequest[] = [
  { name: 'ping' },
  { name: 'version' },
  { name: 'last' },
  { name: 'time' },
  { name: 'disco-info', node: undefined },
  { name: 'disco-info', node: 'urn:x-switchyard:pool:state' },
  { name: 'disco-items', node: undefined, page: undefined },
  { name: 'disco-items', node: undefined, page: 'malformed' },
  { name: 'cmr-query' },
  { name: 'cmr-set', algorithm: 'urn:xmpp:cmr:all' },
  { name: 'cmr-set', algorithm: '' },
  { name: 'wrong-element', namespace: 'urn:xmpp:cmr:0' },
  { name: 'wrong-element', namespace: 'urn:xmpp:ping' },
  { name: 'unknown', namespace: 'urn:odd' },
  { name: 'malformed', problem: 'no child' },
];

/** Every stanza that `from` can write to `to`. */
function stanzas(from: string, to: string): readonly Inbound[] {
  const refused = (stanza: RefusedStanza['stanza'], why: RefusedStanza['why'], type?: string): Inbound => ({
    kind: 'refused',
    stanza,
    type,
    from,
    to,
    id: 'r1',
    why,
  });
  return [
    ...types.flatMap((type) =>
      contents.map((content) =>
        message({ from, to, type, typeAttr: type, ...content, error: type === 'error' ? error : undefined }),
      ),
    ),
    ...presences.flatMap((type) => [presence(from, { to, type, id: 'p1' }), presence(from, { to, type, muc: true })]),
    ...requests.map((asked) => request(asked, { from, to })),
    ...requests.map((asked) => request(asked, { from, to, type: 'set' })),
    refused('message', 'too-large', 'chat'),
    refused('iq', 'too-deep', 'get'),
    refused('presence', 'too-large'),
    { kind: 'iq-response', from, to, id: 'id-1', error: undefined },
    { kind: 'iq-response', from, to, id: 'id-1', error },
  ];
}

/** Every kind of address of `pool`, of things that are there and things that are not. */
function addresses(pool: string, others: readonly string[]): readonly string[] {
  const resources = [
    '~one',
    '~nobody',
    '~',
    friend,
    'x@else.example/r',
    '!aaaaaaaaaaaaaaaaaaaaaaaaaa',
    '!',
    'nick',
    'зоя',
  ];
  const local = pool.slice(0, pool.indexOf('@'));
  return [
    pool,
    ...resources.map((resource) => `${pool}/${resource}`),
    `${local}+aaaaaaaaaaaaaaaaaaaaaaaaaa@${domain}`,
    ...others.map((address) => address.replace(hidden, pool).replace('hidden+', `${local}+`)),
  ];
}

/** A house with the hidden pool at work: a member, a sender who wrote, and his proxy or alias. */
function setUp(variant: Partial<PoolSettings>): { house: House; seen: readonly string[] } {
  const rules = { workers: ['w@work.example'], senders: ['*@near.example'], owners: ['boss@near.example'] };
  const house = new House(serviceSettings([poolSettings({ name: 'hidden', ...rules, ...variant })]));
  if (variant.join === 'subscription' || variant.join === 'both') {
    house.on(presence('w@work.example', { to: hidden, type: 'subscribe' }));
    house.on(presence('w@work.example', { to: hidden, type: 'subscribed' }));
  }
  house.join(worker, { to: hidden });
  house.on(message({ from: friend, to: hidden }));
  house.out.settle();
  const seen = house.out.take().flatMap((written) => (written.call === 'forward' ? [written.from] : []));
  // What is moved is given to nobody, and what is stored first to nobody yet.
  const gives = variant.moved === undefined && variant.delivery?.guarantee !== 'at-least-once';
  equal(seen.length, gives ? 1 : 0, 'the pool works for those who know of it');
  house.out.events.clear();
  house.out.settle();
  house.out.take();
  return { house, seen };
}

/** What the world sees of a stanza: what was written and stored, and how it ended. */
function effect(house: House, stanza: Inbound): unknown {
  const outcome = house.on(stanza);
  const commits = house.out.commits.splice(0).map(({ change }) => change);
  const events = [...house.out.events];
  house.out.events.clear();
  return { outcome, commits, events, written: house.out.take() };
}

/** The same with the name of the missing pool in the place of the hidden one's, and ids of ours all alike. */
function renamed(value: unknown): unknown {
  const text = JSON.stringify(value).replaceAll(/"id-\d+"/g, '"id"');
  return JSON.parse(text.replaceAll('hidden@', 'absent@').replaceAll('hidden+', 'absent+'));
}

describe('router: what a stranger is told of a pool that is hidden from him', () => {
  for (const variant of variants) {
    it(`is what he is told of one that does not exist: ${JSON.stringify(variant)}`, () => {
      const { house, seen } = setUp(variant);
      let told = 0;
      for (const from of strangers) {
        const absent = addresses(missing, seen);
        for (const [index, to] of addresses(hidden, seen).entries()) {
          const others = stanzas(from, absent[index] ?? '');
          for (const [at, stanza] of stanzas(from, to).entries()) {
            const other = others[at];
            ok(other !== undefined);
            const hiddenEffect = effect(house, stanza);
            deepEqual(renamed(hiddenEffect), renamed(effect(house, other)), JSON.stringify(stanza));
            if (JSON.stringify(hiddenEffect).includes('bounce')) told += 1;
          }
        }
      }
      ok(told > 500, `only ${told} were answered`);
    });
  }
});

describe('router: how many work in a pool', () => {
  it('is in no presence that it sends to those who may only send', () => {
    const house = new House(serviceSettings([poolSettings()]));
    house.join(worker);
    house.join('w@work.example/two');
    house.out.take();
    house.on(presence('friend@near.example', { type: 'subscribe' }));
    house.on(presence(friend, { type: 'probe' }));
    house.out.settle();
    const statuses = house.out.take().flatMap((written) => {
      return written.call === 'presence' && written.presence.type === 'available' ? [written.presence.status] : [];
    });
    ok(statuses.length > 0);
    for (const status of statuses) equal(status, undefined);
  });
});
