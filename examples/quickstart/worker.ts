import { setTimeout as sleep } from 'node:timers/promises';
import { xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../../test/support/clients/xmpp-client.ts';

const forever = 2 ** 31 - 1;

/** What a worker does with a message before it answers, in milliseconds. */
const workTime = 300;

export interface WorkerPlan {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Resource of the worker: its name in the pool. */
  readonly name: string;
  readonly pool: string;
  /** Called with each message that arrives, before it is worked on. */
  readonly arrived: (worker: Worker, id: string, body: string) => void;
}

/** An XMPP client that joins a pool by its presence and answers what it gets. */
export class Worker {
  readonly name: string;
  /** Ids of the messages that arrived and of those in hand, not yet answered. */
  readonly received: string[] = [];
  readonly inHand = new Set<string>();
  priority = 0;
  killed = false;
  /** Called when a message has arrived, before any work on it. */
  onArrival: (() => void) | undefined;
  /** The address that the last message came from. */
  lastFrom: string | undefined;
  readonly #plan: WorkerPlan;
  readonly #client: TestClient;
  #requests = 0;

  private constructor(plan: WorkerPlan, client: TestClient) {
    this.name = plan.name;
    this.#plan = plan;
    this.#client = client;
  }

  static async connect(plan: WorkerPlan): Promise<Worker> {
    const { port, user, password, name } = plan;
    // Silent: it answers pings itself, and nothing else.
    const client = await connectClient({ port, user, password, resource: name, silent: true });
    const worker = new Worker(plan, client);
    void worker.#listen();
    return worker;
  }

  /** The presence by which it joins, or tells the pool its new priority; returned as it was sent. */
  async join(priority: number): Promise<string> {
    this.priority = priority;
    const stanza = xml('presence', { to: this.#plan.pool }, xml('priority', {}, String(priority)));
    await this.#client.send(stanza);
    return stanza.toString();
  }

  /** XEP-0354: sets how the pool chooses. Returns the request as sent, and the type of its answer. */
  async setAlgorithm(algorithm: string): Promise<{ readonly request: string; readonly answer: string }> {
    this.#requests += 1;
    const id = `set-${this.#requests}`;
    const request = xml(
      'iq',
      { type: 'set', to: this.#plan.pool, id },
      xml('cmr', { xmlns: 'urn:xmpp:cmr:0', algorithm }),
    );
    const answer = await this.#client.request(request);
    return { request: request.toString(), answer: answer.attrs['type'] ?? '' };
  }

  forget(): void {
    this.received.length = 0;
    this.inHand.clear();
  }

  /** Cuts the socket, as a crash of the worker would. */
  kill(): void {
    this.killed = true;
    this.#client.kill();
  }

  async end(): Promise<void> {
    this.killed = true;
    await this.#client.end();
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const stanza = await this.#client.waitFor((s) => s.name !== 'iq' || s.attrs['type'] === 'get', 'work', forever);
        const { from, type, id } = stanza.attrs;
        if (stanza.name === 'iq') {
          const alive = stanza.getChild('ping', 'urn:xmpp:ping') !== undefined;
          await this.#client.send(xml('iq', { type: alive ? 'result' : 'error', to: from, id }));
        } else if (stanza.name === 'presence') {
          // A pool that shows itself may be a router that has restarted: say again that we are here.
          if (from === this.#plan.pool && type === undefined) await this.join(this.priority);
        } else if (type !== 'error' && id !== undefined) {
          this.lastFrom = from;
          void this.#work(from, id, stanza.getChildText('body') ?? '', stanza.getChildText('thread') ?? '');
        }
      }
    } catch {
      // The stream has ended: killed, or the demo is over.
    }
  }

  /** The answer goes to the address that the message came from: the sender, seen through the pool. */
  async #work(from: string | undefined, id: string, body: string, thread: string): Promise<void> {
    this.received.push(id);
    this.inHand.add(id);
    this.#plan.arrived(this, id, body);
    this.onArrival?.();
    await sleep(workTime);
    if (this.killed) return;
    this.inHand.delete(id);
    const echo = thread === '' ? undefined : xml('thread', {}, thread);
    const answer = xml('message', { to: from, type: 'chat' }, xml('body', {}, `done: ${body}`), echo);
    await this.#client.send(answer).catch(() => undefined);
  }
}
