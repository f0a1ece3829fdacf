import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient } from './clients/xmpp-client.ts';
import { MemoryCluster } from './models/memory-database.ts';
import { SharedInstance } from './models/shared-instance.ts';
import { ObedientWorker, SteadySender } from './obedient-worker.ts';
import type { ServerOptions, XmppServer } from './servers/xmpp-server.ts';
import { skip } from './skip.ts';
import { until } from './until.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;

/**
 * Two instances in this process, on a database in this process, and a real server: what a pair does on it.
 * @param gap Whether the server bounces what comes while one connection takes the other's place.
 */
export function describeStandby(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  gap: boolean,
): void {
  describe(`a pair of instances on ${name}`, function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-pair-'));
    const cluster = new MemoryCluster();
    const alpha = cluster.connect('alpha');
    const worker = { current: undefined as ObedientWorker | undefined };
    let server: XmppServer;
    let config: Readonly<Record<'component' | 'store' | 'standby' | 'pools', object>>;
    let one: SharedInstance;
    let two: SharedInstance;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({ accounts: { w1: 'pw', sensor: 'pw' }, components: { [domain]: 's3cret' } });
      config = {
        component: {
          service: `xmpp://127.0.0.1:${server.componentPort}`,
          domain,
          secret: 's3cret',
          reconnect: { min: '50ms', max: '500ms' },
        },
        store: { driver: 'memory' },
        standby: { lease: '2s', holdover: '3s', name: 'alpha' },
        pools: { jobs: { workers: ['*@localhost'] } },
      };
      one = new SharedInstance(join(folder, 'one.json'), config, alpha);
      await one.start();
      await one.ready();
      two = new SharedInstance(
        join(folder, 'two.json'),
        { ...config, standby: { ...config.standby, name: 'beta' } },
        cluster.connect('beta'),
      );
      await two.start();
      await two.standsBy();
      worker.current = new ObedientWorker({
        pool: jobs,
        service: domain,
        port: server.c2sPort,
        user: 'w1',
        resource: 'r',
      });
      await worker.current.start();
    });

    after(async () => {
      await worker.current?.end();
      await one?.run.stop();
      await two?.run.stop();
      await server?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    it('has one that is active, and one that says so', async () => {
      match(two.run.unready()[0]?.text ?? '', /alpha .*is active \(epoch 1\), as of \d+\.\d s ago/);
      const refused = await two.command('pools.list');
      ok('refused' in refused && refused.refused === 'standing-by' && /alpha/.test(refused.text ?? ''));
      const overview = await two.command('service.overview');
      ok('done' in overview);
      match(JSON.stringify(overview.done), /"instance":\{"name":"beta",[^{]*"role":"standby","epoch":null/);
      equal(cluster.lease.epoch, 1);
    });

    it('hands over under plain traffic: each message is answered once, or its sender is told', async () => {
      const client = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
      const sender = new SteadySender(client, jobs);
      sender.start(2);
      for (const [from, to] of [
        [one, two],
        [two, one],
        [one, two],
      ] as const) {
        await until(() => to.reasons.join() === 'standby', 'the other stands by');
        const before = sender.answered.size;
        await until(() => sender.answered.size > before + 20, 'traffic flows');
        await from.knowsOthers();
        const end = await from.command('service.step-down');
        ok('done' in end, JSON.stringify(end));
        await to.ready();
        await from.standsBy();
        const then = sender.answered.size;
        await until(() => sender.answered.size > then + 20, 'traffic flows again');
      }
      await sender.stop(20_000);
      await client.end();
      const bounced = sender.errors.length;
      const twice = [...sender.answered].filter(([, count]) => count > 1);
      const unanswered = sender.lost.length - bounced;
      deepEqual([twice, unanswered, worker.current?.refused], [[], 0, []], `${sender.errors[0]}`);
      if (!gap) equal(bounced, 0, sender.errors[0]);
      equal(cluster.lease.epoch, 4);
    });

    it('takes over what was made, and what was reloaded while it stood by', async () => {
      const made = await two.command('pools.create', { name: 'night', workers: ['*@localhost'] });
      ok('done' in made, JSON.stringify(made));
      const more = { ...config, pools: { ...config.pools, more: { workers: ['*@localhost'] } } };
      const reloaded = one.reload(more);
      ok('done' in reloaded, JSON.stringify(reloaded));
      // The other has not followed yet: both tell so, and go on.
      for (const [instance, where] of [
        [one, 'only'],
        [two, 'not'],
      ] as const) {
        await until(() => instance.run.remarks().length > 0, 'it says that the other is configured otherwise');
        match(instance.run.remarks()[0]?.text ?? '', new RegExp(`: pools\\.more \\(${where} in this instance\\)\\.`));
      }
      await two.ready();
      for (const [from, to] of [
        [two, one],
        [one, two],
      ] as const) {
        await from.knowsOthers();
        ok('done' in (await from.command('service.step-down')));
        await to.ready();
        await from.standsBy();
        const list = await to.command('pools.list');
        ok('done' in list);
        const named = ['jobs', 'night', 'more'].filter((pool) => JSON.stringify(list.done).includes(`"${pool}"`));
        deepEqual(named, to === one ? ['jobs', 'night', 'more'] : ['jobs', 'night']);
      }
    });

    it('takes its place back when the one that should follow does not', async () => {
      const client = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'again' });
      const sender = new SteadySender(client, jobs);
      sender.start(5);
      await two.knowsOthers();
      alpha.hangs = true;
      ok('done' in (await two.command('service.step-down')));
      await until(() => cluster.lease.epoch === 7, 'it has taken the lease again');
      await two.ready();
      alpha.hangs = false;
      await one.standsBy();
      const then = sender.answered.size;
      await until(() => sender.answered.size > then + 20, 'traffic flows again');
      await sender.stop(20_000);
      await client.end();
      const twice = [...sender.answered].filter(([, count]) => count > 1);
      deepEqual([twice, sender.lost.length - sender.errors.length], [[], 0]);
    });

    it('goes on when the active one ends, and says why', async () => {
      await two.knowsOthers();
      await two.run.stop();
      await one.ready();
      match(one.roles.at(-1) ?? '', /this instance is the active one now \(epoch 8\): beta .* handed over; ready in/);
      const refused = await one.command('service.step-down');
      ok('refused' in refused && refused.refused === 'not-stepped-down', JSON.stringify(refused));
      match(refused.text ?? '', /^No other instance is alive in memory, so nobody would follow\. Start one there/);
    });

    it('keeps its link while it is alone and the database is away, and tells why it is not ready', async () => {
      cluster.away = true;
      await until(() => one.reasons.includes('lease-unsure'), 'unsure');
      ok(one.reasons.includes('store-failed'));
      const unsure = one.run.unready().find(({ code }) => code === 'lease-unsure');
      match(
        unsure?.text ?? '',
        /^The database \(memory\) has not confirmed for \d+\.\d s that this instance is the active one\. Durable messages are refused, plain pools go on, for as long as it takes, as no other instance was alive\. Look/,
      );
      const refused = await one.command('service.step-down');
      ok('refused' in refused && refused.refused === 'not-stepped-down', JSON.stringify(refused));
      match(
        refused.text ?? '',
        /has not confirmed for .* So nobody can be asked to follow\. Give the command again once/,
      );
      await sleep(3_500);
      ok(!one.reasons.includes('standby'), 'closed its link though nobody could take over');
      cluster.away = false;
      await one.ready();
      match(one.roles.at(-1) ?? '', /the lease is confirmed again/);
    });
  });
}
