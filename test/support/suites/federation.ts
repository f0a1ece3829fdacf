import { deepEqual, equal, match } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import { opensslMissing } from '../servers/s2s.ts';
import { type Side, TwoServers } from '../servers/two-servers.ts';
import type { XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const far = 'far.example';
const near = 'near.example';
const domain = `pools.${near}`;
const jobs = `jobs@${domain}`;
const accounts = { sensor: 'pw', worker: 'pw' };
const unreachable = /<error.*<remote-server-(timeout|not-found)/;

/** What a pool has in such a pair of servers: the one that it is at, and the one that is far from it. */
export interface Pair {
  readonly near: Pick<Side, 'start' | 'user'>;
  readonly far: Pick<Side, 'start' | 'user'>;
}

/** A router at the near server, and a sender and workers at each. */
class Federation {
  readonly servers: TwoServers;
  readonly router: RouterProcess;
  readonly nearSender: TestClient;
  readonly nearWorker: TestClient;
  farSender: TestClient;
  farWorker: TestClient;
  readonly otherFarWorker: TestClient;

  private constructor(servers: TwoServers, router: RouterProcess, clients: readonly TestClient[]) {
    const [nearSender, farSender, nearWorker, farWorker, otherFarWorker] = clients;
    if (!nearSender || !farSender || !nearWorker || !farWorker || !otherFarWorker) throw new Error('five clients');
    this.servers = servers;
    this.router = router;
    this.nearSender = nearSender;
    this.farSender = farSender;
    this.nearWorker = nearWorker;
    this.farWorker = farWorker;
    this.otherFarWorker = otherFarWorker;
  }

  static async start(pair: Pair): Promise<Federation> {
    const servers = await TwoServers.start(
      { ...pair.near, domain: near, accounts, components: { [domain]: 's3cret' } },
      { ...pair.far, domain: far, accounts },
    );
    const router = prepareRouter({
      componentPort: servers.near.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: [`worker@${far}`, `worker@${near}`], senders: [`*@${far}`, `*@${near}`] } },
    });
    await router.start();
    const clients = await Promise.all([
      login(servers.near, 'sensor', 'r'),
      login(servers.far, 'sensor', 'r'),
      login(servers.near, 'worker', 'near'),
      login(servers.far, 'worker', 'far'),
      login(servers.far, 'worker', 'other'),
    ]);
    return new Federation(servers, router, clients);
  }

  async remove(): Promise<void> {
    await this.router.remove();
    await this.servers.remove();
  }

  members(state: string): Promise<number> {
    return this.router.metric('switchyard_pool_members', { state });
  }

  /** Until so many are members and all of them get work. */
  async verified(count: number): Promise<void> {
    const all = (): Promise<number> => this.router.metric('switchyard_pool_members');
    await until(async () => (await this.members('verified')) === count && (await all()) === count);
  }

  /** Until the pool's server knows that the other is gone: a worker's answer to a sender there comes back. */
  async lost(): Promise<void> {
    match(String(await returned(this.nearWorker, `${jobs}/${this.farSender.jid}`)), unreachable);
  }
}

/**
 * A pool whose senders and workers are at two servers of different make, and what becomes of them
 * when the servers lose each other, and when the one that is not the pool's dies. Each test is
 * done with all pairs at once: they spend their time waiting for the router's next try.
 */
export function describeFederation(title: string, missing: () => string | undefined, pairs: readonly Pair[]): void {
  describe(title, function () {
    this.timeout(180_000);
    // Each test goes on from where the one before it ended.
    this.bail(true);
    let federations: readonly Federation[] = [];

    before(async function () {
      const reason = missing() ?? opensslMissing();
      if (reason !== undefined) skip(this, reason);
      federations = await Promise.all(pairs.map((pair) => Federation.start(pair)));
    });

    after(async () => {
      await Promise.all(federations.map((federation) => federation.remove()));
    });

    function both(text: string, proves: (federation: Federation) => Promise<void>): void {
      it(text, async () => {
        await Promise.all(
          federations.map((federation) =>
            proves(federation).catch((error: unknown) => {
              throw new Error(`with the pool at ${federation.servers.near.name}: ${String(error)}`, { cause: error });
            }),
          ),
        );
      });
    }

    both('brings messages both ways: to a worker at either server, from a sender at the other', exchangesBothWays);
    both('gives the work of workers that are cut off to the others, and no sender gets an error', cutsOff);
    both('tells senders at either server what is wrong, each from its own side', tellsSenders);
    both('has them back when the servers reach each other, though they did nothing', hasThemBack);
    both('loses nothing that it is given after the far server died', outlivesTheFar);
    both('has the worker back that comes back, and forgets the other', hasOneBack);
    both('ended every stanza in one outcome', async ({ router }) => equal(await router.balance(), 0));
  });
}

async function exchangesBothWays(federation: Federation): Promise<void> {
  const { nearSender, farSender, nearWorker, farWorker } = federation;
  await join(nearWorker);
  await exchange(farSender, nearWorker, 'there');
  await leave(nearWorker);
  await federation.verified(0);
  await join(farWorker);
  await exchange(nearSender, farWorker, 'back');
  await exchange(farSender, farWorker, 'both');
}

async function cutsOff(federation: Federation): Promise<void> {
  const { servers, router, nearSender, nearWorker, otherFarWorker } = federation;
  await Promise.all([join(nearWorker), join(otherFarWorker)]);
  await federation.verified(3);
  await servers.part();
  await federation.lost();
  await shared(nearSender, [nearWorker], 'cut', 6);
  equal(await federation.members('cut-off'), 2);
  equal(await federation.members('verified'), 1);
  const notices = (): readonly unknown[] =>
    router.log.filter(({ event }) => event === 'domain-unreachable').map(({ detail }) => detail);
  // Its log comes another way than its metrics.
  await until(() => Promise.resolve(notices().length > 0));
  deepEqual(notices(), [{ domain: far, members: 2 }]);
}

async function tellsSenders(federation: Federation): Promise<void> {
  const { nearSender, farSender, nearWorker } = federation;
  match(String(await returned(farSender, jobs)), unreachable);
  await leave(nearWorker);
  await until(async () => (await federation.members('verified')) === 0);
  await nearSender.send(message('nobody'));
  const error = await nearSender.waitFor(({ attrs }) => attrs['id'] === 'nobody', 'the error');
  match(String(error), /<recipient-unavailable/);
  equal(await federation.members('cut-off'), 2);
}

async function hasThemBack(federation: Federation): Promise<void> {
  const { servers, nearSender, farSender, nearWorker, farWorker, otherFarWorker } = federation;
  await servers.join();
  await federation.verified(2);
  await join(nearWorker);
  const all = [nearWorker, farWorker, otherFarWorker];
  await shared(nearSender, all, 'mended', 6);
  await shared(farSender, all, 'too', 6);
}

async function outlivesTheFar(federation: Federation): Promise<void> {
  await federation.servers.far.kill9();
  await federation.lost();
  await shared(federation.nearSender, [federation.nearWorker], 'dead', 6);
  equal(await federation.members('cut-off'), 2);
}

async function hasOneBack(federation: Federation): Promise<void> {
  const { far: server } = federation.servers;
  await server.start();
  federation.farWorker = await login(server, 'worker', 'far');
  federation.farSender = await login(server, 'sensor', 'r');
  const { nearSender, farSender, nearWorker, farWorker } = federation;
  await farWorker.send(`<presence to='${jobs}'/>`);
  // The other is gone for sure when its server has answered a ping in its place.
  await federation.verified(2);
  await shared(nearSender, [nearWorker, farWorker], 'alive', 4);
  await shared(farSender, [nearWorker, farWorker], 'again', 4);
}

function login(server: XmppServer, user: string, resource: string): Promise<TestClient> {
  return connectClient({ port: server.c2sPort, domain: server.domain, user, password: 'pw', resource });
}

async function join(worker: TestClient): Promise<void> {
  await worker.send(`<presence to='${jobs}'/>`);
  await worker.waitFor(({ name, attrs }) => name === 'presence' && attrs['from'] === jobs, 'the presence of the pool');
}

async function leave(worker: TestClient): Promise<void> {
  await worker.send(`<presence to='${jobs}' type='unavailable'/>`);
}

const message = (id: string): string =>
  `<message to='${jobs}' type='chat' id='${id}'><body>grüß 🐝 ${id}</body></message>`;

/** One message to the pool, which must come to this worker, and its reply back. */
async function exchange(sender: TestClient, worker: TestClient, id: string): Promise<void> {
  await sender.send(message(id));
  const got = await worker.waitFor(({ attrs }) => attrs['id'] === id, `${id} at the worker`);
  equal(got.getChildText('body'), `grüß 🐝 ${id}`);
  equal(got.attrs['from'], `${jobs}/${sender.jid}`);
  await worker.send(`<message to='${got.attrs['from']}' type='chat' id='re-${id}'><body>done</body></message>`);
  const reply = await sender.waitFor(({ attrs }) => attrs['id'] === `re-${id}`, `the reply to ${id}`);
  equal(reply.attrs['from'], `${jobs}/~${worker.jid.split('/')[1]}`);
}

/** As many messages at once: each worker gets the same number, each message comes once, and no error. */
async function shared(sender: TestClient, workers: readonly TestClient[], name: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`);
  const own = ({ attrs }: Element): boolean => attrs['id']?.startsWith(`${name}-`) === true;
  await sender.send(ids.map(message).join(''));
  const each = Array.from({ length: count / workers.length });
  const got = await Promise.all(
    workers.flatMap((worker) => each.map(() => worker.waitFor(own, `its share of ${name}`))),
  );
  deepEqual(new Set(got.map(({ attrs }) => attrs['id'])), new Set(ids));
  // In order with what came before: had there been an error or a copy, it would be here by now.
  deepEqual(
    [sender, ...workers].flatMap(({ received }) => received.filter(own)),
    [],
  );
}

/** Writes to this address until an error comes back: what is on its way as a link breaks is lost without a word. */
async function returned(client: TestClient, to: string): Promise<Element> {
  const found = ({ attrs }: Element): boolean => attrs['type'] === 'error';
  for (const deadline = Date.now() + 60_000; ; ) {
    await client.send(`<message to='${to}' type='chat' id='lost-${randomUUID()}'><body>x</body></message>`);
    const error = await client.waitFor(found, `an error from ${to}`, 2_000).catch((reason: unknown) => {
      if (Date.now() > deadline) throw reason;
    });
    if (error !== undefined) return error;
  }
}

/** Waits for what servers find out in their own time. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await sleep(20);
  }
}
