import type { Element } from 'ltx';
import { ns } from '../../src/xmpp/codec/namespaces.ts';
import { capsVersion } from '../../src/xmpp/protocols/caps.ts';
import { domain, poolNames } from './stanza-arbitrary.ts';

/**
 * What somebody does who keeps to the protocol. Stanzas at random hardly ever get past the checks
 * at the door: these do, and so reach what is behind.
 */
export const deedNames = [
  'work',
  'hurry',
  'ask',
  'request',
  'serve',
  'reply',
  'return',
  'look',
  'show',
  'publish',
] as const;

export interface Deed {
  readonly do: (typeof deedNames)[number];
  /** Which of the ways to do it. */
  readonly way: number;
}

const senders = ['a@far.example/1', 'b@far.example/2', 'zoë@far.example/é', 'c@near.example/x'] as const;
const workers = ['w1@work.example/r', 'w1@work.example/s', 'w2@work.example/r', 'w3@other.work/r'] as const;
const features = [ns.dix, ns.discoInfo, ns.ping, ns.transfer];
const version = capsVersion({ identities: [{ category: 'client', type: 'bot', name: '' }], features, forms: [] });
const job = "<job xmlns='urn:example:job' key='k'/>";
const conditions = ['service-unavailable', 'gone', 'not-acceptable', 'remote-server-timeout'] as const;

/** What is answered at the service, and what at a pool, beside what only workers may ask. */
const questions = [
  `<ping xmlns='${ns.ping}'/>`,
  `<query xmlns='${ns.version}'/>`,
  `<query xmlns='${ns.last}'/>`,
  `<time xmlns='${ns.time}'/>`,
  `<query xmlns='${ns.discoInfo}'/>`,
  `<query xmlns='${ns.discoItems}'/>`,
  `<query xmlns='${ns.discoItems}'><set xmlns='${ns.rsm}'><max>2</max></set></query>`,
  `<query xmlns='${ns.cmr}'/>`,
] as const;

function oneOf<Item>(items: readonly Item[], way: number): Item {
  const item = items[way % items.length];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** People and workers who keep to the protocol. They see what the router wrote, and write to it. */
export class WellBehaved {
  readonly #written: readonly Element[];
  readonly #say: (stanza: string) => void;
  readonly #served = new Set<Element>();
  #ids = 0;

  constructor(written: readonly Element[], say: (stanza: string) => void) {
    this.#written = written;
    this.#say = say;
  }

  act({ do: what, way }: Deed): void {
    const deeds: Record<Deed['do'], () => void> = {
      work: () => this.#message(oneOf(senders, way), `${oneOf(poolNames, way >> 2)}@${domain}`, '<body>x</body>'),
      hurry: () => this.#hurry(way),
      ask: () => this.#ask(way),
      request: () => this.#request(way),
      serve: () => this.#serve(way),
      reply: () => this.#answer(way, 'chat', '<body>done</body>'),
      return: () => this.#answer(way, 'error', error(oneOf(conditions, way))),
      look: () => this.#look(way),
      show: () => this.#show(way),
      publish: () => this.#publish(way),
    };
    deeds[what]();
  }

  /** More at once than the pool takes: from one sender, from one domain, or for its workers. */
  #hurry(way: number): void {
    const names = ['a@one.example', 'a$@one.example', 'a@n$.example'];
    for (let n = 0; n < 12; n += 1) {
      this.#message(`${oneOf(names, way).replace('$', String(n))}/r`, `rated@${domain}`, '<body>x</body>');
    }
  }

  #ask(way: number): void {
    const pool = `${oneOf(poolNames, way >> 3)}@${domain}`;
    const to = oneOf([domain, pool, pool], way >> 5);
    if (way % 5 > 0) this.#iq('get', oneOf(senders, way), to, oneOf(questions, way));
    else this.#iq('set', oneOf(workers, way), pool, `<cmr xmlns='${ns.cmr}' algorithm='urn:xmpp:cmr:roundrobin'/>`);
  }

  #request(way: number): void {
    const pool = oneOf(['asks', 'veiled'], way >> 4);
    const place = way % 7 === 0 ? '/~r' : '';
    this.#iq(way % 4 === 0 ? 'set' : 'get', oneOf(senders, way >> 2), `${pool}@${domain}${place}`, job);
  }

  /** Answers a request that the router wrote, the latest first: to most with a result. */
  #serve(way: number): void {
    const open = this.#written.filter(
      (each) => each.name === 'iq' && /^[gs]et$/.test(each.attrs['type'] ?? '') && !this.#served.has(each),
    );
    for (const asked of open.slice(-4)) {
      this.#served.add(asked);
      const { from, to, id } = asked.attrs;
      const refuses = way % 4 === 0;
      const payload = refuses ? error(oneOf(conditions, way >> 2)) : resultOf(asked);
      const type = refuses ? 'error' : 'result';
      // Before it, now and then, comes the answer of somebody who was not asked; after it a second one.
      if (way % 5 === 0) this.#say(stanza('iq', { type, from: oneOf(workers, way), to: from, id }, payload));
      this.#say(stanza('iq', { type, from: to, to: from, id }, payload));
      if (way % 7 === 0) this.#say(stanza('iq', { type, from: to, to: from, id }, payload));
    }
  }

  /** Answers a message that a worker got, one of the latest. */
  #answer(way: number, type: string, payload: string): void {
    const got = this.#written.filter(
      ({ name, attrs }) =>
        name === 'message' && attrs['type'] !== 'error' && workers.some((jid) => jid === attrs['to']),
    );
    const answered = got[got.length - 1 - (way % 4)];
    if (answered === undefined) return;
    const { from, to, id } = answered.attrs;
    if (type === 'error') {
      // Once: each error is passed on.
      if (!this.#served.has(answered)) this.#say(stanza('message', { type, from: to, to: from, id }, payload));
      this.#served.add(answered);
      return;
    }
    // A worker that talks more than the pool lets it, too.
    for (let n = 0; n <= way % 5; n += 1) {
      this.#say(stanza('message', { type, from: to, to: from, id: this.#id() }, payload));
    }
  }

  /** For an instance of a service, at a pool or at one of its workers. */
  #look(way: number): void {
    const to = `${oneOf(poolNames, way)}@${domain}${oneOf(['', '', '/~r'], way >> 2)}`;
    this.#message(oneOf(senders, way), to, `<ping xmlns='${ns.dix}'/>`, 'normal');
  }

  /** A worker says what it can do. */
  #show(way: number): void {
    const caps = `<c xmlns='${ns.caps}' hash='sha-1' node='urn:n' ver='${version}'/>`;
    this.#say(stanza('presence', { from: oneOf(workers, way), to: `${oneOf(poolNames, way >> 2)}@${domain}` }, caps));
  }

  /** The service that a pool asked last sends it an event. */
  #publish(way: number): void {
    const asked = this.#written.findLast((each) => each.name === 'iq' && subscribeOf(each) !== undefined);
    if (asked === undefined) return;
    const { node = '' } = subscribeOf(asked)?.attrs ?? {};
    const items = Array.from({ length: 1 + (way % 3) }, (_, n) => `<item id='i${n}'>${job}</item>`).join('');
    const event = `<event xmlns='${ns.pubsubEvent}'><items node='${escaped(node)}'>${items}</items></event>`;
    const { from, to } = asked.attrs;
    this.#say(stanza('message', { from: to, to: from, id: this.#id() }, event));
  }

  #message(from: string, to: string, payload: string, type = 'chat'): void {
    this.#say(stanza('message', { type, from, to, id: this.#id() }, payload));
  }

  #iq(type: string, from: string, to: string, payload: string): void {
    this.#say(stanza('iq', { type, from, to, id: this.#id() }, payload));
  }

  #id(): string {
    this.#ids += 1;
    return `good-${this.#ids}`;
  }
}

function stanza(name: string, attrs: Readonly<Record<string, string | undefined>>, payload: string): string {
  const written = Object.entries(attrs).map(([key, value]) =>
    value === undefined ? '' : ` ${key}='${escaped(value)}'`,
  );
  return `<${name}${written.join('')}>${payload}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;');
}

function error(condition: string): string {
  return `<error type='cancel'><${condition} xmlns='${ns.stanzaErrors}'/></error>`;
}

/** What a pool asks of a PubSub service when it wants the events of a node. */
function subscribeOf(asked: Element): Element | undefined {
  const [pubsub] = asked.getChildElements();
  return pubsub?.is('pubsub', ns.pubsub) === true
    ? pubsub.getChildElements().find((child) => child.is('subscribe'))
    : undefined;
}

function resultOf(asked: Element): string {
  const [query] = asked.getChildElements();
  const { node: wanted = '', jid = '' } = subscribeOf(asked)?.attrs ?? {};
  if (wanted !== '') {
    const given = `node='${escaped(wanted)}' jid='${escaped(jid)}' subid='s'`;
    return `<pubsub xmlns='${ns.pubsub}'><subscription ${given} subscription='subscribed'/></pubsub>`;
  }
  if (query?.is('pubsub', ns.pubsub) === true) return `<pubsub xmlns='${ns.pubsub}'><subscriptions/></pubsub>`;
  if (query?.is('query', ns.discoInfo) !== true) return query?.name === 'job' ? job : '';
  const { node } = query.attrs;
  const known = features.map((feature) => `<feature var='${feature}'/>`).join('');
  const about = node === undefined ? '' : ` node='${escaped(node)}'`;
  return `<query xmlns='${ns.discoInfo}'${about}><identity category='client' type='bot'/>${known}</query>`;
}
