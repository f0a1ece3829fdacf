import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, xml } from '@xmpp/client';
import { connectClient, type TestClient } from './clients/xmpp-client.ts';

const cxfr = 'urn:xmpp:cxfr';
const info = 'http://jabber.org/protocol/disco#info';

export interface ObedientOptions {
  /** The pool's bare JID, and the service's domain: the one that may move this worker. */
  readonly pool: string;
  readonly service: string;
  /** Where it connects first. */
  readonly host?: string;
  readonly port: number;
  readonly user: string;
  readonly resource: string;
  /** What it does when it is told to go; default `follow`. */
  readonly manners?: 'follow' | 'refuse' | 'ignorant';
}

/** A worker on @xmpp/client that answers each message, and follows a connection transfer (XEP-0051) as docs/transfers.md says. */
export class ObedientWorker {
  /** Ids of the messages that it got, in order. */
  readonly got: string[] = [];
  /** Its answers that came back with an error. */
  readonly refused: string[] = [];
  /** Where it has been connected, `host:port`, in order. */
  readonly places: string[] = [];
  readonly #options: ObedientOptions;
  #client: TestClient | undefined;
  #ended = false;

  constructor(options: ObedientOptions) {
    this.#options = options;
  }

  get jid(): string {
    return `${this.#options.user}@localhost/${this.#options.resource}`;
  }

  /** Connects, joins, and works until `end`. */
  async start(): Promise<void> {
    const { host = '127.0.0.1', port } = this.#options;
    await this.#connect(host, port);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#client?.end();
  }

  async #connect(host: string, port: number): Promise<void> {
    const { user, resource, pool } = this.#options;
    const client = await connectClient({ host, port, user, password: 'pw', resource, silent: true });
    this.#client = client;
    this.places.push(`${host}:${port}`);
    await client.send(
      `<presence to='${pool}'><x xmlns='urn:x-switchyard:worker:0' server='${host}:${port}'/></presence>`,
    );
    await client.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
    void this.#work(client);
  }

  async #work(client: TestClient): Promise<void> {
    try {
      for (;;) {
        const stanza = await client.waitFor(() => true, 'anything', 600_000);
        if (stanza.name === 'message') await this.#answer(client, stanza);
        else if (stanza.name === 'iq' && (await this.#request(client, stanza))) return;
      }
    } catch (error) {
      if (!this.#ended && this.#client === client) throw error;
    }
  }

  async #answer(client: TestClient, stanza: Element): Promise<void> {
    const { id = '', from, type } = stanza.attrs;
    if (type === 'error') {
      this.refused.push(stanza.toString());
      return;
    }
    this.got.push(id);
    await client.send(xml('message', { to: from, type: 'chat', id: `r-${id}` }, xml('body', {}, id)));
  }

  /** True when it has gone elsewhere. */
  async #request(client: TestClient, iq: Element): Promise<boolean> {
    const { id, from, type } = iq.attrs;
    if (type !== 'get' && type !== 'set') return false;
    const order = iq.getChild('query', cxfr);
    const { manners = 'follow', service } = this.#options;
    if (order !== undefined && manners !== 'ignorant') {
      if (from !== service || manners === 'refuse') {
        await client.send(error(iq, 'not-allowed'));
        return false;
      }
      await client.send(xml('iq', { type: 'result', id, to: from }));
      await this.#go(client, order.getChildText('server') ?? '');
      return true;
    }
    if (iq.getChild('ping', 'urn:xmpp:ping') !== undefined) {
      await client.send(xml('iq', { type: 'result', id, to: from }));
    } else if (iq.getChild('query', info) !== undefined) {
      const features = manners === 'ignorant' ? [info] : [info, cxfr, 'urn:xmpp:ping'];
      const children = features.map((feature) => xml('feature', { var: feature }));
      const identity = xml('identity', { category: 'client', type: 'bot', name: 'worker' });
      await client.send(
        xml('iq', { type: 'result', id, to: from }, xml('query', { xmlns: info }, identity, ...children)),
      );
    } else {
      await client.send(error(iq, 'service-unavailable'));
    }
    return false;
  }

  /** Leaves the pool, answers what was on its way, and connects where it was told to. */
  async #go(client: TestClient, server: string): Promise<void> {
    const { pool, port: usual } = this.#options;
    await client.send(`<presence to='${pool}' type='unavailable'/>`);
    await client.send(xml('iq', { type: 'get', id: 'last', to: pool }, xml('ping', { xmlns: 'urn:xmpp:ping' })));
    for (;;) {
      const stanza = await client.waitFor(() => true, 'what was on its way');
      if (stanza.name === 'message') await this.#answer(client, stanza);
      else if (stanza.attrs['id'] === 'last') break;
      else if (stanza.name === 'iq') await this.#request(client, stanza);
    }
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(server) ?? [];
    const simply = host === 'localhost' && port === undefined;
    this.#client = undefined;
    await client.end();
    await this.#connect(simply ? '127.0.0.1' : host, port === undefined ? usual : Number(port));
  }
}

function error({ attrs }: Element, condition: string): Element {
  const { id, from } = attrs;
  const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas';
  return xml(
    'iq',
    { type: 'error', id, to: from },
    xml('error', { type: 'cancel' }, xml(condition, { xmlns: stanzas })),
  );
}

/** Most messages of the last three seconds that may be without an answer: what is lost counts for no longer. */
const patience = { messages: 200, milliseconds: 3_000 };

/** Sends messages to a pool at a pace, and slower where answers do not keep up; knows which were answered. */
export class SteadySender {
  readonly sent: string[] = [];
  readonly answered = new Map<string, number>();
  readonly errors: string[] = [];
  readonly #client: TestClient;
  readonly #pool: string;
  /** When what was sent lately and is without an answer was sent, by id. */
  readonly #open = new Map<string, number>();
  #going = true;
  #done: Promise<void> | undefined;

  constructor(client: TestClient, pool: string) {
    this.#client = client;
    this.#pool = pool;
  }

  /** @param every Milliseconds between two messages, on average. */
  start(every: number): void {
    void this.#listen();
    this.#done = this.#send(every);
  }

  /** Sends no more, and waits until all are answered, one way or the other. */
  async stop(limit: number): Promise<void> {
    this.#going = false;
    await this.#done;
    const deadline = Date.now() + limit;
    while (this.answered.size + this.errors.length < this.sent.length && Date.now() < deadline) await sleep(20);
  }

  /** Ids of messages that nobody answered. */
  get lost(): readonly string[] {
    return this.sent.filter((id) => !this.answered.has(id));
  }

  async #send(every: number): Promise<void> {
    let next = Date.now();
    while (this.#going) {
      for (; next <= Date.now() && !this.#waits(); next += every) {
        const id = `m${this.sent.length}`;
        this.sent.push(id);
        this.#open.set(id, Date.now());
        await this.#client.send(xml('message', { to: this.#pool, type: 'chat', id }, xml('body', {}, id)));
      }
      // What a busy machine has missed is not made up for: it would only be busier.
      if (this.#waits()) next = Date.now();
      await sleep(Math.max(every, 5));
    }
  }

  #waits(): boolean {
    for (const [id, at] of this.#open) {
      if (at > Date.now() - patience.milliseconds) break;
      this.#open.delete(id);
    }
    return this.#open.size >= patience.messages;
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const stanza = await this.#client.waitFor(({ name }) => name === 'message', 'an answer', 600_000);
        this.#open.delete(stanza.getChildText('body') ?? stanza.attrs['id'] ?? '');
        if (stanza.attrs['type'] === 'error') this.errors.push(stanza.toString());
        else {
          const id = stanza.getChildText('body') ?? '';
          this.answered.set(id, (this.answered.get(id) ?? 0) + 1);
        }
      }
    } catch {
      // The client is closed: the test is over.
    }
  }
}
