import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../support/clients/xmpp-client.ts';
import type { RouterProcess } from '../support/router/router-process.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';

/** Milliseconds between two bursts of the load, and messages of a burst: 300 a second. */
const burstEvery = 20;
const burst = 6;
/** Messages by which it is seen that nothing is broken: enough for each worker to have its share. */
const calm = 20 * burst;

/** What became of the messages of one phase. */
export interface Tally {
  readonly sent: number;
  readonly received: number;
  /** Errors that came back to the sender for messages that no worker had. */
  readonly refused: number;
  readonly lost: number;
  /** Messages that two workers, or one twice, had. */
  readonly duplicates: readonly string[];
  /** Messages that a worker had and an error came back for. */
  readonly both: number;
}

/** A sender under load and its workers, on a real server, with a ledger of every message. */
export class Traffic {
  readonly #server: XmppServer;
  readonly #router: RouterProcess;
  readonly #pool: string;
  readonly #resources: readonly string[];
  readonly #workers = new Map<string, TestClient>();
  readonly #everyWorker: TestClient[] = [];
  readonly #everySender: TestClient[] = [];
  #sender: TestClient | undefined;
  #sent: string[] = [];
  #count = 0;
  #loading: Promise<void> | undefined;
  #stop = false;

  constructor(server: XmppServer, router: RouterProcess, pool: string, resources: readonly string[]) {
    this.#server = server;
    this.#router = router;
    this.#pool = pool;
    this.#resources = resources;
  }

  /** Logs everybody in; the workers join. */
  async connect(): Promise<void> {
    const sender = await connectClient({ port: this.#server.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
    this.#everySender.push(sender);
    this.#sender = sender;
    for (const resource of this.#resources) await this.join(resource);
  }

  /** Logs a worker in and waits until the pool has it. */
  async join(resource: string): Promise<void> {
    const client = await connectClient({ port: this.#server.c2sPort, user: 'worker', password: 'pw', resource });
    this.#workers.set(resource, client);
    this.#everyWorker.push(client);
    await client.send(`<presence to='${this.#pool}'/>`);
    await client.waitFor((s) => s.name === 'presence' && s.attrs['from'] === this.#pool, 'the pool’s presence');
  }

  /** Cuts a worker's socket, and waits until the pool knows. */
  async kill(resource: string): Promise<void> {
    const members = await this.members();
    this.#workers.get(resource)?.kill();
    this.#workers.delete(resource);
    while ((await this.members()) >= members) await sleep(5);
  }

  members(): Promise<number> {
    return this.#router.metric('switchyard_pool_members', { pool: 'jobs' });
  }

  /** Sends at a steady rate until `endLoad`, or until the server is away. */
  beginLoad(): void {
    this.#stop = false;
    this.#loading = this.#load();
  }

  async endLoad(): Promise<void> {
    this.#stop = true;
    await this.#loading;
  }

  /** Sends so many at once, faster than anybody reads, and waits for nothing. */
  flood(count: number): void {
    const sender = this.#sender;
    for (let n = 0; n < count; n += 1) void sender?.send(this.#next()).catch(() => undefined);
  }

  /** Waits until everything sent has gone its way, and says what became of it. */
  async tally(): Promise<Tally> {
    await this.#settle();
    const had = new Map<string, number>();
    for (const id of this.#everyWorker.flatMap((client) => idsOf(client.received, isWork))) {
      had.set(id, (had.get(id) ?? 0) + 1);
    }
    const errors = new Set(this.#everySender.flatMap((client) => idsOf(client.received, isError)));
    const sent = this.#sent;
    this.#sent = [];
    const received = sent.filter((id) => had.has(id));
    const refused = sent.filter((id) => errors.has(id) && !had.has(id));
    return {
      sent: sent.length,
      received: received.length,
      refused: refused.length,
      lost: sent.length - received.length - refused.length,
      duplicates: sent.filter((id) => (had.get(id) ?? 0) > 1),
      both: received.filter((id) => errors.has(id)).length,
    };
  }

  /** With nothing broken every message arrives, once, and the workers share evenly. */
  async assertCalm(): Promise<void> {
    const before = await this.#router.metric('switchyard_stanza_outcomes_total', { outcome: 'forwarded' });
    const served = new Map([...this.#workers].map(([resource, { received }]) => [resource, received.length]));
    this.#stop = false;
    await this.#load(calm);
    const tally = await this.tally();
    equal(tally.sent, calm);
    deepEqual(tally, { sent: tally.sent, received: tally.sent, refused: 0, lost: 0, duplicates: [], both: 0 });
    equal(await this.#router.metric('switchyard_stanza_outcomes_total', { outcome: 'forwarded' }), before + tally.sent);
    for (const [resource, { received }] of this.#workers) {
      ok(received.length - (served.get(resource) ?? 0) > tally.sent / 8, `${resource} had next to nothing`);
    }
  }

  /** @param most Messages in all that are not tallied yet. */
  async #load(most = Number.POSITIVE_INFINITY): Promise<void> {
    while (!this.#stop && this.#sent.length < most) {
      for (let n = 0; n < burst; n += 1) {
        try {
          await this.#sender?.send(this.#next());
        } catch {
          // The server is away, and so is the sender.
          return;
        }
      }
      await sleep(burstEvery);
    }
  }

  /** The next message; whoever asks for it sends it. */
  #next(): string {
    this.#count += 1;
    const id = `m${this.#count}`;
    this.#sent.push(id);
    return `<message to='${this.#pool}' type='chat' id='${id}'><body>${id}</body></message>`;
  }

  /** What was sent before a request is on its way once that is answered: first the router's, then each worker's server's. */
  async #settle(): Promise<void> {
    await this.#ask(this.#sender, this.#pool);
    for (const worker of this.#workers.values()) await this.#ask(worker, 'localhost');
    await this.#ask(this.#sender, 'localhost');
  }

  async #ask(client: TestClient | undefined, to: string): Promise<void> {
    this.#count += 1;
    const id = `ask${this.#count}`;
    await client?.send(`<iq type='get' to='${to}' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await client?.waitFor(({ name, attrs }) => name === 'iq' && attrs['id'] === id, `the answer of ${to}`);
  }
}

function isWork({ name, attrs }: Element): boolean {
  return name === 'message' && attrs['type'] !== 'error';
}

function isError({ name, attrs }: Element): boolean {
  return name === 'message' && attrs['type'] === 'error';
}

function idsOf(stanzas: readonly Element[], fits: (stanza: Element) => boolean): string[] {
  return stanzas.filter(fits).map(({ attrs }) => attrs['id'] ?? '');
}
