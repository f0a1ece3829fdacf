import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../client/src/connection.ts';
import { xml } from '../../client/src/element.ts';
import { Sender } from '../../client/src/sender.ts';
import { Worker } from '../../client/src/worker.ts';
import { slixmppMissing } from '../support/clients/slixmpp-client.ts';
import { type ExampleProcess, startExample } from '../support/example-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { makeCertificate, opensslMissing, trust } from '../support/servers/s2s.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { transfer } from '../support/suites/rolling-transfer.ts';
import { startTlsServer } from './tls-server.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const load = 'urn:example:load';

describe('pool_client.py, the same on slixmpp', function () {
  this.timeout(60_000);
  let server: XmppServer;
  let router: RouterProcess;
  let started: ExampleProcess[] = [];

  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ExampleProcess {
    const service = `xmpp://127.0.0.1:${server.c2sPort}`;
    const example = startExample('pool_client.py', args, { XMPP_PASSWORD: 'pw', XMPP_SERVICE: service, ...env });
    started.push(example);
    return example;
  }

  async function members(count: number): Promise<void> {
    while ((await router.metric('switchyard_pool_members')) !== count) await sleep(20);
  }

  before(async function () {
    const reason = prosodyMissing() ?? slixmppMissing() ?? opensslMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startProsody({ accounts: { worker: 'pw', sensor: 'pw' }, components: { [domain]: 's3cret' } });
    const workers = ['worker@localhost'];
    const [port = 0] = await freePorts(1);
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: {
        jobs: { workers, workWindow: '1s' },
        sure: { workers, delivery: { guarantee: 'at-least-once' } },
        where: { workers, iq: 'redirect', iqNamespaces: [load] },
      },
      config: { http: { listen: `127.0.0.1:${port}`, token: 'a-token-for-the-tests' } },
    });
    await router.start();
  });
  afterEach(() => {
    for (const { child } of started) child.kill('SIGKILL');
    started = [];
  });
  after(async () => {
    await router?.remove();
    await server?.remove();
  });

  it('works, is found as an instance, comes back when the server does, moves, and drains', async () => {
    const worker = start(['work', 'worker@localhost/py', jobs]);
    await members(1);
    const ask = start(['ask', 'sensor@localhost/s', jobs, 'grüß', '🐝']);
    equal(await ask.ended(), 0, ask.output());
    // slixmpp has something to say of its own.
    const answers = ask
      .output()
      .split('\n')
      .filter((line) => line.startsWith(jobs));
    deepEqual(answers, [`${jobs}/~py says: py did: grüß`, `${jobs}/~py says: py did: 🐝`]);
    await server.restart();
    await worker.wrote(/not connected.*joins jobs@/s);
    await members(1);
    const to = `127.0.0.1:${server.c2sPort}`;
    const moved = await transfer(router, 'maintenance', '--pool', 'jobs', '--to', to, '--pace', '0');
    equal(moved.code, 0, moved.out + moved.err + worker.output());
    match(worker.output(), new RegExp(`^${domain} moves us to ${to}$`, 'm'));
    worker.child.kill('SIGTERM');
    equal(await worker.ended(), 0, worker.output());
    await members(0);
  });

  it('acknowledges by a receipt, when the work is done, what a pool delivers at least once', async () => {
    const worker = start(['work', 'worker@localhost/py', `sure@${domain}`]);
    await members(1);
    const service = `xmpp://127.0.0.1:${server.c2sPort}`;
    const connection = new Connection({ address: 'sensor@localhost/s', password: 'pw', service, mechanism: 'PLAIN' });
    const sender = new Sender(connection);
    await connection.start();
    try {
      const { body } = await sender.ask(`sure@${domain}`, 'a');
      const { state } = await sender.deliver(`sure@${domain}`, 'b', { until: 'acknowledged' });
      deepEqual([body, state], ['py did: a', 'acknowledged']);
      equal(await router.metric('switchyard_events_total', { event: 'delivery-acknowledged' }), 2, worker.output());
      worker.child.kill('SIGTERM');
      equal(await worker.ended(), 0, worker.output());
      await members(0);
    } finally {
      await connection.stop();
    }
  });

  it('follows a redirect to an allowed domain, and to no other', async () => {
    const service = `xmpp://127.0.0.1:${server.c2sPort}`;
    const connection = new Connection({ address: 'worker@localhost/w', password: 'pw', service, mechanism: 'PLAIN' });
    const requests = { [load]: () => xml('load', { xmlns: load, is: '0.5' }) };
    new Worker(connection, { pool: `where@${domain}`, handle: () => undefined, requests, requestsFrom: ['localhost'] });
    await connection.start();
    try {
      await members(1);
      const args = ['get', 'sensor@localhost/s', `where@${domain}`, load, 'load'];
      const allowed = start(args, { XMPP_REDIRECTS_TO: 'localhost' });
      equal(await allowed.ended(), 0, allowed.output());
      match(allowed.output(), /is="0\.5"/);
      const refused = start(args);
      equal(await refused.ended(), 1);
      match(refused.output(), /^failed: redirect$/m);
    } finally {
      await connection.stop();
    }
  });

  it('logs in only where the certificate is for the domain, whatever the host is called', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-python-tls-'));
    const ours = makeCertificate(folder, ['example.org']);
    const hosts = makeCertificate(folder, ['localhost']);
    const servers = [
      await startTlsServer('starttls', ours),
      await startTlsServer('starttls', hosts),
      await startTlsServer('none', hosts),
    ];
    try {
      const env = (port: number | undefined) => ({
        XMPP_SERVICE: `xmpp://localhost:${port}`,
        SSL_CERT_FILE: trust(folder, [ours, hosts]),
        XMPP_TLS: 'required',
      });
      const [good, bad, plain] = servers;
      const args = ['work', 'w@example.org/n1', 'jobs@pools.example.org'];
      await start(args, env(good?.port)).wrote('joins');
      await start(args, env(bad?.port)).wrote('not connected');
      await start(args, env(plain?.port)).wrote('not connected');
      deepEqual(
        servers.map(({ seen }) => seen.passwords),
        [['pw'], [], []],
      );
    } finally {
      for (const each of servers) each.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
