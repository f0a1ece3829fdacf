import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const patience = 60_000;

/** Where the parts are: the front and its sender at one server, the pools behind it and their workers at the same or another. */
export interface SpreadPlace {
  readonly near: XmppServer;
  readonly far: XmppServer;
  readonly front: string;
  /** Domains of the two that it spreads over. */
  readonly behind: readonly [string, string];
  remove(): Promise<void>;
}

/** Secret by domain, for the servers of a place. */
export function components(...domains: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(domains.map((domain) => [domain, 's3cret']));
}

/** Three routers, a sender, and a worker at each of the pools behind the front. */
class Spread {
  readonly place: SpreadPlace;
  readonly front: RouterProcess;
  readonly behind: readonly RouterProcess[];
  readonly sender: TestClient;
  readonly workers: readonly TestClient[];

  private constructor(
    place: SpreadPlace,
    front: RouterProcess,
    behind: readonly RouterProcess[],
    clients: readonly [TestClient, ...TestClient[]],
  ) {
    this.place = place;
    this.front = front;
    this.behind = behind;
    [this.sender] = clients;
    this.workers = clients.slice(1);
  }

  static async start(place: SpreadPlace): Promise<Spread> {
    const { near, far, front: domain, behind: domains } = place;
    const workers = [`worker@${far.domain}`];
    const senders = [`*@${domain}`];
    const durable = { guarantee: 'at-least-once', ackTimeout: '2s', queue: { perSender: '100%' } };
    const behind = domains.map((own) =>
      prepareRouter({
        componentPort: portOf(far, own),
        domain: own,
        secret: 's3cret',
        pools: {
          jobs: { workers, senders, delivery: { ...durable, ack: 'receipt' } },
          chats: { workers, senders },
        },
      }),
    );
    const over = (name: string): Readonly<Record<string, unknown>> => ({
      workers: [],
      members: domains.map((own) => ({ jid: `${name}@${own}` })),
      senders: [`*@${near.domain}`],
    });
    const front = prepareRouter({
      componentPort: portOf(near, domain),
      domain,
      secret: 's3cret',
      pools: { jobs: { ...over('jobs'), delivery: { ...durable, maxAttempts: 50 } }, chats: over('chats') },
    });
    await Promise.all(behind.map((router) => router.start()));
    await front.start();
    const login = (server: XmppServer, user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, domain: server.domain, user, password: 'pw', resource });
    const clients = await Promise.all([
      login(near, 'sensor', 'r'),
      login(far, 'worker', 'one'),
      login(far, 'worker', 'two'),
    ]);
    const made = new Spread(place, front, behind, clients);
    await Promise.all(
      made.workers.map(async (worker, at) => {
        for (const pool of [`jobs@${domains[at]}`, `chats@${domains[at]}`]) {
          await worker.send(`<presence to='${pool}'/>`);
          await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, `the presence of ${pool}`);
        }
      }),
    );
    for (const own of domains) await made.shown(`jobs@${own}`);
    for (const own of domains) await made.shown(`chats@${own}`);
    // Until it is known what a pool can do, it is trusted with no durable message.
    const known = (): number =>
      front.log.filter(({ event, pool }) => event === 'member-features' && pool === 'jobs').length;
    await until(() => known() === domains.length, 'what the members can do is known');
    return made;
  }

  /** Until the front has seen that this member has workers. */
  async shown(member: string): Promise<void> {
    await until(
      () =>
        this.front.log.some(({ event, detail }) => {
          const told = typeof detail === 'object' && detail !== null ? { ...detail } : {};
          return event === 'static-member' && 'standing' in told && 'member' in told
            ? told.standing === 'available' && told.member === member
            : false;
        }),
      `${member} is available`,
    );
  }

  async remove(): Promise<void> {
    await Promise.all([this.sender, ...this.workers].map((client) => client.end().catch(() => undefined)));
    await Promise.all([this.front, ...this.behind].map((router) => router.remove()));
    await this.place.remove();
  }
}

function portOf({ componentPorts, componentPort }: XmppServer, domain: string): number {
  return componentPorts?.[domain] ?? componentPort;
}

/** Takes what comes to a worker, and gives a receipt for each; says which came, as often as they did. */
class Labour {
  readonly got: string[] = [];
  #over = false;
  readonly #worker: TestClient;

  constructor(worker: TestClient) {
    this.#worker = worker;
    void this.#work();
  }

  end(): void {
    this.#over = true;
  }

  async #work(): Promise<void> {
    while (!this.#over) {
      const isWork = (s: Element): boolean => s.getChildText('body') !== null && s.attrs['type'] !== 'error';
      const message = await this.#worker.waitFor(isWork, 'work', 500).catch(() => undefined);
      if (message === undefined) continue;
      const { from, id } = message.attrs;
      this.got.push(message.getChildText('body') ?? '');
      await this.#worker
        .send(`<message to='${from}' id='r-${id}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`)
        .catch(() => undefined);
    }
  }
}

/** One name over pools of two other domains, with real servers between them. */
export function describeSpread(
  title: string,
  missing: () => string | undefined,
  start: () => Promise<SpreadPlace>,
): void {
  describe(title, function () {
    this.timeout(180_000);
    let spread: Spread;
    let labour: readonly Labour[] = [];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      spread = await Spread.start(await start());
    });

    after(async () => {
      for (const each of labour) each.end();
      await spread?.remove();
    });

    it('answers a sender from the member, and brings what he says to it to the same worker', async () => {
      const { sender, workers, place } = spread;
      const pool = `chats@${place.front}`;
      await sender.send(`<message to='${pool}' type='chat' id='c1'><body>hello</body></message>`);
      const { worker, got } = await Promise.any(
        workers.map(async (each) => ({
          worker: each,
          got: await each.waitFor((s) => s.attrs['id'] === 'c1', 'c1', patience),
        })),
      );
      ok(got.attrs['from']?.endsWith(`/${pool}/${sender.jid}`), got.attrs['from']);
      await worker.send(`<message to='${got.attrs['from']}' type='chat' id='c2'><body>yes</body></message>`);
      const answer = await sender.waitFor((s) => s.attrs['id'] === 'c2', 'the answer', patience);
      match(answer.attrs['from'] ?? '', /^chats@[a-z.]+\/~p[12]$/);
      for (const id of ['c3', 'c4', 'c5']) {
        await sender.send(`<message to='${answer.attrs['from']}' type='chat' id='${id}'><body>more</body></message>`);
        await worker.waitFor((s) => s.attrs['id'] === id, id, patience);
      }
    });

    it('loses nothing that it accepted when one of them is killed; the others go on, and little is done twice', async () => {
      const { sender, workers, place, behind, front } = spread;
      labour = workers.map((worker) => new Labour(worker));
      const [first, second] = labour;
      const [killed] = behind;
      ok(first !== undefined && second !== undefined && killed !== undefined);
      const receipts = new Set<string>();
      const sent: string[] = [];
      const send = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1) {
          const id = `m${sent.length}`;
          sent.push(id);
          const inner = `<body>${id}</body><request xmlns='urn:xmpp:receipts'/>`;
          await sender.send(`<message to='jobs@${place.front}' type='chat' id='${id}'>${inner}</message>`);
        }
      };
      const collect = (): void => {
        for (const stanza of sender.received.filter((s) => s.getChild('received') !== undefined)) {
          receipts.add(stanza.getChild('received')?.attrs['id'] ?? '');
        }
      };
      await send(100);
      await until(() => first.got.length >= 20, 'work at the first');
      // In the midst of it, with more on its way.
      await send(100);
      collect();
      const inFlight = sent.length - receipts.size;
      await killed.kill9();
      const before = second.got.length;
      await send(100);
      await until(() => second.got.length >= before + 50, 'the other goes on alone');
      await killed.start();
      const sofar = first.got.length;
      for (let n = 0; n < 200 && first.got.length < sofar + 5; n += 1) {
        await send(2);
        await sleep(50);
      }
      ok(first.got.length >= sofar + 5, 'the one that was killed works again');
      const got = (): readonly string[] => [...first.got, ...second.got];
      await until(() => new Set(got()).size === sent.length, 'every message at a worker');
      for (const router of [front, ...behind]) {
        await until(
          async () => (await router.metric('switchyard_pool_queue_messages', { pool: 'jobs' })) === 0,
          'no queue',
        );
      }
      deepEqual(new Set(got()), new Set(sent));
      const twice = got().length - sent.length;
      ok(twice <= inFlight + 50, `${twice} done twice, ${inFlight} in flight`);
      // What was done as it was killed is done, though its receipt had not left yet.
      await until(() => {
        collect();
        return receipts.size >= sent.length - inFlight;
      }, 'receipts');
      const errors = sender.received.filter(({ attrs }) => attrs['type'] === 'error');
      deepEqual(errors.map(String), []);
      equal(await front.balance(), 0);
      for (const router of behind) equal(await router.balance(), 0);
    });
  });
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`it did not come true: ${what}`);
    await sleep(20);
  }
}
