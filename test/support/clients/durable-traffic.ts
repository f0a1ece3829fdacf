import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, xml } from '@xmpp/client';
import { connectClient, type TestClient } from './xmpp-client.ts';

const ours = 'urn:x-switchyard:delivery:0';

/** A worker that acknowledges each message at once, and keeps count of what it got. */
export class CountingWorker {
  /** How often it got each message. */
  readonly got = new Map<string, number>();
  readonly #client: TestClient;
  readonly #pool: string;

  private constructor(client: TestClient, pool: string) {
    this.#client = client;
    this.#pool = pool;
  }

  static async start(port: number, user: string, resource: string, pool: string): Promise<CountingWorker> {
    const client = await connectClient({ port, user, password: 'pw', resource });
    const worker = new CountingWorker(client, pool);
    await client.send(`<presence to='${pool}'/>`);
    await client.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
    void worker.#work();
    return worker;
  }

  /** Leaves the pool; what it was given before it still acknowledges. */
  async leave(): Promise<void> {
    await this.#client.send(`<presence to='${this.#pool}' type='unavailable'/>`);
  }

  end(): Promise<void> {
    return this.#client.end();
  }

  async #work(): Promise<void> {
    try {
      for (;;) {
        const stanza = await this.#client.waitFor((s) => s.name === 'message', 'a message', 600_000);
        const token = stanza.getChild('delivery', ours)?.attrs['token'];
        const { id = '', from, type } = stanza.attrs;
        if (type === 'error' || token === undefined) continue;
        this.got.set(id, (this.got.get(id) ?? 0) + 1);
        await this.#client.send(xml('message', { to: from }, xml('ack', { xmlns: ours, token })));
      }
    } catch {
      // The client is closed: the test is over.
    }
  }
}

/** Sends messages to a durable pool, each once, and notes what became of it. */
export class DurableSender {
  readonly sent: string[] = [];
  /** What the pool said it keeps. */
  readonly queued = new Set<string>();
  /** What came back, by id, with the condition of its error. */
  readonly returned = new Map<string, string>();
  readonly #client: TestClient;
  readonly #pool: string;
  #going = true;
  #done: Promise<void> | undefined;

  private constructor(client: TestClient, pool: string) {
    this.#client = client;
    this.#pool = pool;
  }

  static async start(port: number, user: string, pool: string): Promise<DurableSender> {
    const client = await connectClient({ port, user, password: 'pw', resource: 'r' });
    const sender = new DurableSender(client, pool);
    void sender.#listen();
    return sender;
  }

  /** @param every Milliseconds between two messages. */
  begin(every: number): void {
    this.#going = true;
    this.#done = this.#send(every);
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#done;
  }

  async end(): Promise<void> {
    await this.stop();
    await this.#client.end();
  }

  async give(id: string): Promise<void> {
    this.sent.push(id);
    const words = xml('deliver', { xmlns: ours, queued: 'true' });
    await this.#client.send(xml('message', { to: this.#pool, type: 'chat', id }, xml('body', {}, id), words));
  }

  async #send(every: number): Promise<void> {
    while (this.#going) {
      await this.give(`d${this.sent.length}`);
      await sleep(every);
    }
  }

  async #listen(): Promise<void> {
    try {
      for (;;) this.#note(await this.#client.waitFor((s) => s.name === 'message', 'an answer', 600_000));
    } catch {
      // The client is closed: the test is over.
    }
  }

  #note(stanza: Element): void {
    const queued = stanza.getChild('queued', ours);
    if (queued !== undefined) this.queued.add(queued.attrs['id'] ?? '');
    if (stanza.attrs['type'] !== 'error') return;
    const condition = stanza.getChild('error')?.getChildElements()[0]?.name ?? 'none';
    this.returned.set(stanza.attrs['id'] ?? '', condition);
  }
}
