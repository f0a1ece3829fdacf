import { equal } from 'node:assert/strict';
import { type Profanity, profanityMissing, startProfanity } from '../clients/profanity.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';
import { until } from '../until.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const access = { workers: ['nobody@localhost'], senders: ['*'] };
/** More pools than a page of a list has rows. */
const others = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`p${String(n).padStart(2, '0')}`, access]));

/** What a person does in Profanity, key by key. */
export function describeAdHocInProfanity(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`ad-hoc commands in Profanity on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let router: RouterProcess;
    let profanity: Profanity;

    before(async function () {
      const reason = missing() ?? profanityMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({ accounts: { boss: 'pw' }, components: { [domain]: 's3cret' }, adhoc: true });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { jobs: { ...access, delivery: { guarantee: 'at-least-once' } }, ...others },
        config: { access: { admins: ['boss@localhost'] } },
      });
      await router.start();
      profanity = await startProfanity({ port: server.c2sPort, user: 'boss' });
      // Only after its login does Profanity ask what its server can do; before it knows, it gives no commands.
      await until(async () => {
        profanity.type('/clear');
        profanity.type(`/cmd list ${jobs}`);
        return (await profanity.sees(/Ad hoc commands:|not support ad hoc commands/)).includes('Ad hoc commands:');
      }, 'Profanity gives commands');
    });

    beforeEach(() => {
      profanity.type('/clear');
    });

    after(async () => {
      await profanity?.end();
      await router?.remove();
      await server?.remove();
    });

    it('are listed', async () => {
      profanity.type(`/cmd list ${jobs}`);
      await profanity.sees(/Ad hoc commands:[\s\S]*queue\.purge[\s\S]*workers\.drain/);
    });

    it('show what they answer', async () => {
      profanity.type(`/cmd exec pools.show ${jobs}`);
      await profanity.sees(/Form title: Show a pool[\s\S]*Pool: +jobs[\s\S]*Guarantee: +at-least-once/);
      profanity.type('/form cancel');
      await profanity.sees(/pools\.show completed/);
    });

    it('say on the form what is wrong, and take what is right', async () => {
      profanity.type(`/cmd exec pools.algorithm ${jobs}`);
      await profanity.sees(/\[field1\] Algorithm \(all, .*, sticky\) \(required\):/);
      profanity.type('/form submit');
      await profanity.sees(/Supplied instructions:\s.*Algorithm \(algorithm\): This is missing\./);
      profanity.type('/field1 weighted');
      await profanity.sees(/Field updated/);
      profanity.type('/form submit');
      await profanity.sees(/Form title: Set the algorithm of a pool[\s\S]*: weighted\s/);
      profanity.type('/form cancel');
      await profanity.sees(/pools\.algorithm completed/);
    });

    it('ask before they destroy, and want a yes', async () => {
      profanity.type(`/cmd exec queue.purge ${jobs}`);
      await profanity.sees(/\[field1\] State \(ready, dead\) \(required\):/);
      profanity.type('/field1 ready');
      await profanity.sees(/Field updated/);
      profanity.type('/form submit');
      await profanity.sees(
        /All of these messages are deleted\. State: ready[\s\S]*\[field1\] Do it \(required\): FALSE/,
      );
      profanity.type('/form submit');
      await profanity.sees(/Supplied instructions:\s.*Nothing is done before you say that you mean it/);
      profanity.type('/field1 on');
      await profanity.sees(/\[field1\] Do it \(required\): TRUE/);
      profanity.type('/form submit');
      await profanity.sees(/Supplied instructions:\s.*Deleted: 0\./);
      profanity.type('/form cancel');
      await profanity.sees(/queue\.purge completed\s.*Deleted: 0\./);
    });

    it('turn the pages of a long list with each submission', async () => {
      profanity.type(`/cmd exec pools.list ${domain}`);
      await profanity.sees(/From 1 to 50 of 61\. Next shows more\.[\s\S]*jobs +weighted[\s\S]*\[val51\] p48/);
      profanity.type('/form submit');
      await profanity.sees(/From 51 to 61 of 61\.[\s\S]*\[val12\] p59/);
      profanity.type('/form cancel');
      await profanity.sees(/pools\.list completed/);
    });

    it('are over for the router as well', async () => {
      equal(await router.balance(), 0);
    });
  });
}
