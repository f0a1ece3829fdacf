import { type Element, parse } from 'ltx';
import { bareOf, domainOf } from '../../../src/core/address/jid.ts';
import type { QueueQuery, QueueRows } from '../../../src/core/delivery-state.ts';
import type { Change } from '../../../src/core/durable-state.ts';
import type { Outcome } from '../../../src/core/outcome/outcome.ts';
import type { EventName, Measure, Notice, Out } from '../../../src/core/ports.ts';
import { Router } from '../../../src/core/router.ts';
import type { PoolSettings } from '../../../src/core/settings.ts';
import { ChangeList } from '../../../src/store/change-list.ts';
import { MemoryWriter } from '../../../src/store/memory.ts';
import { Decoder } from '../../../src/xmpp/codec/decoder.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { LinkStanzaOut } from '../../../src/xmpp/stanza-out.ts';
import { coreHooks } from '../../router/core-hooks.ts';
import { aliasKey, serviceSettings } from '../../router/house.ts';

const limit = 480 * 1024;

/** What the core of one service does to the network, and to a store that outlives it. */
class NodeOut extends LinkStanzaOut implements Out {
  readonly outcomes: { readonly outcome: Outcome; readonly pool: string | undefined }[] = [];
  readonly events = new Map<EventName, number>();
  readonly notices: Notice[] = [];
  /** Answers of the store that are still to be given. */
  readonly due: (() => Promise<void>)[] = [];
  readonly #store: MemoryWriter;

  constructor(domain: string, store: MemoryWriter, send: (text: string) => void) {
    const write = (text: string): 'sent' => {
      send(text);
      return 'sent';
    };
    super({ write, mayMove: () => false, move: () => undefined }, new Writer({ domain, stanzaLimit: limit }));
    this.#store = store;
  }

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    this.due.push(async () => {
      const { refused } = await this.#store.write(new ChangeList([change]));
      done?.(refused.get(0));
    });
  }

  read(query: QueueQuery, done: (rows: QueueRows | undefined, error: Error | undefined) => void): void {
    this.due.push(async () => done(await this.#store.read(query), undefined));
  }

  outcome(outcome: Outcome, pool: string | undefined): void {
    this.outcomes.push({ outcome, pool });
  }

  event(name: EventName, _pool: string | undefined, amount = 1): void {
    this.events.set(name, (this.events.get(name) ?? 0) + amount);
  }

  took(_what: Measure, _pool: string, _milliseconds: number): void {
    // Times are of no interest here.
  }

  notice(notice: Notice): void {
    this.notices.push(notice);
  }
}

/** One Switchyard service of the network. */
class Node {
  readonly domain: string;
  readonly #network: PoolNetwork;
  readonly #store = new MemoryWriter();
  #pools: readonly PoolSettings[];
  /** The store takes nothing and answers nothing. */
  storeStands = false;
  #up = false;
  /** Stanzas that came since the start. */
  received = 0;
  #ids = 0;
  #keys = 0;
  #starts = 0;
  out: NodeOut;
  router: Router | undefined;
  #decoder: Decoder | undefined;

  constructor(network: PoolNetwork, domain: string, pools: readonly PoolSettings[]) {
    this.#network = network;
    this.domain = domain;
    this.#pools = pools;
    this.out = new NodeOut(domain, this.#store, () => undefined);
  }

  get up(): boolean {
    return this.#up;
  }

  /** Starts with what the store holds, and attaches. */
  async start(pools: readonly PoolSettings[] = this.#pools): Promise<void> {
    this.#pools = pools;
    this.#starts += 1;
    this.received = 0;
    const { domain } = this;
    this.out = new NodeOut(domain, this.#store, (text) => this.#network.send(text));
    const newId = (): string => {
      this.#ids += 1;
      return `${domain}-${this.#starts}-${this.#ids}`;
    };
    const newKey = (): string => {
      this.#keys += 1;
      return aliasKey(this.#keys);
    };
    const snapshot = await this.#store.load();
    const router = new Router(serviceSettings(pools, { domain }), snapshot, this.out, {
      newId,
      newKey,
      ...coreHooks,
    });
    this.router = router;
    this.#decoder = new Decoder(
      { domain, stanzaLimit: limit, depthLimit: 64 },
      {
        inbound: (stanza) => {
          this.received += 1;
          router.on(stanza, this.#network.now);
        },
        streamError: (condition) => {
          throw new Error(condition);
        },
        streamEnd: () => undefined,
      },
    );
    this.#up = true;
    router.linkUp(this.#network.now);
  }

  /** The process dies; what its store was asked for and did not answer is not done. */
  kill(): void {
    this.#up = false;
    this.router = undefined;
    this.#decoder = undefined;
    this.out.due.length = 0;
  }

  /** Goes over to other settings. */
  reload(pools: readonly PoolSettings[]): void {
    this.#pools = pools;
    this.router?.reload(serviceSettings(pools, { domain: this.domain }), this.#network.now);
  }

  take(text: string): void {
    this.#decoder?.push(Buffer.from(text));
  }

  async answerStore(): Promise<boolean> {
    if (this.storeStands) return false;
    const due = this.out.due.splice(0);
    for (const answer of due) await answer();
    return due.length > 0;
  }
}

/** What a client does with what it gets. */
type Client = (stanza: Element, network: PoolNetwork) => void;

/**
 * Several services and their clients on one network without time of its own: what one writes, as text, the other
 * reads. An address of a service that is down answers as a server does for a component that is not attached.
 */
export class PoolNetwork {
  now = 1_800_000_000_000;
  readonly nodes = new Map<string, Node>();
  readonly #clients = new Map<string, Client>();
  /** What came to clients, by full or bare JID. */
  readonly mail = new Map<string, Element[]>();
  readonly #texts = new WeakMap<Element, string>();
  #line: string[] = [];
  /** Stanzas that were passed on, of all kinds. */
  passed = 0;
  /** Decides which stanzas are lost on their way. */
  loses: (stanza: Element) => boolean = () => false;

  async add(domain: string, ...pools: readonly PoolSettings[]): Promise<Node> {
    const node = new Node(this, domain, pools);
    this.nodes.set(domain, node);
    await node.start();
    return node;
  }

  node(domain: string): Node {
    const node = this.nodes.get(domain);
    if (node === undefined) throw new Error(`no node ${domain}`);
    return node;
  }

  /** A client that answers requests for what it can do, and does `client` with all else. */
  client(jid: string, client: Client = () => undefined): void {
    this.#clients.set(jid, client);
  }

  send(text: string): void {
    this.#line.push(text);
  }

  /** Hands over what was written, and lets stores answer, until nothing is left to do. */
  async settle(most = 20_000): Promise<void> {
    for (let left = most; ; ) {
      const line = this.#line.splice(0);
      for (const text of line) {
        left -= 1;
        if (left < 0) throw new Error('stanzas go round');
        this.#give(text);
      }
      let answered = false;
      for (const node of this.nodes.values()) answered = (await node.answerStore()) || answered;
      if (line.length === 0 && !answered) return;
    }
  }

  /** Time goes by, in ticks. */
  async pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.now += Math.min(100, left);
      for (const node of this.nodes.values()) node.router?.tick(this.now);
      await this.settle();
    }
  }

  /** What `jid` got since it was asked last, in order. */
  take(jid: string): readonly Element[] {
    const got = this.mail.get(jid) ?? [];
    this.mail.set(jid, []);
    return got;
  }

  /** The stanza as it was written. */
  textOf(stanza: Element | undefined): string {
    return stanza === undefined ? '' : (this.#texts.get(stanza) ?? '');
  }

  #give(text: string): void {
    this.passed += 1;
    const stanza = parse(text);
    if (this.loses(stanza)) return;
    const to = stanza.attrs['to'] ?? '';
    this.#texts.set(stanza, text);
    const node = this.nodes.get(domainOf(to));
    if (node?.up === true) node.take(text);
    else if (node !== undefined) this.#refuse(stanza);
    else this.#toClient(to, stanza);
  }

  /** As Prosody does for a component that is not there. */
  #refuse(stanza: Element): void {
    const { type, from, to, id } = stanza.attrs;
    if (type === 'error' || type === 'result') return;
    if (stanza.is('presence') && type !== 'subscribe' && type !== 'probe' && type !== undefined) return;
    const named = id === undefined ? '' : ` id='${attribute(id)}'`;
    this.send(
      `<${stanza.getName()} type='error' from='${attribute(to)}' to='${attribute(from)}'${named}><error type='wait'>` +
        `<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></${stanza.getName()}>`,
    );
  }

  #toClient(to: string, stanza: Element): void {
    this.mail.set(to, [...(this.mail.get(to) ?? []), stanza]);
    const client = this.#clients.get(to) ?? this.#clients.get(bareOf(to));
    if (client === undefined) return;
    if (stanza.is('iq') && (stanza.attrs['type'] === 'get' || stanza.attrs['type'] === 'set')) this.#answer(stanza);
    client(stanza, this);
  }

  #answer(stanza: Element): void {
    const { from, to, id } = stanza.attrs;
    const query = childOf(stanza, 'query');
    const features = ['urn:xmpp:receipts', 'urn:xmpp:ping', 'urn:x-switchyard:delivery:0'];
    const node = query?.attrs['node'] === undefined ? '' : ` node='${attribute(query.attrs['node'])}'`;
    const info =
      query === undefined
        ? ''
        : `<query xmlns='http://jabber.org/protocol/disco#info'${node}>${features.map((name) => `<feature var='${name}'/>`).join('')}</query>`;
    this.send(`<iq type='result' from='${attribute(to)}' to='${attribute(from)}' id='${attribute(id)}'>${info}</iq>`);
  }
}

function attribute(value: unknown): string {
  return String(value).replaceAll('&', '&amp;').replaceAll("'", '&apos;').replaceAll('<', '&lt;');
}

/** The first child of this name. */
export function childOf(stanza: Element | undefined, name: string): Element | undefined {
  return stanza?.getChildElements().find((child) => child.getName() === name);
}

/** What a message says to people; empty for nothing. */
export function bodyOf(stanza: Element | undefined): string {
  return childOf(stanza, 'body')?.getText() ?? '';
}

/** The messages among `stanzas`. */
export function messagesOf(stanzas: readonly Element[]): readonly Element[] {
  return stanzas.filter((stanza) => stanza.is('message'));
}
