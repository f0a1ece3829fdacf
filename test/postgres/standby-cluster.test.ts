import { deepEqual, match } from 'node:assert/strict';
import { connectClient } from '../support/clients/xmpp-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { ObedientWorker, SteadySender } from '../support/obedient-worker.ts';
import { lostByUs, type Overheard, overhear } from '../support/overhear.ts';
import { jobs, pairDomain, prepareInstance, rolesOf, stepDown, untilReasons } from '../support/pair.ts';
import type { RouterProcess } from '../support/router/router-process.ts';
import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';

describe('two instances on PostgreSQL, each beside a node of an ejabberd cluster', function () {
  this.timeout(120_000);
  let one: XmppServer;
  let two: XmppServer;
  let cluster: Postgres;
  let alpha: RouterProcess;
  let beta: RouterProcess;
  let ways: readonly Overheard[] = [];
  const workers: ObedientWorker[] = [];

  before(async function () {
    const reason = ejabberdMissing() ?? postgresMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0] = await freePorts(1);
    const components = { [pairDomain]: 's3cret' };
    const accounts = { w1: 'pw', w2: 'pw', sensor: 'pw' };
    [one, cluster] = await Promise.all([
      startEjabberd({ accounts, components }, { ip: '127.0.0.1', port }),
      startPostgres(),
    ]);
    two = await startEjabberd({ components }, { ip: '127.0.0.2', port, join: '127.0.0.1' });
    const [first, second] = await Promise.all([overhear(one), overhear(two)]);
    ways = [first, second];
    alpha = prepareInstance('alpha', first, cluster);
    beta = prepareInstance('beta', second, cluster);
    await alpha.start();
    await beta.start('listening');
    await untilReasons(beta, 'standby');
    for (const [user, node] of [
      ['w1', one],
      ['w2', two],
    ] as const) {
      const worker = new ObedientWorker({ pool: jobs, service: pairDomain, port: node.c2sPort, user, resource: 'r' });
      workers.push(worker);
      await worker.start();
    }
  });

  after(async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    await alpha?.remove();
    await beta?.remove();
    await Promise.all(ways.map((way) => way.close()));
    await cluster?.remove();
    await two?.remove();
    await one?.remove();
  });

  it('hand over from node to node and back, and lose and repeat nothing that they are given for a plain pool', async () => {
    const client = await connectClient({ port: one.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
    const steady = new SteadySender(client, jobs);
    steady.start(5);
    for (const [from, to] of [
      [alpha, beta],
      [beta, alpha],
    ] as const) {
      const before = steady.answered.size;
      await until(() => steady.answered.size > before + 20, 'traffic flows');
      await stepDown(from);
      await untilReasons(to);
      await untilReasons(from, 'standby');
    }
    await steady.stop(20_000);
    await client.end();
    const repeated = [...steady.answered].filter(([, count]) => count > 1);
    const refused = workers.flatMap((worker) => worker.refused);
    deepEqual([repeated, lostByUs(steady, ways), steady.errors, refused], [[], [], [], []]);
  });

  it('take over when the one beside the other node is killed', async () => {
    await alpha.kill9();
    await untilReasons(beta);
    match(rolesOf(beta).at(-1) ?? '', /the lease of alpha .* ran out/);
    const client = await connectClient({ port: one.c2sPort, user: 'sensor', password: 'pw', resource: 'after' });
    const steady = new SteadySender(client, jobs);
    steady.start(10);
    await until(() => steady.answered.size > 20, 'traffic flows again');
    await steady.stop(20_000);
    await client.end();
    deepEqual([steady.lost, steady.errors], [[], []]);
  });
});
