import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExampleProcess, startExample } from '../support/example-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { transfer } from '../support/suites/rolling-transfer.ts';

const domain = 'pools.localhost';
const password = 'pw';

describe('the examples with the client library, on Prosody', () => {
  let server: XmppServer;
  let router: RouterProcess;
  let started: ExampleProcess[] = [];

  function start(name: string, ...args: readonly string[]): ExampleProcess {
    const environment = { XMPP_PASSWORD: password, XMPP_SERVICE: `xmpp://127.0.0.1:${server.c2sPort}` };
    const example = startExample(name, args, environment);
    started.push(example);
    return example;
  }

  async function members(count: number): Promise<void> {
    while ((await router.metric('switchyard_pool_members')) !== count) await sleep(20);
  }

  /** SIGTERM to all: they leave, and end with 0. */
  async function stop(examples: readonly ExampleProcess[]): Promise<void> {
    for (const { child } of examples) child.kill('SIGTERM');
    for (const example of examples) equal(await example.ended(), 0, example.output());
    await members(0);
  }

  before(async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startProsody({
      accounts: { worker: password, fleet: password },
      components: { [domain]: 's3cret' },
    });
    const workers = ['worker@localhost'];
    const [port = 0] = await freePorts(1);
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: {
        jobs: { workers, workWindow: '1s' },
        queue: { workers, delivery: { guarantee: 'at-least-once', backoff: { min: '100ms', max: '1s' } } },
        readings: { workers, algorithm: 'sticky' },
        rpc: { workers, iq: 'proxy', iqNamespaces: ['urn:example:rpc'] },
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

  it('sensor-fleet.mjs: each sensor has its collector, which tells it of a reading that is far off', async function () {
    this.timeout(60_000);
    const pool = `readings@${domain}`;
    const collectors = ['c1', 'c2'].map((name) =>
      start('sensor-fleet.mjs', 'collect', `worker@localhost/${name}`, pool),
    );
    await members(2);
    const fleet = start('sensor-fleet.mjs', 'sense', 'fleet@localhost', pool, '5', '6');
    equal(await fleet.ended(), 0, fleet.output());
    for (const name of ['s1', 's2', 's3', 's4', 's5'])
      match(fleet.output(), new RegExp(`^${name}: alarm, the mean is`, 'm'));
    await stop(collectors);
    const lines = collectors.flatMap((each) => each.output().split('\n')).filter(Boolean);
    // Six of six: nothing of a sensor went to the other collector.
    equal(lines.filter((line) => line.includes(', mean of 6: ')).length, 5, lines.join('\n'));
    equal(lines.length, 30);
  });

  it('rpc-pool.mjs: requests are shared among the servers, and an error comes back as it is', async function () {
    this.timeout(60_000);
    const pool = `rpc@${domain}`;
    const servers = ['r1', 'r2'].map((name) => start('rpc-pool.mjs', 'serve', `worker@localhost/${name}`, pool));
    await members(2);
    const call = start('rpc-pool.mjs', 'call', 'fleet@localhost/x', pool, '360', '97', '1001', '9007199254740991');
    equal(await call.ended(), 0, call.output());
    match(call.output(), /^360 = 2 2 2 3 3 5, by worker@localhost\/r[12]$/m);
    deepEqual(
      new Set([...call.output().matchAll(/by worker@localhost\/(r\d)/g)].map(([, name]) => name)),
      new Set(['r1', 'r2']),
    );
    const bad = start('rpc-pool.mjs', 'call', 'fleet@localhost/x', pool, 'five');
    equal(await bad.ended(), 1);
    match(bad.output(), /^five: bad-request: A whole number, please\.$/m);
    await stop(servers);
  });

  it('rolling-maintenance.mjs: all workers are moved by the operator, and no message is lost', async function () {
    this.timeout(90_000);
    const pool = `jobs@${domain}`;
    const workers = ['n1', 'n2', 'n3'].map((name) =>
      start('rolling-maintenance.mjs', 'work', `worker@localhost/${name}`, pool),
    );
    await members(3);
    const load = start('rolling-maintenance.mjs', 'load', 'fleet@localhost/load', pool, '8');
    const to = `127.0.0.1:${server.c2sPort}`;
    const { code, out, err } = await transfer(router, 'maintenance', '--pool', 'jobs', '--to', to, '--pace', '0');
    equal(code, 0, out + err);
    equal(await load.ended(), 0, load.output());
    match(load.output(), /^(\d+) sent, \1 answered, 0 lost$/m);
    for (const worker of workers) {
      equal(worker.output().split(`moved: ${domain} moves the session to xmpp://${to}`).length, 2, worker.output());
    }
    await stop(workers);
  });

  it('job-queue.mjs: each job is done, and has its effect once, though a worker is killed and a batch comes twice', async function () {
    this.timeout(60_000);
    const pool = `queue@${domain}`;
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-jobs-'));
    try {
      const jobs = Array.from({ length: 40 }, (_, n) => String(n));
      const submit = (): ExampleProcess =>
        start('job-queue.mjs', 'submit', 'fleet@localhost/x', pool, 'b1', ...jobs, 'x');
      const first = submit();
      while ((await router.metric('switchyard_events_total', { event: 'delivery-accepted' })) < 41) await sleep(20);
      const doomed = start('job-queue.mjs', 'work', 'worker@localhost/q1', pool, folder);
      await doomed.wrote('did ');
      doomed.child.kill('SIGKILL');
      const other = start('job-queue.mjs', 'work', 'worker@localhost/q2', pool, folder);
      equal(await first.ended(), 1, first.output());
      const lines = first.output().split('\n');
      deepEqual(lines.filter((line) => /^\d+: acknowledged$/.test(line)).length, 40, first.output());
      match(first.output(), /^x: not-acceptable: /m);
      const results = (): string[] =>
        readdirSync(folder)
          .filter((file) => !file.startsWith('.'))
          .map((file) => readFileSync(join(folder, file), 'utf8').trim())
          .sort();
      deepEqual(results(), jobs.map((n) => `${n} squared is ${Number(n) ** 2}`).sort());
      const again = submit();
      await again.ended();
      equal(again.output().match(/: acknowledged$/gm)?.length, 40, again.output());
      equal(results().length, 40);
      await stop([other]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('all say how they are used', async () => {
    for (const name of ['job-queue.mjs', 'sensor-fleet.mjs', 'rpc-pool.mjs', 'rolling-maintenance.mjs']) {
      const example = start(name, 'nonsense');
      equal(await example.ended(), 2);
      ok(example.output().startsWith('Usage: '));
    }
  });
});
