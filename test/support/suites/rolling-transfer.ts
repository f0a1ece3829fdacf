import { deepEqual, equal, ok } from 'node:assert/strict';
import type { RunReport } from '../../../src/core/transfer/run-report.ts';
import { connectClient } from '../clients/xmpp-client.ts';
import { freePorts } from '../free-ports.ts';
import { ObedientWorker, SteadySender } from '../obedient-worker.ts';
import { type CommandOutcome, runSwitchyard } from '../router/command-line.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const users = ['w1', 'w2', 'w3', 'w4'] as const;

/** Runs `switchyard transfer` with the configuration of a router that runs. */
export function transfer(router: RouterProcess, ...args: readonly string[]): Promise<CommandOutcome> {
  return runSwitchyard(router.folder, 'transfer', ...args);
}

/** Workers are moved while messages flow, and nothing is lost. */
export function describeRollingTransfer(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`a rolling maintenance on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let router: RouterProcess;
    let workers: ObedientWorker[] = [];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      const accounts = Object.fromEntries([...users, 'sensor', 'rude', 'simple'].map((user) => [user, 'pw']));
      server = await startServer({ accounts, components: { [domain]: 's3cret' } });
      const [port = 0] = await freePorts(1);
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { jobs: { workers: ['*@localhost'], workWindow: '1s' } },
        config: { http: { listen: `127.0.0.1:${port}`, token: 'a-token-for-the-tests' } },
      });
      await router.start();
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    afterEach(async () => {
      await Promise.all(workers.map((worker) => worker.end()));
      workers = [];
    });

    async function startWorkers(
      manners: Readonly<Record<string, 'follow' | 'refuse' | 'ignorant'>>,
    ): Promise<readonly ObedientWorker[]> {
      for (const [user, kind] of Object.entries(manners)) {
        const place = { pool: jobs, service: domain, port: server.c2sPort };
        const worker = new ObedientWorker({ ...place, user, resource: 'r', manners: kind });
        workers.push(worker);
        await worker.start();
      }
      return workers;
    }

    it('has every worker connect elsewhere, one after the other, and loses no message', async () => {
      const all = await startWorkers({ w1: 'follow', w2: 'follow', w3: 'follow', w4: 'follow' });
      const client = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
      const sender = new SteadySender(client, jobs);
      sender.start(5);
      const to = `127.0.0.1:${server.c2sPort}`;
      const { code, out, err } = await transfer(
        router,
        'maintenance',
        '--pool',
        'jobs',
        '--to',
        to,
        '--pace',
        '0',
        '--json',
      );
      await sender.stop(30_000);
      await client.end();
      equal(code, 0, err);
      const report = JSON.parse(out) as RunReport;
      deepEqual(
        report.workers.map(({ worker, result, returnedAs }) => [worker, result, returnedAs]),
        all.map(({ jid }) => [jid, 'moved', jid]),
      );
      deepEqual([report.state, report.notFollowed], ['finished', []]);
      for (const { jid } of all) ok(err.includes(`${jid} moved in `), err);
      for (const { places } of all) deepEqual(places, [to, to]);
      deepEqual([sender.lost, sender.errors], [[], []]);
      ok(sender.sent.length > 20, 'hardly anything was sent');
      ok(all.every(({ got }) => got.length > 0));
      equal(await router.balance(), 0);
      equal(await router.metric('switchyard_events_total', { event: 'transfer-moved' }), 4);
    });

    it('says who did not follow, and lets them work on', async () => {
      await startWorkers({ w1: 'follow', rude: 'refuse', simple: 'ignorant' });
      const { code, out } = await transfer(router, 'maintenance', '--all', '--pace', '0');
      equal(code, 1);
      for (const line of [
        /rude@localhost\/r refused in .*not-allowed/,
        /simple@localhost\/r unsupported/,
        /w1@localhost\/r moved/,
      ]) {
        ok(line.test(out), `${line} is not in\n${out}`);
      }
      const client = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
      for (const user of ['rude', 'simple', 'w1']) {
        await client.send(`<message to='${jobs}' type='chat' id='to-${user}'><body>x</body></message>`);
        await client.waitFor(({ name, attrs }) => name === 'message' && attrs['type'] !== 'error', 'an answer');
      }
      await client.end();
      ok(workers.every(({ got }) => got.length === 1));
      const status = await transfer(router, 'status');
      ok(/^2 +finished +1 +2 /m.test(status.out), status.out);
      const one = await transfer(router, 'status', '2', '--json');
      deepEqual((JSON.parse(one.out) as RunReport).notFollowed, ['rude@localhost/r', 'simple@localhost/r']);
    });
  });
}
