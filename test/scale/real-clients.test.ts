import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient, type TestClient } from '../support/clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const accounts = Array.from({ length: 50 }, (_, index) => `worker${index}`);
const sessionsEach = 10;
const messagesEach = 4;
/** Clients that log in side by side. */
const batch = 25;

/** Clients of @xmpp/client, each with a connection of its own, on one ejabberd. */
describe(`${accounts.length * sessionsEach} real clients on ejabberd`, function () {
  this.timeout(240_000);
  let server: XmppServer;
  let router: RouterProcess;
  let sender: TestClient;
  const workers: TestClient[] = [];

  before(async function () {
    const reason = ejabberdMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startEjabberd({
      accounts: Object.fromEntries(['sensor', ...accounts].map((name) => [name, 'pw'])),
      components: { [domain]: 's3cret' },
    });
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['*@localhost'], senders: ['sensor@localhost'] } },
      config: { log: { level: 'info', format: 'json' } },
    });
    await router.start();
    const login = (user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource });
    sender = await login('sensor', 'r');
    const sessions = accounts.flatMap((user) =>
      Array.from({ length: sessionsEach }, (_, index) => ({ user, resource: `r${index}` })),
    );
    for (let at = 0; at < sessions.length; at += batch) {
      const some = sessions.slice(at, at + batch);
      workers.push(...(await Promise.all(some.map(({ user, resource }) => login(user, resource)))));
    }
  });

  after(async () => {
    for (const client of [sender, ...workers]) client?.kill();
    await router?.remove();
    await server?.remove();
  });

  const members = (): Promise<number> => router.metric('switchyard_pool_members');

  /** Sends so many messages for each of `some`, whose replies tell where they went. */
  async function work(name: string, some: readonly TestClient[]): Promise<void> {
    const counts = new Map(some.map(({ jid }) => [jid, 0]));
    const total = messagesEach * some.length;
    const answering = some.map(async (worker) => {
      for (let n = 0; n < messagesEach; n += 1) {
        const { attrs } = await worker.waitFor((s) => s.getChild('body') !== undefined, 'work', 30_000);
        counts.set(worker.jid, (counts.get(worker.jid) ?? 0) + 1);
        await worker.send(
          `<message to='${attrs['from']}' type='chat' id='re-${attrs['id']}'><body>done</body></message>`,
        );
      }
    });
    for (let n = 0; n < total; n += 1) {
      await sender.send(`<message to='${jobs}' type='chat' id='${name}${n}'><body>work</body></message>`);
    }
    await Promise.all(answering);
    const replies = new Set<string>();
    while (replies.size < total) {
      const { attrs } = await sender.waitFor(
        (s) => s.attrs['id']?.startsWith(`re-${name}`) === true,
        'replies',
        30_000,
      );
      replies.add(attrs['id'] ?? '');
    }
    deepEqual(new Set(counts.values()), new Set([messagesEach]));
  }

  it('join one pool', async () => {
    await Promise.all(
      workers.map(async (worker) => {
        await worker.send(`<presence to='${jobs}'/>`);
        await worker.waitFor(({ attrs }) => attrs['from'] === jobs, 'the presence of the pool', 30_000);
      }),
    );
    equal(await members(), workers.length);
  });

  it('get equal shares, and every reply reaches the sender', async () => {
    await work('m', workers);
  });

  it('share among the rest what is sent once half of them are dead', async () => {
    const dead = workers.filter((_, index) => index % 2 === 0);
    const alive = workers.filter((_, index) => index % 2 === 1);
    for (const worker of dead) worker.kill();
    while ((await members()) > alive.length) await sleep(50);
    await work('k', alive);
    equal(sender.received.length, 0);
  });

  it('leave no stanza unaccounted for', async () => {
    equal(await router.balance(), 0);
  });
});
