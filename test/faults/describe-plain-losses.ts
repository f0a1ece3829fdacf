import { deepEqual, equal } from 'node:assert/strict';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { Lab, labServer } from './lab/lab.ts';
import type { Manners } from './lab/manners.ts';
import { seedOf } from './lab/seed.ts';

const manners: Manners = { ack: 'receipt', work: [0, 10], answer: 20 };
/** Messages on the wire when it breaks. */
const underWay = 200;

/**
 * A plain pool promises nothing about what is in flight when something breaks: here the harness
 * shows that it sees what is lost, and that it finds nothing where nothing breaks.
 */
export function describePlainLosses(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the lab with a plain pool on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let open: Lab | undefined;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer(labServer);
    });

    afterEach(async () => {
      await open?.close();
      open = undefined;
    });

    after(() => server?.remove());

    async function openLab(): Promise<Lab> {
      open = await Lab.open(server, { seed: seedOf(1), guarantee: 'plain', workers: { w1: manners, w2: manners } });
      return open;
    }

    const isLong = process.env['FAULT_ROUNDS'] !== undefined;
    if (isLong)
      it('loses nothing over a slow wire that cuts characters in two', async () => {
        const lab = await openLab();
        lab.wire.become({ kind: 'pieces', bytes: 61, pause: 0 });
        lab.generator.burst(100);
        lab.wire.become({ kind: 'late', milliseconds: 20 });
        lab.generator.burst(100);
        await lab.settle();
        const { done, lost, repeats, problems } = await lab.verdict();
        deepEqual([done, lost, repeats, problems], [200, [], 0, []]);
      });

    it('shows as lost what is on the wire when the router is killed', async () => {
      const lab = await openLab();
      lab.generator.burst(50);
      await lab.settle();
      lab.wire.become({ kind: 'silent' });
      lab.generator.burst(underWay);
      // The server has taken all of it, and written it into the wire.
      for (const sender of lab.generator.senders) await sender.settled('localhost');
      await lab.broken('the router is killed', async () => {
        await lab.router.kill9();
        lab.wire.become({ kind: 'whole' });
        await lab.startRouter();
      });
      await lab.settle();
      const { sent, done, lost, problems } = await lab.verdict();
      deepEqual([sent, done, problems], [50 + underWay, 50, []]);
      equal(lost.length, underWay, 'what the wire held is seen as lost');
    });

    if (isLong)
      it('has the router kill itself where it is told to', async () => {
        const lab = await openLab();
        lab.generator.burst(50);
        await lab.settle();
        await lab.router.kill9();
        // Even a plain pool writes down who has joined.
        await lab.startRouter({ kill: { point: 'after-commit', op: 'put-member', nth: 1 } });
        const hired = lab.crew.hire('w3', manners);
        equal(await lab.router.ended(), 'SIGKILL');
        await lab.startRouter();
        await hired.catch(() => undefined);
        deepEqual((await lab.verdict()).problems, []);
      });
  });
}
