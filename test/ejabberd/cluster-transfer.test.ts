import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunReport } from '../../src/core/transfer/run-report.ts';
import { connectClient } from '../support/clients/xmpp-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { ObedientWorker, SteadySender } from '../support/obedient-worker.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { transfer } from '../support/suites/rolling-transfer.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const users = Array.from({ length: 8 }, (_, n) => `w${n + 1}`);

describe('a rolling maintenance from one node of an ejabberd cluster to the other', function () {
  this.timeout(60_000);
  let one: XmppServer;
  let two: XmppServer;
  let router: RouterProcess;
  const workers: ObedientWorker[] = [];

  before(async function () {
    const reason = ejabberdMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0, http = 0] = await freePorts(2);
    const accounts = Object.fromEntries([...users, 'sensor'].map((user) => [user, 'pw']));
    one = await startEjabberd({ accounts, components: { [domain]: 's3cret' } }, { ip: '127.0.0.1', port });
    two = await startEjabberd({}, { ip: '127.0.0.2', port, join: '127.0.0.1' });
    router = prepareRouter({
      componentPort: one.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['*@localhost'], workWindow: '1s' } },
      config: { http: { listen: `127.0.0.1:${http}`, token: 'a-token-for-the-tests' } },
    });
    await router.start();
  });

  after(async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    await router?.remove();
    await two?.remove();
    await one?.remove();
  });

  it('moves eight workers while messages flow, and loses none of them', async () => {
    for (const user of users) {
      const worker = new ObedientWorker({ pool: jobs, service: domain, port: one.c2sPort, user, resource: 'r' });
      workers.push(worker);
      await worker.start();
    }
    const client = await connectClient({ port: one.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
    const sender = new SteadySender(client, jobs);
    // 200 a second.
    sender.start(5);
    const [from, to] = [`127.0.0.1:${one.c2sPort}`, `127.0.0.1:${two.c2sPort}`];
    const given = ['--host', from, '--to', to, '--batch', '2', '--pace', '0', '--json'];
    const { code, out, err } = await transfer(router, 'maintenance', ...given);
    await sender.stop(30_000);
    await client.end();
    equal(code, 0, err);
    const report = JSON.parse(out) as RunReport;
    deepEqual(
      report.workers.map(({ worker, result }) => [worker, result]),
      workers.map(({ jid }) => [jid, 'moved']),
    );
    for (const { places } of workers) deepEqual(places, [from, to]);
    const lost = sender.lost.map((id) => `${id} of ${workers.find(({ got }) => got.includes(id))?.jid ?? 'nobody'}`);
    deepEqual([lost, sender.errors, workers.flatMap(({ refused }) => refused)], [[], [], []]);
    ok(sender.sent.length > 50, 'hardly anything was sent');
    equal(await router.balance(), 0);
    // Whoever is asked now for the workers on the first node finds none.
    const again = await transfer(router, 'maintenance', '--host', from, '--to', to);
    equal(again.code, 1);
    ok(again.err.includes('There is no worker to move'), again.err);
  });

  it('moves a share of them back', async () => {
    const [from, to] = [`127.0.0.1:${two.c2sPort}`, `127.0.0.1:${one.c2sPort}`];
    const given = ['--from', from, '--to', to, '--percent', '25', '--batch', '2', '--pace', '0'];
    const { code, out } = await transfer(router, 'rebalance', ...given);
    equal(code, 0, out);
    deepEqual(workers.map(({ places }) => places.at(-1) === to).filter(Boolean).length, 2);
  });

  it('tells a worker that joins where it belongs', async () => {
    const [from, home] = [`127.0.0.1:${one.c2sPort}`, `127.0.0.1:${two.c2sPort}`];
    await router.reload({ transfers: { rules: { [home]: ['late@localhost'] } } });
    await one.register('late', 'pw');
    const late = new ObedientWorker({ pool: jobs, service: domain, port: one.c2sPort, user: 'late', resource: 'r' });
    workers.push(late);
    await late.start();
    while ((await router.metric('switchyard_events_total', { event: 'transfer-moved' })) < 11) await sleep(20);
    deepEqual(late.places, [from, home]);
    const { out } = await transfer(router, 'status', 'rules');
    ok(/^late@localhost\/r +moved /m.test(out), out);
  });
});
