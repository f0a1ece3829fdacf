import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectClient, type TestClient } from '../support/clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { UpgradeTraffic } from './upgrade-traffic.ts';

const domain = 'pools.localhost';
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const patience = 60_000;
const crew = ['one', 'two', 'three'];

describe('an upgrade under load', function () {
  this.timeout(180_000);
  let server: XmppServer;
  let router: RouterProcess;
  let traffic: UpgradeTraffic;
  const clients: TestClient[] = [];

  before(async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startProsody({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } });
    const workers = ['worker@localhost'];
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      built: true,
      pools: {
        plain: { workers },
        durable: { workers, delivery: { guarantee: 'at-least-once', ack: 'receipt', ackTimeout: '3s' } },
      },
    });
    await router.start();
    const login = async (user: string, resource: string): Promise<TestClient> => {
      const client = await connectClient({ port: server.c2sPort, user, password: 'pw', resource });
      clients.push(client);
      return client;
    };
    const sender = await login('sensor', 'r');
    traffic = new UpgradeTraffic(domain, sender, await Promise.all(crew.map((resource) => login('worker', resource))));
    await traffic.join();
  });

  after(async () => {
    traffic?.end();
    await Promise.all(clients.map((client) => client.end()));
    await router?.remove();
    await server?.remove();
  });

  /** Runs the command line as an operator does, beside the router. */
  async function switchyard(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
    const config = ['--config', join(router.folder, 'component.config.json')];
    const child = spawn(process.execPath, [main, ...words, ...config], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, text };
  }

  async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + patience;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${what} did not come to pass`);
      await sleep(50);
    }
  }

  const members = (pool: string) => router.metric('switchyard_pool_members', { pool, state: 'verified' });
  const open = async () =>
    (await router.metric('switchyard_pool_queue_messages', { state: 'ready' })) +
    (await router.metric('switchyard_pool_queue_messages', { state: 'leased' }));

  it('loses no accepted message and no worker, and tells the senders of what it does not take', async () => {
    traffic.begin();
    await until(() => traffic.seen('durable').size >= 30, 'work before the upgrade');
    for (let upgrade = 1; upgrade <= 2; upgrade += 1) {
      const before = traffic.seen('durable').size;
      equal(await router.stop(), 0);
      await router.start();
      equal(await router.metric('switchyard_events_total', { event: 'member-restored' }), 2 * crew.length);
      for (const pool of ['plain', 'durable']) {
        await until(async () => (await members(pool)) === crew.length, `the workers of ${pool}`);
      }
      await until(() => traffic.seen('durable').size >= before + 30, 'work after the upgrade');
    }
    await traffic.stop();
    await until(async () => (await open()) === 0, 'an empty queue');
    await traffic.settle();
    equal(traffic.presences, 2 * crew.length, 'no worker has joined again');

    const durable = traffic.tally('durable');
    const plain = traffic.tally('plain');
    ok(durable.accepted.length >= 60 && plain.seen >= 60, JSON.stringify([durable, plain]));
    deepEqual(durable.lost, [], 'accepted, and never given to a worker');
    // What the server wrote as the stream was being closed: XEP-0114 knows no acknowledgement.
    const unknown = [...durable.unknown, ...plain.unknown];
    ok(unknown.length <= (durable.sent + plain.sent) / 2, unknown.join(', '));
    if (unknown.length > 0) {
      await until(() => router.log.some(({ event }) => event === 'closing-lost'), `a word on ${unknown.join(', ')}`);
    }
    equal(await router.balance(), 0);
  });

  it('is safe to copy the store in: the copy is made while messages come, and put back only when nobody runs', async () => {
    const copy = join(router.folder, 'copy.db');
    traffic.begin();
    await until(() => traffic.seen('durable').size >= 5, 'work');
    const made = await switchyard('backup', copy);
    equal(made.code, 0, made.text);
    match(made.text, /switchyard\.db was copied to .*copy\.db: \d+(?:B|KiB|MiB)/);
    await traffic.stop();
    await until(async () => (await open()) === 0, 'an empty queue');
    deepEqual((await switchyard('backup', copy)).code, 1);
    const refused = await switchyard('restore', copy);
    equal(refused.code, 1);
    match(refused.text, /another Switchyard has this database open\. Stop it first/);

    equal(await router.stop(), 0);
    const restored = await switchyard('restore', copy);
    equal(restored.code, 0, restored.text);
    match(restored.text, /is now what .*copy\.db holds: .*\nWhat was there before is .*\.before-restore\.\n$/);
    writeFileSync(copy, readFileSync(copy).subarray(0, 5_000));
    equal((await switchyard('restore', copy)).code, 1);
    await router.start();
    for (const pool of ['plain', 'durable']) {
      await until(async () => (await members(pool)) === crew.length, `the workers of ${pool}`);
    }
  });
});
