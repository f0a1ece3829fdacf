import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { CountingWorker, DurableSender } from './clients/durable-traffic.ts';
import { connectClient } from './clients/xmpp-client.ts';
import { ObedientWorker, SteadySender } from './obedient-worker.ts';
import { lostByUs, type Overheard, overhear } from './overhear.ts';
import { jobs, pairDomain, prepareInstance, rolesOf, safe, stepDown, untilReasons } from './pair.ts';
import type { RouterProcess } from './router/router-process.ts';
import { type Postgres, postgresMissing, startPostgres } from './servers/postgres.ts';
import type { ServerOptions, XmppServer } from './servers/xmpp-server.ts';
import { skip } from './skip.ts';
import { until } from './until.ts';

const day = 86_400_000;

/** The router, in a process whose clock is three days ahead: longer than a message of these pools lives. */
const daysAhead = [
  '--import=tsx',
  `--import=data:text/javascript,${encodeURIComponent('const{now}=Date;Date.now=()=>now()+3*864e5')}`,
  fileURLToPath(new URL('../../src/main.ts', import.meta.url)),
];

/** How a server takes two connections of one domain. */
interface Manners {
  /** Whether it bounces what comes while one connection takes the other's place. */
  readonly gap: boolean;
  /** Whether it drops what it has for a connection that it is closing. */
  readonly drops?: boolean;
  /** Why the next instance is not ready while the link of one that is frozen is still there; empty when it takes its place. */
  readonly frozen: readonly string[];
  /** Whether only what differs from server to server is tried. */
  readonly brief?: boolean;
}

/** Two processes on a real PostgreSQL and a real server, and what happens when one of the three fails. */
export function describeSharedDatabase(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  { gap, drops = false, frozen, brief = false }: Manners,
): void {
  describe(`two instances on PostgreSQL and ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let way: Overheard;
    let cluster: Postgres;
    let active: RouterProcess;
    let other: RouterProcess;
    let worker: CountingWorker;
    let late: CountingWorker | undefined;
    let plain: ObedientWorker;
    let sender: DurableSender;

    before(async function () {
      const reason = missing() ?? postgresMissing();
      if (reason !== undefined) skip(this, reason);
      [server, cluster] = await Promise.all([
        startServer({ accounts: { w1: 'pw', w2: 'pw', sensor: 'pw' }, components: { [pairDomain]: 's3cret' } }),
        startPostgres(),
      ]);
      way = await overhear(server);
      active = prepareInstance('alpha', way, cluster);
      other = prepareInstance('beta', way, cluster);
      await active.start();
      await other.start('listening');
      await untilReasons(other, 'standby');
      const port = server.c2sPort;
      worker = await CountingWorker.start(port, 'w1', 'safe', safe);
      plain = new ObedientWorker({ pool: jobs, service: pairDomain, port, user: 'w2', resource: 'r' });
      await plain.start();
      sender = await DurableSender.start(port, 'sensor', safe);
    });

    after(async () => {
      // First those who write to the clients.
      await active?.remove();
      await other?.remove();
      await way?.close();
      await sender?.end();
      await plain?.end();
      await Promise.all([worker?.end(), late?.end()]);
      await cluster?.remove();
      await server?.remove();
    });

    /** All that was accepted has come to the worker, and nothing is left. */
    const settled = async (): Promise<void> => {
      const open = (): readonly string[] => [...sender.queued].filter((id) => !worker.got.has(id));
      await until(
        () => open().length === 0,
        () => `accepted and not delivered: ${open().join()}`,
      );
      await until(
        async () => (await cluster.sql('select count(*)::int as left from switchyard.delivery'))[0]?.['left'] === 0,
        'the queue is empty',
      );
    };
    const twice = (): number => [...worker.got.values()].reduce((sum, count) => sum + count - 1, 0);
    const flow = async (more = 20): Promise<void> => {
      const before = sender.queued.size;
      await until(() => sender.queued.size > before + more, 'messages are accepted');
    };
    const change = (): void => {
      [active, other] = [other, active];
    };

    it('lose nothing that was accepted when the active one is killed', async () => {
      sender.begin(3);
      await flow();
      const before = twice();
      const inFlight = sender.sent.length - worker.got.size;
      const sentBefore = sender.sent.length;
      await active.kill9();
      await untilReasons(other);
      await flow();
      await sender.stop();
      await settled();
      const most = inFlight + 50;
      ok(twice() - before <= most, `${twice() - before} given twice, ${most} in flight of ${sentBefore}`);
      match(rolesOf(other).at(-1) ?? '', /is the active one now \(epoch 2\): the lease of alpha .* ran out; ready in/);
      change();
      await other.start('listening');
      await untilReasons(other, 'standby');
    });

    it('leave one link and one epoch when the active one is frozen for longer than its lease', async () => {
      sender.begin(3);
      await flow();
      active.signal('SIGSTOP');
      await untilReasons(other, ...frozen);
      if (frozen.length === 0) await flow();
      active.signal('SIGCONT');
      await untilReasons(active, 'standby');
      await untilReasons(other);
      await flow();
      await sender.stop();
      await settled();
      const [row] = await cluster.sql('select epoch::int as epoch from switchyard.lease');
      equal(row?.['epoch'], 3);
      equal(await other.metric('switchyard_link_state', { state: 'online' }), 1);
      equal(await active.metric('switchyard_link_state', { state: 'online' }), 0);
      ok(
        rolesOf(active).some((text) => text.startsWith('another instance has the lease')),
        rolesOf(active).join('\n'),
      );
      change();
    });

    it('hand over when asked to, and lose and repeat nothing that they are given for a plain pool', async () => {
      const client = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'plain' });
      const steady = new SteadySender(client, jobs);
      steady.start(5);
      const [from, to] = [active, other];
      await until(() => steady.answered.size > 20, 'traffic flows');
      await stepDown(from);
      await untilReasons(to);
      await untilReasons(from, 'standby');
      change();
      const then = steady.answered.size;
      await until(() => steady.answered.size > then + 20, 'traffic flows again');
      await steady.stop(20_000);
      await client.end();
      const repeated = [...steady.answered].filter(([, count]) => count > 1);
      deepEqual([repeated, lostByUs(steady, [way]), plain.refused], [[], [], []]);
      if (!drops) equal(steady.lost.length, steady.errors.length);
      if (!gap) deepEqual(steady.errors, []);
    });

    if (brief) return;

    it('refuse what cannot be kept while the database is away, say why, and go on when it is back', async () => {
      await cluster.stop();
      await until(async () => (await active.get('/readyz')).body.includes('lease-unsure'), 'unsure');
      const { body } = await active.get('/readyz');
      ok(/store-failed/.test(body), body);
      const id = 'while-away';
      await sender.give(id);
      await until(() => sender.returned.has(id), 'it is refused');
      equal(sender.returned.get(id), 'internal-server-error');
      // One of the two could take over: the link is kept for a time, and no longer.
      await until(async () => (await active.get('/readyz')).body.includes('standby'), 'it stands by');
      await cluster.start();
      await until(async () => {
        const answers = await Promise.all([active.get('/readyz'), other.get('/readyz')]);
        if (answers[1].status === 200) change();
        return answers.some(({ status }) => status === 200);
      }, 'one of the two is active');
      await untilReasons(other, 'standby');
      sender.begin(3);
      await flow();
      await sender.stop();
      await settled();
    });

    it('start while the database is away, and begin when it is there', async () => {
      await other.kill9();
      await active.kill9();
      await cluster.stop();
      await active.start('listening');
      await untilReasons(active, 'store-failed', 'standby');
      equal((await active.get('/healthz')).status, 200);
      await cluster.start();
      await untilReasons(active);
      ok(active.log.some(({ event }) => event === 'database-back'));
      sender.begin(3);
      await flow();
      await sender.stop();
      await settled();
    });

    it('accept what one that is alone was sent while it was stopped for longer than its lease', async () => {
      const refused = sender.returned.size;
      sender.begin(3);
      await flow();
      active.signal('SIGSTOP');
      const late = 'select until + 500 < switchyard.clock_ms() as late from switchyard.lease';
      await until(async () => (await cluster.sql(late))[0]?.['late'] === true, 'the lease has run out');
      active.signal('SIGCONT');
      await flow();
      await sender.stop();
      await settled();
      equal(sender.returned.size, refused, 'it refused what it had only to ask for');
    });

    it('keep every deadline when the one that takes over has a clock that is days ahead', async () => {
      await other.remove();
      other = prepareInstance('gamma', server, cluster, { program: daysAhead });
      await other.start('listening');
      await untilReasons(other, 'standby');
      await worker.leave();
      const ids = ['skew-1', 'skew-2', 'skew-3'];
      for (const id of ids) await sender.give(id);
      await until(() => ids.every((id) => sender.queued.has(id)), 'they are accepted');
      await active.kill9();
      await untilReasons(other);
      const ahead = Date.parse(String(other.log.at(-1)?.['time'])) - Date.now();
      ok(ahead > 2 * day, `its clock is not ahead: ${ahead} ms`);
      await sender.give('skew-late');
      await until(() => sender.queued.has('skew-late'), 'it accepts');
      const now = 'extract(epoch from clock_timestamp()) * 1000';
      const [row] = await cluster.sql(
        `select count(*)::int as all, count(*) filter (where abs(since - ${now}) < 600000)::int as near
           from switchyard.delivery`,
      );
      deepEqual(row, { all: ids.length + 1, near: ids.length + 1 }, 'kept by a clock that is not the database’s');
      late = await CountingWorker.start(server.c2sPort, 'w1', 'late', safe);
      await until(() => ids.every((id) => late?.got.has(id) === true), 'they are delivered');
      deepEqual(
        ids.filter((id) => sender.returned.has(id)),
        [],
        'taken for too old',
      );
    });
  });
}
