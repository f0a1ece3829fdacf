import { deepEqual, equal, ok } from 'node:assert/strict';
import fc from 'fast-check';
import type { IqResponseEnvelope, MessageEnvelope, ReceivedSubscription } from '../../src/core/envelope.ts';
import type { NodeSettings } from '../../src/core/settings.ts';
import { House, jobs, message, poolSettings, presence, response, serviceSettings } from '../router/house.ts';
import type { Written } from '../router/recording-out.ts';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);
const service = 'pubsub.far.example';
const event = 'http://jabber.org/protocol/pubsub#event';
const workers = ['w1@work.example/a', 'w2@work.example/b', 'w3@work.example/c'] as const;
const nodes: readonly NodeSettings[] = ['one', 'two'].map((node) => ({ service, node, options: {}, split: 'item' }));

type Asked = Extract<Written, { call: 'ask-pubsub' }>;
type Word = 'subscribed' | 'twice' | 'none' | 'pending' | 'forbidden' | 'remote-server-timeout' | 'nothing';

type Step =
  | { readonly do: 'answer'; readonly which: number; readonly word: Word; readonly named: boolean }
  | {
      readonly do: 'event';
      readonly node: string;
      readonly type: MessageEnvelope['type'];
      readonly what: string;
      readonly items: number;
    }
  | { readonly do: 'worker'; readonly which: number; readonly type: 'available' | 'unavailable' }
  | { readonly do: 'pass'; readonly milliseconds: number }
  | { readonly do: 'link' }
  | { readonly do: 'reload'; readonly nodes: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.nat(5),
      word: fc.constantFrom<Word>(
        'subscribed',
        'subscribed',
        'twice',
        'none',
        'pending',
        'forbidden',
        'remote-server-timeout',
        'nothing',
      ),
      named: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('event' as const),
      node: fc.constantFrom('one', 'two', 'three'),
      type: fc.constantFrom('headline' as const, 'normal' as const, 'chat' as const),
      what: fc.constantFrom('items', 'items', 'items', 'purge', 'delete', 'subscription'),
      items: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('worker' as const),
      which: fc.nat(2),
      type: fc.constantFrom('available' as const, 'unavailable' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: fc.constantFrom(100, 2_000, 21_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('link' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reload' as const), nodes: fc.nat(2) }) },
);

/** A pool and its PubSub service, and what must be true of them whatever they do. */
class Play {
  readonly house = new House(serviceSettings([poolSettings({ pubsub: nodes })]));
  #open: Asked[] = [];
  #queued = 0;

  constructor() {
    this.house.router.linkUp(this.house.now);
    this.#take();
  }

  step(next: Step): void {
    const { house } = this;
    if (next.do === 'answer') this.#answer(next);
    else if (next.do === 'event') this.#event(next);
    else if (next.do === 'worker') house.on(presence(workers[next.which] ?? workers[0], { type: next.type }));
    else if (next.do === 'pass') house.pass(next.milliseconds);
    else if (next.do === 'link') this.#relink();
    else house.router.reload(serviceSettings([poolSettings({ pubsub: nodes.slice(0, next.nodes) })]), house.now);
    this.#take();
  }

  /** The service says yes to everything: nothing waits any more, and nothing is asked. */
  end(): void {
    for (let n = 0; n < 40; n += 1) {
      this.house.pass(10_000);
      this.#take();
      for (const asked of this.#open) this.#say(asked, 'subscribed', true);
    }
    const { house } = this;
    equal(house.router.held.pubsub, 0);
    const waited = (name: 'waited-forwarded' | 'waited-dropped'): number => house.out.events.get(name) ?? 0;
    equal(waited('waited-forwarded') + waited('waited-dropped'), this.#queued, 'what waited ended once');
    for (const node of house.router.pools.get('jobs')?.nodes ?? []) equal(node.state, 'subscribed');
  }

  #relink(): void {
    this.house.router.linkDown();
    this.#open = [];
    this.house.router.linkUp(this.house.now);
  }

  #answer({ which, word, named }: Extract<Step, { do: 'answer' }>): void {
    const asked = this.#open[which % Math.max(1, this.#open.length)];
    if (asked !== undefined) this.#say(asked, word, named);
  }

  #say(asked: Asked, word: Word, named: boolean): void {
    this.#open = this.#open.filter((one) => one !== asked);
    const { node } = asked.request;
    const one = (id: string): ReceivedSubscription => ({
      node,
      jid: jobs,
      subid: named ? id : undefined,
      state: word === 'pending' || word === 'none' ? word : 'subscribed',
    });
    const known = word === 'subscribed' || word === 'pending' || word === 'none';
    const changes: Partial<IqResponseEnvelope> =
      word === 'twice'
        ? { subscriptions: { list: [one('a'), one('b')], more: undefined } }
        : known
          ? { subscriptions: { list: [one('a')], more: undefined } }
          : word === 'nothing'
            ? { subscriptions: { list: [], more: undefined } }
            : { error: { condition: word, type: 'cancel' } };
    const outcome = this.house.on(response(asked.to, asked.id, { to: asked.from, ...changes }));
    // It may have come too late, or a reload has made it void.
    ok(outcome?.kind === 'consumed' || outcome?.kind === 'dropped');
    this.#take();
  }

  #event({ node, type, what, items }: Extract<Step, { do: 'event' }>): void {
    const { house } = this;
    const pool = house.router.pools.get('jobs');
    // Without a node there, and none that is being left, it would be an ordinary message.
    if (pool === undefined || pool.nodes.length === 0) return;
    const confirmed = pool.nodes.find((one) => one.node === node)?.confirmed === true;
    const present = pool.candidates.size;
    const inner = what === 'items' ? Array.from({ length: items }, (_, n) => `<item id='${n}'/>`).join('') : '';
    const word = what === 'subscription' ? ` jid='${jobs}' subscription='none'` : '';
    const tail = `<event xmlns='${event}'><${what} node='${node}'${word}>${inner}</${what}></event>`;
    const outcome = house.on(message({ type, typeAttr: type, from: service, id: undefined, tail }));
    const given = house.out.written.filter(({ call }) => call === 'forward').length;
    if (outcome?.kind === 'queued') this.#queued += 1;
    if (what !== 'subscription' && confirmed && present > 0) equal(outcome?.kind, 'forwarded');
    if (outcome?.kind !== 'forwarded') return;
    ok(confirmed, 'only by a subscription that the service has confirmed');
    ok(what === 'items' ? given === items : given >= present);
  }

  /** Notes what was asked, and looks at what was written. */
  #take(): void {
    for (const written of this.house.out.take()) {
      if (written.call === 'ask-pubsub') this.#open.push(written);
      if (written.call === 'ping') this.house.on(response(written.to, written.id, { to: written.from }));
      ok(written.call !== 'bounce', 'no event is answered');
      if (written.call === 'relay' || written.call === 'report') ok(written.to !== service);
    }
    const asking = (this.house.router.pools.get('jobs')?.nodes ?? []).filter(({ asking: open }) => open !== undefined);
    ok(asking.length <= nodes.length);
  }
}

describe('PubSub: any history', () => {
  it('shares events by confirmed subscriptions alone, keeps nothing, and comes to rest with a good service', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const play = new Play();
        for (const next of steps) play.step(next);
        play.end();
        const kinds = new Set(
          play.house.out.notices.filter(({ level }) => level === 'error').map(({ event: name }) => name),
        );
        deepEqual([...kinds], []);
      }),
      { numRuns },
    );
  });
});
