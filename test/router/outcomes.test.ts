import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { bareOf, domainOf } from '../../src/core/address/jid.ts';
import type { Inbound, IqRequest, MessageEnvelope } from '../../src/core/envelope.ts';
import {
  aliasKey,
  domain,
  House,
  jobs,
  message,
  poolSettings,
  presence,
  request,
  response,
  serviceSettings,
} from './house.ts';
import type { Written } from './recording-out.ts';

const peers = [
  'w@work.example/one',
  'w@work.example/two',
  'w@work.example',
  'v@work.example/x',
  'sensor@far.example/r',
  'other@far.example/r',
  'far.example',
  'zoë@far.example/r',
  'w@closed.example/a',
  `pool@${domain}/x`,
  '@',
  '',
  'a@b@c',
];

const hidden = `hidden@${domain}`;
const people = `people@${domain}`;
const keys = [1, 2, 3].map(aliasKey);
/** How long a worker of `people` may answer. */
const shortWindow = 2_000;

const targets = [
  jobs,
  hidden,
  people,
  `${hidden}/~one`,
  `${people}/~one`,
  `${hidden}/sensor@far.example/r`,
  `${people}/sensor@far.example/r`,
  ...keys.flatMap((key) => [`${jobs}/!${key}`, `${hidden}/!${key}`, `${people}/!${key}`]),
  ...keys.flatMap((key) => [`hidden+${key}@${domain}`, `people+${key}@${domain}`]),
  `closed@${domain}`,
  `nothing@${domain}`,
  domain,
  `${domain}/x`,
  `${jobs}/`,
  `${jobs}/~one`,
  `${jobs}/~none`,
  `${jobs}/!abc`,
  'elsewhere.example',
  ...peers.map((peer) => `${jobs}/${peer}`),
];

const from = fc.constantFrom(...peers);
const to = fc.constantFrom(...targets);
const id = fc.constantFrom(undefined, 'm1', 'id-1', 'id-2', 'id-3', 'id-4', 'id-5');
const flag = fc.boolean();
const error = fc.constantFrom('service-unavailable', 'policy-violation', 'gone');

const asked = fc.constantFrom<IqRequest>(
  { name: 'ping' },
  { name: 'version' },
  { name: 'disco-info', node: undefined },
  { name: 'disco-items', node: 'x', page: undefined },
  { name: 'disco-info', node: 'urn:x-switchyard:pool:state' },
  { name: 'disco-items', node: undefined, page: 'malformed' },
  { name: 'disco-items', node: undefined, page: { max: 0, after: 'x', before: undefined, index: undefined } },
  { name: 'last' },
  { name: 'time' },
  { name: 'cmr-query' },
  { name: 'cmr-set', algorithm: 'urn:xmpp:cmr:all' },
  { name: 'cmr-set', algorithm: '' },
  { name: 'unknown', namespace: 'urn:x' },
  { name: 'malformed', problem: 'two children' },
);

const stanza: fc.Arbitrary<Inbound> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        from,
        to,
        id,
        signal: flag,
        instance: fc.constantFrom(undefined, undefined, 'ping' as const, 'pong' as const),
        type: fc.constantFrom('chat', 'normal', 'headline', 'groupchat', 'error'),
        condition: error,
      })
      .map(({ condition, ...rest }) =>
        message({ ...rest, error: rest.type === 'error' ? { condition, type: 'cancel' } : undefined }),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        from,
        to,
        id,
        muc: flag,
        priority: fc.integer({ min: -2, max: 3 }),
        show: fc.constantFrom('online', 'dnd'),
        type: fc.constantFrom(
          'available',
          'available',
          'unavailable',
          'subscribe',
          'probe',
          'error',
          'subscribed',
          'invalid',
        ),
      })
      .map(({ from: who, ...rest }) => presence(who, rest)),
  },
  fc.tuple(from, to, id, asked).map(([who, where, key, what]) => request(what, { from: who, to: where, id: key })),
  fc.tuple(from, to, id, fc.option(error, { nil: undefined })).map(([who, where, key, condition]) =>
    response(who, key ?? '', {
      to: where,
      error: condition === undefined ? undefined : { condition, type: 'cancel' },
    }),
  ),
  fc
    .record({
      from: fc.option(from, { nil: undefined }),
      to: fc.option(to, { nil: undefined }),
      why: fc.constantFrom('too-large', 'too-deep', 'unknown-element', 'no-address'),
      stanza: fc.constantFrom('message', 'presence', 'iq', 'other'),
      type: fc.constantFrom(undefined, 'error', 'result', 'get', 'chat'),
    })
    .map((rest) => ({ kind: 'refused' as const, id: 'x', ...rest })),
);

const pool = fc.constantFrom(jobs, hidden, people);
const worker = fc.constantFrom('w@work.example/one', 'v@work.example/x');
const party = fc.constantFrom('sensor@far.example/r', 'zoë@far.example/r', 'far.example');

/** Where the senders of `work` are looked for: not all of it is allowed, and not all the time. */
const likely = fc.constantFrom(
  `${jobs}/sensor@far.example/r`,
  `${jobs}/!${aliasKey(1)}`,
  `${hidden}/!${aliasKey(1)}`,
  `${hidden}/sensor@far.example/r`,
  `people+${aliasKey(1)}@${domain}`,
  `people+${aliasKey(2)}@${domain}`,
);

/** What happens where all goes well: joins, work, replies to those who may be answered, and to those who may not. */
const work: fc.Arbitrary<Inbound> = fc.oneof(
  fc.tuple(worker, pool).map(([who, where]) => presence(who, { to: where })),
  fc.tuple(party, pool).map(([who, where]) => message({ from: who, to: where })),
  fc.tuple(worker, fc.oneof(to, likely), fc.constantFrom('chat', 'error')).map(([who, where, type]) =>
    message({
      from: who,
      to: where,
      type,
      error: type === 'error' ? { condition: 'gone', type: 'cancel' } : undefined,
    }),
  ),
  fc
    .tuple(party, pool)
    .map(([who, where]) =>
      message({ from: who, to: `${where}/~one`, type: 'error', error: { condition: 'gone', type: 'cancel' } }),
    ),
);

const step = fc.oneof(
  { weight: 6, arbitrary: stanza },
  { weight: 10, arbitrary: work },
  {
    weight: 3,
    arbitrary: fc.constantFrom('up', 'down', 'tick', 'later', 'commit', 'commit', 'commit', 'fail'),
  },
);

/** What the model knows of a pool. */
interface Seen {
  /** When the pool last forwarded something from a sender, by exact JID. */
  readonly forwarded: Map<string, number>;
  /** Accounts that were given something, or asked to join. */
  readonly workers: Set<string>;
  /** Senders by the key of their alias. */
  readonly senders: Map<string, string>;
}

/** The rules of design.md, "Relay to a proxy", as one who has seen every stanza would apply them. */
class Model {
  readonly #pools = new Map<string, Seen>();

  saw(stanza: Inbound): void {
    if (stanza.kind !== 'presence' || stanza.type !== 'available' || stanza.to.includes('/')) return;
    this.#pool(stanza.to).workers.add(bareOf(stanza.from));
  }

  /** Notes the aliases that are stored once the open commits are. */
  stores(house: House): void {
    for (const { change } of house.out.commits) {
      if (change.op !== 'put-alias') continue;
      const { senders } = this.#pool(`${change.pool}@${domain}`);
      ok(![...senders.values()].includes(change.sender), `${change.sender} has a second alias`);
      senders.set(change.key, change.sender);
    }
  }

  note(house: House): void {
    for (const written of house.out.take()) {
      switch (written.call) {
        case 'forward':
          this.#forward(written, house.now);
          break;
        case 'relay':
          ok(domainOf(written.to) !== domain, written.to);
          if (written.message.to.includes('/~')) this.#toWorker(written.message, written.from, written.to);
          else this.#toSender(written.message, written.to, house.now);
          if (written.message.to.startsWith(`${hidden}/~`)) ok(false, 'a hidden sender was relayed as he is');
          break;
        case 'report':
          this.#toWorker(written.message, written.from, written.to);
          break;
        case 'bounce':
          ok(
            written.stanza.kind === 'refused' ||
              written.stanza.kind === 'iq-request' ||
              written.stanza.type !== 'error',
          );
          ok(written.stanza.type !== 'result');
          break;
        case 'pong':
          equal(written.ping.instance, 'ping');
          break;
        case 'presence':
        case 'announce':
        case 'ping':
        case 'ask-info':
        case 'transfer':
        case 'ask-pubsub':
        case 'answer':
        case 'redirect':
        case 'moved':
        case 'ask':
        case 'reply':
          break;
        case 'deliver':
        case 'deliver-iq':
        case 'queued':
        case 'receipt':
        case 'give-back':
          ok(false, 'no pool here delivers at least once');
      }
    }
  }

  #forward(written: Written & { call: 'forward' }, now: number): void {
    const { message, from, to } = written;
    equal(domainOf(to), 'work.example');
    const pool = this.#pool(bareOf(message.to));
    equal(this.#sender(from), message.from);
    equal(from.includes(message.from), this.#isReadable(message.to, message.from), from);
    equal(written.hides === true, bareOf(message.to) === hidden);
    pool.forwarded.set(message.from, now);
    pool.workers.add(bareOf(to));
  }

  /** An error of a sender, to a worker of the pool that he wrote to. */
  #toWorker(message: MessageEnvelope, from: string, to: string): void {
    equal(message.type, 'error');
    equal(domainOf(to), 'work.example');
    const sender = this.#sender(from) ?? '';
    // A server returns a reply from the address it went to, or from its bare form.
    ok(sender === message.from || bareOf(sender) === message.from, sender);
    ok(this.#pool(bareOf(message.to)).forwarded.has(sender), `${sender} never wrote to the pool`);
  }

  /** A reply or an error of a worker, to the sender for whom the address stands. */
  #toSender(message: MessageEnvelope, to: string, now: number): void {
    equal(this.#sender(message.to), to);
    ok(!message.to.startsWith(`${hidden}/s`), 'a hidden sender was found by his own JID');
    const pool = this.#pool(poolOf(message.to));
    const at = pool.forwarded.get(to);
    ok(at !== undefined, `${to} never wrote to the pool`);
    ok(poolOf(message.to) !== people || now - at <= shortWindow, `${to} wrote too long ago`);
    ok(pool.workers.has(bareOf(message.from)), `${message.from} never worked there`);
  }

  /** For whom an address stands, by the aliases that were stored. */
  #sender(address: string): string | undefined {
    const key = /^[a-z]+\+([a-z2-7]+)@[^/]*$/.exec(address)?.[1] ?? /^[^+/]*\/!([a-z2-7]+)$/.exec(address)?.[1];
    if (key === undefined) return address.slice(address.indexOf('/') + 1);
    return this.#pool(poolOf(address)).senders.get(key);
  }

  #isReadable(to: string, sender: string): boolean {
    return bareOf(to) === jobs && sender !== 'zoë@far.example/r';
  }

  #pool(jid: string): Seen {
    let seen = this.#pools.get(jid);
    if (seen === undefined) {
      seen = { forwarded: new Map(), workers: new Set(), senders: new Map() };
      this.#pools.set(jid, seen);
    }
    return seen;
  }
}

/** The pool of an address, with or without a key in the localpart. */
function poolOf(address: string): string {
  return bareOf(address).replace(/\+[^@]*/, '');
}

describe('router: any stream of stanzas', () => {
  it('ends each in exactly one outcome, and writes to nobody that the rules forbid', () => {
    const settings = serviceSettings([
      poolSettings(),
      poolSettings({ name: 'hidden', identity: 'alias' }),
      poolSettings({ name: 'people', proxy: 'localpart', replyWindow: shortWindow }),
      poolSettings({ name: 'closed', workers: ['w@closed.example'], senders: [] }),
    ]);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const house = new House(settings);
        const model = new Model();
        let received = 0;
        for (const next of steps) {
          house.now += 50;
          if (next === 'up') house.router.linkUp(house.now);
          else if (next === 'down') house.router.linkDown();
          else if (next === 'tick') house.pass(1_000);
          else if (next === 'later') house.pass(shortWindow + 100);
          else if (next === 'commit') {
            model.stores(house);
            house.out.settle();
          } else if (next === 'fail') house.out.settle(new Error('disk full'));
          else {
            received += 1;
            model.saw(next);
            house.router.on(next, house.now);
          }
          model.note(house);
        }
        model.stores(house);
        house.out.settle();
        equal(house.out.outcomes.length, received);
        house.router.linkUp(house.now);
        house.pass(10_000);
        model.note(house);
        const queued = house.out.outcomes.filter(({ outcome }) => outcome.kind === 'queued').length;
        const { events } = house.out;
        const ends = ['waited-forwarded', 'waited-bounced', 'waited-dropped'] as const;
        equal(
          ends.reduce((sum, end) => sum + (events.get(end) ?? 0), 0),
          queued,
        );
        for (const pool of house.router.pools.values()) deepEqual(pool.waiting.size, 0);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) },
    );
  });
});
