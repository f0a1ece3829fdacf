import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, parse } from 'ltx';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { OutputChecker, type Written } from './output-checker.ts';

export const domain = 'pools.localhost';
export const jobs = `jobs@${domain}`;
export const worker = 'worker@localhost/one';
export const sender = 'sensor@localhost/r';
const discoInfo = 'http://jabber.org/protocol/disco#info';
const marker = 'marker@localhost/m';

/** What the router did with what it was sent. */
export interface Reaction {
  /** Stanzas it wrote, its own requests to members included. */
  readonly written: readonly Element[];
  /** The same as text. */
  readonly texts: readonly string[];
  /** By `kind` or `kind/reason`: what the counters of outcomes rose by. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** A server that may do anything, with a real router attached; all that the router writes is checked. */
export class HostileServer {
  readonly router: RouterProcess;
  readonly fake: FakeServer;
  readonly #known = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #written: Written[] = [];
  #connection: FakeServerConnection | undefined;
  readonly #faults: Error[] = [];
  #markers = 0;
  #outcomes: Readonly<Record<string, number>> = {};
  /** Whether pings of the router to members are answered. */
  answersPings = true;

  private constructor(fake: FakeServer, router: RouterProcess) {
    this.fake = fake;
    this.router = router;
  }

  /**
   * Starts both, and waits for the router to be ready. `component` and `config` are of its
   * configuration; to `asked` it may write though they have not written to it.
   */
  static async start(
    config: Readonly<Record<string, unknown>> = {},
    component: Readonly<Record<string, unknown>> = {},
    asked: readonly string[] = [],
  ): Promise<HostileServer> {
    const fake = await FakeServer.start();
    const router = prepareRouter({
      componentPort: fake.port,
      domain,
      secret: 's3cret',
      pools: {
        jobs: { workers: ['worker@localhost', '*@flock.example'] },
        closed: { workers: ['worker@localhost'], senders: ['friend@localhost'] },
      },
      config: {
        component: {
          service: `xmpp://127.0.0.1:${fake.port}`,
          domain,
          secret: 's3cret',
          reconnect: { min: '10ms', max: '100ms' },
          ...component,
        },
        ...config,
      },
    });
    const server = new HostileServer(fake, router);
    for (const jid of asked) server.#known.add(jid);
    await Promise.all([router.start(), server.attach()]);
    return server;
  }

  get connection(): FakeServerConnection {
    assert(this.#connection !== undefined, 'attached');
    return this.#connection;
  }

  /** Lets the router's next connection attach, and reads all that it writes from then on. */
  async attach(): Promise<void> {
    let connection = await this.fake.accept();
    // On a busy machine the router may have given an attempt up before we came to it.
    while (!(await this.#open(connection))) connection = await this.fake.accept();
    this.#connection = connection;
    this.#known.add(marker);
  }

  /** Opens the stream; false when the router has closed the connection before. */
  async #open(connection: FakeServerConnection): Promise<boolean> {
    void this.#read(connection);
    const came = (text: string) => until(() => connection.ended || connection.received.includes(text));
    await came('<stream:stream');
    connection.sendHeader();
    await came('</handshake>');
    connection.send('<handshake/>');
    return !connection.ended;
  }

  /** Waits until the router has closed the connection at hand, attached again and is ready. */
  async reattached(): Promise<void> {
    const before = this.connection;
    await this.attach();
    await before.end();
    before.destroy();
    await until(async () => (await this.router.get('/readyz')).status === 200);
    await this.reaction();
  }

  /** Cuts the connection, and waits until the router has noticed. */
  async lose(): Promise<void> {
    const lines = this.router.log.length;
    this.connection.reset();
    await until(() => this.router.log.slice(lines).some((line) => line['problem'] === 'closed'));
  }

  send(data: string | Uint8Array): void {
    this.#note(data);
    this.connection.send(data);
  }

  /**
   * Sends and waits until the router has taken it all in, which shows by its answer to a ping
   * sent right behind. Without data: what was written since there were some, and the outcomes
   * since the last call.
   */
  async reaction(data: string | Uint8Array | readonly (string | Uint8Array)[] = ''): Promise<Reaction> {
    const before = this.#outcomes;
    if (data !== '') this.#written.length = 0;
    const parts: readonly (string | Uint8Array)[] =
      typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
    for (const part of parts) this.#note(part);
    this.#note(typeof data === 'string' ? data : parts.map((part) => Buffer.from(part).toString()).join(''));
    if (parts.length === 1) this.connection.send(parts[0] ?? '');
    else await this.connection.sendChunks(parts);
    await this.marker();
    const written = this.#written.filter(({ element }) => element.attrs['to'] !== marker);
    await this.assertSound();
    const outcomes = rise(before, this.#outcomes);
    // The answer to the ping is not part of it.
    outcomes['answered'] = (outcomes['answered'] ?? 0) - 1;
    if (outcomes['answered'] === 0) delete outcomes['answered'];
    return { written: written.map(({ element }) => element), texts: written.map(({ text }) => text), outcomes };
  }

  /** The outcomes since the last `reaction`, of what was sent since. */
  async counted(): Promise<Record<string, number>> {
    const { body } = await this.router.get('/metrics');
    return rise(this.#outcomes, outcomesIn(body));
  }

  /** Sends a ping as a client would and waits for its answer, which comes after all that was sent before. */
  async marker(): Promise<void> {
    this.#markers += 1;
    const id = `marker-${this.#markers}`;
    this.connection.send(
      `<iq type='get' from='${marker}' to='${domain}' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    await until(() => this.#written.some(({ element }) => element.attrs['id'] === id));
  }

  /** Joins a worker, so that there is somebody to forward to. */
  async join(jid = worker): Promise<void> {
    await this.reaction(`<presence from='${jid}' to='${jobs}'/>`);
    // Its answer to the router's ping came behind the marker.
    await this.reaction();
  }

  /** Stanzas that the router has written since the last `reaction` began. */
  get written(): readonly Element[] {
    return this.#written.map(({ element }) => element);
  }

  /** No rule was broken by what was written, the process lives, and each stanza had one outcome. */
  async assertSound(): Promise<void> {
    const [fault] = this.#faults;
    if (fault !== undefined) throw fault;
    const { body } = await this.router.get('/metrics');
    assert.match(body, /^switchyard_stanza_balance 0$/m);
    this.#outcomes = outcomesIn(body);
    const faults = ['dropped/fault', 'bounced/internal'].filter((key) => key in this.#outcomes);
    assert.deepEqual(faults, []);
    const crash = this.router.log.find((line) => line['level'] === 'fatal' || line['event'] === 'fault');
    assert.equal(crash, undefined);
  }

  async stop(): Promise<void> {
    await this.router.remove();
    await this.fake.stop();
  }

  /** Who writes may be answered: what the checker goes by. */
  #note(data: string | Uint8Array): void {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
    for (const [, single, double] of text.matchAll(/ from\s*=\s*(?:'([^']*)'|"([^"]*)")/g)) {
      const raw = single ?? double ?? '';
      this.#known.add(raw);
      // Words about a subscription go to the account (RFC 6121 3.1.2).
      this.#known.add(raw.replace(/\/.*/, ''));
      if (!raw.includes('&')) continue;
      try {
        this.#known.add(parse(`<a b="${raw.replaceAll('"', '&quot;')}"/>`).attrs['b'] ?? raw);
      } catch {
        // An entity that there is not: nobody can be answered.
      }
    }
  }

  async #read(connection: FakeServerConnection): Promise<void> {
    const checker = new OutputChecker(domain, this.#known, this.#answered);
    let closed = false;
    void connection.closed.then(() => {
      closed = true;
    });
    for (;;) {
      // It fails when nothing came for a while.
      const text = await connection.expect((arrived) => arrived !== '').catch(() => '');
      try {
        for (const written of checker.feed(text)) this.#take(connection, written);
      } catch (error) {
        this.#faults.push(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (closed || connection.ended) return;
    }
  }

  /** Routes the router's pings: to itself as a server would, to members as they would answer. */
  #take(connection: FakeServerConnection, written: Written): void {
    const { from = '', to = '', id = '', type } = written.element.attrs;
    const [asked] = written.element.getChildElements();
    // What the router asks for itself; what it passes on is the test's to answer.
    const own = asked?.is('ping', 'urn:xmpp:ping') === true || asked?.is('query', discoInfo) === true;
    const ping = written.element.name === 'iq' && type === 'get' && own;
    if (ping && to === domain) {
      connection.send(written.text);
      return;
    }
    this.#written.push(written);
    if (ping && this.answersPings) connection.send(`<iq type='result' from='${to}' to='${from}' id='${id}'/>`);
  }
}

/** The outcome table, pools summed; without our own pings come back, whose time nobody knows. */
function outcomesIn(metrics: string): Record<string, number> {
  const table: Record<string, number> = {};
  const row = /^switchyard_stanza_outcomes_total\{outcome="(.*?)",reason="(.*?)",pool="(.*?)"\} (\d+)$/gm;
  for (const [, outcome = '', reason, pool, count] of metrics.matchAll(row)) {
    if (outcome === 'consumed' && pool === '') continue;
    const key = reason === '' ? outcome : `${outcome}/${reason}`;
    table[key] = (table[key] ?? 0) + Number(count);
  }
  return table;
}

/** What rose, and by how much. */
function rise(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const more = Object.entries(after).map(([key, count]): [string, number] => [key, count - (before[key] ?? 0)]);
  return Object.fromEntries(more.filter(([, count]) => count !== 0));
}

/** Waits for what the router does in its own time. */
export async function until(holds: () => boolean | Promise<boolean>, limit = 30_000): Promise<void> {
  const deadline = Date.now() + limit;
  while (!(await holds())) {
    assert(Date.now() < deadline, `it did not come true: ${holds.toString()}`);
    await sleep(5);
  }
}

/** `type condition` of an error, else the type, of what was written. */
export function summary(element: Element): string {
  const error = element.getChildElements().find((child) => child.getName() === 'error');
  const condition = error?.getChildElements().find((child) => child.getName() !== 'text');
  const type = element.attrs['type'] ?? '';
  return `${element.name} ${condition === undefined ? type : `${type} ${condition.getName()}`}`.trim();
}
