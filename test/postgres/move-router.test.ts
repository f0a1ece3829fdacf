import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { CountingWorker, DurableSender } from '../support/clients/durable-traffic.ts';
import { pairDomain, prepareInstance, safe } from '../support/pair.ts';
import { runSwitchyard } from '../support/router/command-line.ts';
import { prepareRouter, type RouterProcess, testToken } from '../support/router/router-process.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';

describe('switchyard migrate --to: a router and its messages', function () {
  this.timeout(240_000);
  let server: XmppServer;
  let cluster: Postgres;
  let onFile: RouterProcess;
  let onPostgres: RouterProcess;
  let sender: DurableSender;

  before(async function () {
    const missing = postgresMissing() ?? prosodyMissing();
    if (missing !== undefined) skip(this, missing);
    [server, cluster] = await Promise.all([
      startProsody({ accounts: { w1: 'pw', sensor: 'pw' }, components: { [pairDomain]: 's3cret' } }),
      startPostgres(),
    ]);
    const pools = { safe: { workers: ['*@localhost'], delivery: { guarantee: 'at-least-once', ack: 'processed' } } };
    const config = { http: { listen: '127.0.0.1:0', token: testToken } };
    onFile = prepareRouter({
      componentPort: server.componentPort,
      domain: pairDomain,
      secret: 's3cret',
      pools,
      config,
    });
    onPostgres = prepareInstance('alpha', server, cluster);
    sender = await DurableSender.start(server.c2sPort, 'sensor', safe);
  });

  after(async () => {
    await sender?.end();
    await onFile?.remove();
    await onPostgres?.remove();
    await cluster?.remove();
    await server?.remove();
  });

  /** Has messages accepted that no worker is there for. */
  async function give(ids: readonly string[]): Promise<void> {
    for (const id of ids) await sender.give(id);
    await until(() => ids.every((id) => sender.queued.has(id)), 'the messages are accepted');
  }

  /** A worker joins, and gets exactly these. */
  async function takes(router: RouterProcess, ids: readonly string[]): Promise<void> {
    const worker = await CountingWorker.start(server.c2sPort, 'w1', 'safe', safe);
    await until(() => ids.every((id) => worker.got.has(id)), 'the messages come to the worker');
    await until(async () => {
      const { status, body } = await router.command('queue.status');
      return status === 200 && !/"(?:ready|leased)":[1-9]/.test(body);
    }, 'all are acknowledged');
    deepEqual(Object.fromEntries(worker.got), Object.fromEntries(ids.map((id) => [id, 1])));
    await worker.end();
  }

  const migrate = (router: RouterProcess, ...words: readonly string[]) =>
    runSwitchyard(router.folder, 'migrate', '--to', ...words);

  it('go on there, and here again: each message comes once, and the one that was left is refused', async () => {
    const first = Array.from({ length: 20 }, (_, index) => `first-${index}`);
    const toPostgres = ['postgres', '--url', cluster.url()];
    await onFile.start();
    await give(first);
    await onFile.stop();
    await onPostgres.start();
    match((await migrate(onFile, ...toPostgres)).err, /in use by the instance alpha/);
    await onPostgres.stop();

    const there = await migrate(onFile, ...toPostgres);
    equal(there.code, 0, there.err);
    match(there.out, /delivery +20\n/);
    await rejects(onFile.start(), /the router ended with 1:.*was moved to postgresql/s);
    await onPostgres.start();
    await takes(onPostgres, first);

    const second = ['second-1', 'second-2'];
    await give(second);
    await onPostgres.stop();
    const back = await migrate(onPostgres, 'sqlite', '--file', join(onFile.folder, 'switchyard.db'));
    equal(back.code, 0, back.err);
    await onPostgres.start('listening');
    await until(
      async () => /was moved to .*switchyard\.db/.test((await onPostgres.get('/readyz')).body),
      'the one on PostgreSQL says that all has gone',
    );
    await onPostgres.stop();
    await onFile.start();
    await takes(onFile, second);
  });
});
