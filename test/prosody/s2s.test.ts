import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../support/clients/xmpp-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { giveTo, makeFolder } from '../support/servers/daemon.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { makeCertificate, opensslMissing, trust } from '../support/servers/s2s.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const far = 'far.example';
const near = 'near.example';
const domain = `pools.${near}`;
const jobs = `jobs@${domain}`;
/** A component that the near server has, but its certificate does not name. */
const unnamed = `unnamed.${near}`;

/** The sender's server and the pool's are two, on two addresses, and check each other's certificates. */
describe('a pool that is reached over server-to-server links', () => {
  let folder: string;
  let farServer: XmppServer;
  let nearServer: XmppServer;
  let router: RouterProcess;
  let sender: TestClient;
  let farWorker: TestClient;
  let nearWorker: TestClient;

  before(async function () {
    const reason = prosodyMissing() ?? opensslMissing();
    if (reason !== undefined) skip(this, reason);
    folder = makeFolder('s2s');
    const [farPort = 0, nearPort = 0] = await freePorts(2);
    const farCertificate = makeCertificate(folder, [far]);
    const nearCertificate = makeCertificate(folder, [near, domain]);
    const trusted = trust(folder, [farCertificate, nearCertificate]);
    giveTo('prosody', folder);
    const atFar = { address: '127.0.0.1', port: farPort };
    const atNear = { address: '127.0.0.2', port: nearPort };
    [farServer, nearServer] = await Promise.all([
      startProsody({
        domain: far,
        accounts: { sensor: 'pw', worker: 'pw' },
        federation: {
          ...farCertificate,
          ...atFar,
          trusted,
          peers: { [near]: atNear, [domain]: atNear, [unnamed]: atNear },
        },
      }),
      startProsody({
        domain: near,
        accounts: { worker: 'pw' },
        components: { [domain]: 's3cret', [unnamed]: 'other' },
        federation: { ...nearCertificate, ...atNear, trusted, peers: { [far]: atFar } },
      }),
    ]);
    router = prepareRouter({
      componentPort: nearServer.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: [`worker@${far}`, `worker@${near}`], senders: [`sensor@${far}`] } },
    });
    await router.start();
    const login = (server: XmppServer, user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, domain: server.domain, user, password: 'pw', resource });
    [sender, farWorker, nearWorker] = await Promise.all([
      login(farServer, 'sensor', 'r'),
      login(farServer, 'worker', 'far'),
      login(nearServer, 'worker', 'near'),
    ]);
  });

  after(async () => {
    await router?.remove();
    await Promise.all([farServer?.remove(), nearServer?.remove()]);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const fromPool = ({ name, attrs }: Element): boolean => name === 'presence' && attrs['from'] === jobs;

  /** One message from the far sender to the pool; gives the worker that has it. */
  async function work(id: string, worker: TestClient): Promise<void> {
    await sender.send(`<message to='${jobs}' type='chat' id='${id}'><body>grüß 🐝 ${id}</body></message>`);
    const got = await worker.waitFor(({ attrs }) => attrs['id'] === id, `${id} at the worker`);
    equal(got.getChildText('body'), `grüß 🐝 ${id}`);
    equal(got.attrs['from'], `${jobs}/${sender.jid}`);
    await worker.send(`<message to='${got.attrs['from']}' type='chat' id='re-${id}'><body>done</body></message>`);
    const reply = await sender.waitFor(({ attrs }) => attrs['id'] === `re-${id}`, `the reply to ${id}`);
    equal(reply.attrs['from'], `${jobs}/~${worker.jid.split('/')[1]}`);
  }

  it('brings a message to a worker beside the pool, and the reply back', async () => {
    await nearWorker.send(`<presence to='${jobs}'/>`);
    await nearWorker.waitFor(fromPool, 'the presence of the pool');
    await work('m1', nearWorker);
  });

  it('takes a worker of the other server, and shares the work', async () => {
    await farWorker.send(`<presence to='${jobs}'/>`);
    await farWorker.waitFor(fromPool, 'the presence of the pool');
    equal(await router.metric('switchyard_pool_members'), 2);
    await sender.send(`<message to='${jobs}' type='chat' id='a1'><body>x</body></message>`);
    await sender.send(`<message to='${jobs}' type='chat' id='a2'><body>x</body></message>`);
    const ids = await Promise.all(
      [nearWorker, farWorker].map(async (worker) => {
        const { attrs } = await worker.waitFor(({ name }) => name === 'message', 'its share');
        return attrs['id'];
      }),
    );
    deepEqual(new Set(ids), new Set(['a1', 'a2']));
  });

  it('finds the far worker again after a restart of the router', async () => {
    await router.stored();
    await router.kill9();
    await router.start();
    await nearWorker.send(`<presence to='${jobs}' type='unavailable'/>`);
    await until(async () => (await router.metric('switchyard_pool_members')) === 1);
    await work('m2', farWorker);
  });

  it('hears that the far worker died', async () => {
    farWorker.kill();
    await until(async () => (await router.metric('switchyard_pool_members')) === 0);
    await sender.send(`<message to='${jobs}' type='chat' id='none'><body>x</body></message>`);
    const error = await sender.waitFor(({ attrs }) => attrs['id'] === 'none', 'the error');
    ok(error.getChild('error')?.getChild('recipient-unavailable') !== undefined, String(error));
  });

  it('is of no use without its own name in the certificate: the sender is told', async () => {
    await sender.send(`<message to='jobs@${unnamed}' type='chat' id='lost'><body>x</body></message>`);
    const error = await sender.waitFor(({ attrs }) => attrs['id'] === 'lost', 'the error');
    match(String(error.getChild('error')), /remote-server-timeout.*certificate is not valid for this name/);
  });

  it('ended every stanza in one outcome', async () => {
    equal(await router.balance(), 0);
  });
});

/** Waits for what servers tell each other in their own time. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await sleep(20);
  }
}
