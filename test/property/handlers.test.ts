import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Element } from 'ltx';
import type { ServiceSettings } from '../../src/core/settings.ts';
import { ns } from '../../src/xmpp/codec/namespaces.ts';
import { everyDurableKind, everyKind } from './every-kind.ts';
import { answerKind, least } from './least.ts';
import { domain, escapeXml, poolNames, pubsub, type StanzaPlan, stanza, writeStanza } from './stanza-arbitrary.ts';
import { type Deed, deedNames, WellBehaved } from './well-behaved.ts';
import { type LinkMood, Wire } from './wire.ts';

/** More runs for a long night: `FUZZ_RUNS=50000`. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 80);

const seed = 354;

const day = 86_400_000;

type Step =
  | { readonly do: 'stanza'; readonly plan: StanzaPlan; readonly chunk: number }
  /** Somebody answers what the router wrote to him. */
  | { readonly do: 'reply'; readonly which: number; readonly plan: StanzaPlan }
  /** A worker joins, after it has asked for whatever the pool wants. */
  | { readonly do: 'join'; readonly worker: string; readonly pool: string }
  /** A PubSub service says yes to what it was asked last, and sends something. */
  | { readonly do: 'feed'; readonly service: string; readonly children: string; readonly type: string | undefined }
  /** Somebody does what the protocol asks for. */
  | { readonly do: 'deed'; readonly deed: Deed }
  /** A worker says something of a delivery. */
  | { readonly do: 'word'; readonly word: Word; readonly which: number }
  | { readonly do: 'pass'; readonly ticks: number }
  | { readonly do: 'settle'; readonly fails: boolean }
  | { readonly do: 'turn'; readonly mood: LinkMood }
  | { readonly do: 'junk'; readonly text: string };

const words = ['ack', 'ack', 'nack', 'reject', 'extend', 'receipt', 'receipt', 'result', 'error', 'forged'] as const;
type Word = (typeof words)[number];

const join: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('join' as const),
  worker: fc.constantFrom('w1@work.example/r', 'w1@work.example/s', 'w2@work.example/r', 'w3@other.work/r'),
  pool: fc.constantFrom(...poolNames),
});

const feed: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('feed' as const),
  service: fc.constantFrom('far.example', 'b@far.example'),
  children: pubsub,
  type: fc.constantFrom('headline', 'chat', undefined),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: feed, weight: 3 },
  { arbitrary: join, weight: 3 },
  {
    arbitrary: fc.record({
      do: fc.constant('stanza' as const),
      plan: stanza,
      chunk: fc.constantFrom(1, 7, 100_000, 100_000, 100_000),
    }),
    weight: 20,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('deed' as const),
      deed: fc.record({
        do: fc.constantFrom(...deedNames, 'serve' as const, 'ask' as const, 'request' as const),
        way: fc.nat(1000),
      }),
    }),
    weight: 25,
  },
  { arbitrary: fc.record({ do: fc.constant('reply' as const), which: fc.nat(50), plan: stanza }), weight: 10 },
  {
    arbitrary: fc.record({ do: fc.constant('pass' as const), ticks: fc.constantFrom(1, 5, 30, 100) }),
    weight: 3,
  },
  {
    arbitrary: fc.record({ do: fc.constant('settle' as const), fails: fc.constantFrom(false, false, false, true) }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('turn' as const),
      mood: fc.constantFrom('sent' as const, 'sent' as const, 'congested' as const, 'down' as const),
    }),
    weight: 1,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('junk' as const),
      text: fc.constantFrom(' ', '<a/>', '<a', '</x>', '<!--x-->', '<message>&x;</message>', '\0', '<presence/>'),
    }),
    weight: 1,
  },
);

/** Work for pools that want it acknowledged, and what their workers say of it. */
const durableStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: step, weight: 6 },
  {
    arbitrary: fc.record({
      do: fc.constant('deed' as const),
      deed: fc.record({ do: fc.constantFrom('work' as const, 'hurry' as const), way: fc.nat(1000) }),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ do: fc.constant('settle' as const), fails: fc.constant(false) }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ do: fc.constant('word' as const), word: fc.constantFrom(...words), which: fc.nat(5) }),
    weight: 3,
  },
);

class Play {
  readonly wire: Wire;
  readonly #good: WellBehaved;
  #ids = 0;

  constructor(settings: ServiceSettings) {
    this.wire = new Wire(settings);
    this.#good = new WellBehaved(this.wire.written, (text) => this.wire.read(text, 100_000));
  }

  take(next: Step): void {
    const { wire } = this;
    wire.now += 20;
    if (next.do === 'stanza') this.#send(next.plan, next.chunk);
    else if (next.do === 'reply') this.#reply(next.which, next.plan);
    else if (next.do === 'feed') this.#feed(next);
    else if (next.do === 'join') this.#join(next.worker, next.pool);
    else if (next.do === 'deed') this.#good.act(next.deed);
    else if (next.do === 'word') this.#word(next.word, next.which);
    else if (next.do === 'pass') wire.pass(100, next.ticks);
    else if (next.do === 'settle') wire.settle(next.fails ? new Error('disk full') : undefined);
    else if (next.do === 'turn') wire.turn(next.mood);
    else wire.read(next.text, 100);
  }

  /** Everybody leaves, the store has written everything, and a month goes by. */
  end(): void {
    const { wire } = this;
    wire.settle();
    wire.reconnect();
    wire.pass(100, 120);
    for (const pool of poolNames) {
      for (const from of wire.known) {
        const subscribed = wire.router.held.subscriptions > 0;
        for (const type of ['unavailable', ...(subscribed ? ['unsubscribe', 'unsubscribed'] : [])]) {
          const plan = { name: 'presence', type, from, to: `${pool}@${domain}`, withId: false, children: '' } as const;
          this.#send(plan, 100_000);
        }
      }
    }
    wire.settle();
    wire.pass(31 * day, 1);
    wire.settle();
    wire.pass(60_000, 2);
    wire.settle();
    wire.pass(10_000, 2);
    wire.settle();
    // Dead letters have their time as well.
    for (let days = 0; days < 3; days += 1) {
      wire.pass(day, 1);
      wire.pass(1_000, 3);
      wire.settle();
    }
  }

  #feed({ service, children, type }: Extract<Step, { do: 'feed' }>): void {
    const { wire } = this;
    const to = `feeds@${domain}`;
    // It is asked for a list first, and then to subscribe the pool.
    for (let n = 0; n < 2; n += 1) {
      const asked = wire.written.findLast(({ name, attrs }) => name === 'iq' && attrs['to'] === service);
      if (asked !== undefined)
        wire.read(`<iq type='result' from='${service}' to='${to}' id='${asked.attrs['id'] ?? ''}'/>`, 1000);
    }
    this.#send({ name: 'message', type, from: service, to, withId: true, children }, 1000);
  }

  #join(worker: string, pool: string): void {
    const bare = worker.split('/', 1).join();
    const plan = { name: 'presence', to: `${pool}@${domain}`, withId: false, children: '' } as const;
    if (pool === 'sub' || pool === 'both') {
      this.#send({ ...plan, from: bare, type: 'subscribe' }, 100_000);
      this.wire.settle();
      this.#send({ ...plan, from: bare, type: 'subscribed' }, 100_000);
      this.wire.settle();
    }
    this.#send({ ...plan, from: worker, type: undefined }, 100_000);
  }

  #send(plan: StanzaPlan, chunk: number): void {
    this.#ids += 1;
    const silent = plan.type === 'error' || plan.type === 'result';
    // Of errors only those to somebody behind the pool are passed on, with the id that they have.
    const passedOn = plan.name === 'message' && /[/+]/.test(plan.to ?? '');
    this.wire.read(writeStanza(plan, `${silent && !passedOn ? 'err' : 'm'}-${this.#ids}`), chunk);
  }

  /** What the worker says that was given one of the latest deliveries. */
  #word(word: Word, which: number): void {
    const given = this.wire.written.filter((each) => deliveredIn(each) !== undefined).toReversed()[which];
    const message = given === undefined ? undefined : deliveredIn(given);
    if (given === undefined || message === undefined) return;
    const { from: to = '', to: from = '', id = '' } = given.attrs;
    const head = ` from='${escapeXml(from)}' to='${escapeXml(to)}'`;
    if (word === 'result' || word === 'error') {
      const error = `<error type='cancel'><service-unavailable xmlns='${ns.stanzaErrors}'/></error>`;
      this.wire.read(`<iq type='${word}'${head} id='${escapeXml(id)}'>${word === 'error' ? error : ''}</iq>`, 1000);
      return;
    }
    const token = message.getChildElements().find((each) => each.is('delivery', ns.delivery))?.attrs['token'] ?? 'none';
    const own = `xmlns='${ns.delivery}' token='${escapeXml(word === 'forged' ? `${token}x` : token)}'`;
    const said = {
      ack: `<ack ${own}/>`,
      forged: `<ack ${own}/>`,
      nack: `<nack ${own}/>`,
      reject: `<nack ${own} requeue='false'/>`,
      extend: `<extend ${own} seconds='10'/>`,
      receipt: `<received xmlns='${ns.receipts}' id='${escapeXml(message.attrs['id'] ?? '')}'/>`,
    }[word];
    this.wire.read(`<message${head}>${said}</message>`, 1000);
  }

  #reply(which: number, plan: StanzaPlan): void {
    const { written } = this.wire;
    const alike = plan.name === 'iq' ? written : written.filter(({ name }) => name === plan.name);
    const answered = alike[alike.length - 1 - (which % Math.max(1, alike.length))];
    if (answered === undefined) return;
    const { from, to, id, type } = answered.attrs;
    const asked = answered.name === 'iq' && (type === 'get' || type === 'set');
    const pong = asked && plan.type !== 'get';
    if (!pong) {
      this.#send({ ...plan, from: to, to: from }, 100_000);
      return;
    }
    const gone = plan.withId ? 'result' : 'error';
    this.wire.read(writeStanza({ ...plan, name: 'iq', type: gone, from: to, to: from, withId: true }, id ?? ''), 1000);
  }
}

/** The message that a worker is given to acknowledge, on its own or in a request. */
function deliveredIn(stanza: Element): Element | undefined {
  const message =
    stanza.name === 'iq' ? stanza.getChildElements()[0]?.getChildElements()[0]?.getChildElements()[0] : stanza;
  return message?.getChildElements().some((each) => each.is('stanza-id', ns.stanzaIds)) ? message : undefined;
}

const steps = fc.array(step, { maxLength: 60, size: 'max' });

/** Plays the steps to their end; nothing may be lost, and nothing kept. */
function played(settings: ServiceSettings, all: readonly Step[]): Play {
  const play = new Play(settings);
  for (const next of all) play.take(next);
  play.end();
  play.wire.assertAccounted();
  const { held, pools } = play.wire.router;
  assert.deepEqual(
    // Services that do not answer are asked for ever.
    Object.entries(held).filter(([kind, count]) => count !== 0 && kind !== 'pubsub'),
    [],
  );
  for (const { settings, roster, candidates, waiting } of pools.values()) {
    const sizes = [roster.size, candidates.size, waiting.size];
    assert.deepEqual(sizes, [0, 0, 0], settings.name);
  }
  return play;
}

describe('handlers: bytes in, bytes out', function () {
  this.timeout(180_000);

  it('end every stanza once, write nothing that the rules forbid, and keep nothing for ever', () => {
    const budget = fc.constantFrom(64 * 1024 * 1024, 64 * 1024 * 1024, 30_000);
    const start = fc.array(join, { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(budget, start, steps, (memory, joins, all) => {
        played(everyKind(memory), [...joins, ...all]);
      }),
      { numRuns },
    );
  });

  it('end every delivery once in pools that keep what they accept', () => {
    const counts = new Map<string, number>();
    const start = fc.array(join, { minLength: 15, maxLength: 40 });
    const durableSteps = fc.array(durableStep, { maxLength: 100, size: 'max' });
    fc.assert(
      fc.property(start, durableSteps, (joins, all) => {
        const { wire } = played(everyDurableKind(64 * 1024 * 1024), [...joins, ...all]);
        const { out } = wire;
        for (const [what, count] of out.counts) counts.set(what, (counts.get(what) ?? 0) + count);
        for (const { pool, tally, open, dead } of out.deliveries.queues()) {
          assert.deepEqual([open, dead], [0, 0], pool);
          assert.equal(tally.accepted, tally.acknowledged + tally.bounced + tally.purged, pool);
        }
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    );
    const reached = [
      'delivery-accepted',
      'delivery-acknowledged',
      'delivery-returned',
      'delivery-bounced',
      'attempt-timeout',
    ];
    assert.deepEqual(
      reached.filter((event) => !counts.has(event)),
      [],
    );
  });

  it('are reached behind their doors, each of them often enough to mean something', () => {
    const counts = new Map<string, number>();
    const start = fc.array(join, { minLength: 15, maxLength: 40 });
    fc.assert(
      fc.property(start, steps, (joins, all) => {
        const { out, written } = played(everyKind(64 * 1024 * 1024), [...joins, ...all]).wire;
        for (const [what, count] of [...out.counts, ...written.map((each) => [answerKind(each), 1] as const)]) {
          counts.set(what, (counts.get(what) ?? 0) + count);
        }
      }),
      // The same runs each time: what they reach is a property of the generators, not of the day.
      { numRuns: 120, seed },
    );
    const rare = Object.entries(least).filter(([what, count]) => (counts.get(what) ?? 0) < count);
    assert.deepEqual(
      rare.map(([what, count]) => `${what}: ${counts.get(what) ?? 0} of ${count}`),
      [],
    );
  });
});
