import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';
import { type Tally, Traffic } from './traffic.ts';

const domain = 'pools.localhost';
const workers = ['w1', 'w2', 'w3', 'w4'];
const rounds = 3;
/** Messages on their way at the moment of the fault, beside the load. */
const flood = 500;

/**
 * Kills the router, workers and the server under load. Plain mode promises a message at most
 * once, so what is lost is printed and not judged; that nothing comes twice, that everything
 * recovers by itself, and that nothing is lost after that, is.
 */
export function describeFaults(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`faults under load on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let router: RouterProcess;
    let traffic: Traffic;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', worker: 'pw' },
        components: { [domain]: 's3cret' },
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { jobs: { workers: ['worker@localhost'], senders: ['sensor@localhost'] } },
        config: { log: { level: 'info', format: 'json' } },
      });
      await router.start();
      traffic = new Traffic(server, router, `jobs@${domain}`, workers);
      await traffic.connect();
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    /** The ledgers agree: nothing came twice, and the router ended each stanza that it received once. */
    async function report(what: string): Promise<Tally> {
      const tally = await traffic.tally();
      const { sent, received, refused, lost } = tally;
      process.stdout.write(
        `      ${what}: ${sent} sent, ${received} received, ${refused} returned with an error, ${lost} lost\n`,
      );
      deepEqual(tally.duplicates, [], 'no message came twice');
      equal(tally.both, 0, 'no message that arrived was returned as failed');
      equal(await router.balance(), 0);
      return tally;
    }

    it('loses nothing while nothing breaks', async () => {
      await traffic.assertCalm();
      equal(await router.balance(), 0);
    });

    it('finds its workers again after kill -9 of the router, and loses nothing from then on', async () => {
      for (let round = 1; round <= rounds; round += 1) {
        traffic.beginLoad();
        await sleep(200);
        traffic.flood(flood);
        await router.kill9();
        await router.start();
        await traffic.endLoad();
        await report(`kill -9 of the router, round ${round}`);
        equal(await traffic.members(), workers.length);
        await traffic.assertCalm();
      }
    });

    it('gives the work of a killed worker to the others, and takes the worker back', async () => {
      for (let round = 1; round <= rounds; round += 1) {
        const before = await router.metric('switchyard_stanza_outcomes_total', { outcome: 'forwarded' });
        traffic.beginLoad();
        await sleep(200);
        traffic.flood(flood);
        await traffic.kill('w1');
        await sleep(200);
        await traffic.join('w1');
        await sleep(200);
        await traffic.endLoad();
        const { sent } = await report(`socket of a worker cut, round ${round}`);
        const forwarded = (await router.metric('switchyard_stanza_outcomes_total', { outcome: 'forwarded' })) - before;
        equal(forwarded, sent, 'there was a worker for every message');
        await traffic.assertCalm();
      }
    });

    const restarts: readonly (readonly [string, () => Promise<void>])[] = [
      ['an orderly restart', () => server.restart()],
      ['kill -9', () => server.kill9().then(() => server.start())],
    ];
    for (const [how, restart] of restarts) {
      it(`attaches again after ${how} of the server, and its workers come back`, async () => {
        for (let round = 1; round <= 2; round += 1) {
          const from = router.log.length;
          traffic.beginLoad();
          await sleep(200);
          traffic.flood(flood);
          await restart();
          await traffic.endLoad();
          while ((await router.get('/readyz')).status !== 200) await sleep(20);
          await traffic.connect();
          await report(`${how} of the server, round ${round}`);
          equal(await traffic.members(), workers.length);
          await traffic.assertCalm();
          const problems = () => router.log.slice(from).filter((line) => 'problem' in line);
          // What is tried again in vain is told in a short line, without the advice that was given.
          await until(() => problems().some((line) => typeof line['advice'] === 'string'), 'the log tells of it');
        }
      });
    }

    it('ends cleanly after all that', async () => {
      equal(await router.stop(), 0);
    });
  });
}
