import { equal, match, ok } from 'node:assert/strict';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const orders = `orders@${domain}`;
const calls = `calls@${domain}`;
const slow = `slow@${domain}`;
const resources = ['one', 'two', 'three'];

/** The algorithms of our own, rates, and workers that share an account, the same on every server. */
export function describeSharing(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`leastbusy, sticky and rates on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let workers: readonly TestClient[];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      const accounts = { sensor: 'pw', worker: 'pw' };
      server = await startServer({ accounts, components: { [domain]: 's3cret' }, carbons: true });
      const access = { workers: ['worker@localhost'] };
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          orders: { ...access, algorithm: 'sticky', sticky: { key: '{urn:example:shop}order@customer' } },
          calls: { ...access, algorithm: 'leastbusy', workWindow: '1m' },
          slow: { ...access, rate: { perSender: '1/h burst 2' } },
        },
      });
      await router.start();
      const connect = (user: string, resource: string) =>
        connectClient({ port: server.c2sPort, user, password: 'pw', resource });
      sender = await connect('sensor', 'r');
      workers = await Promise.all(resources.map((resource) => connect('worker', resource)));
      for (const worker of workers) {
        for (const pool of [orders, calls, slow]) {
          await worker.send(`<presence to='${pool}'/>`);
          await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
        }
      }
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    /** Sends a message and returns the worker that got it, by its place. */
    async function send(to: string, id: string, payload: string): Promise<number> {
      await sender.send(`<message to='${to}' type='chat' id='${id}'><body>x</body>${payload}</message>`);
      const got = workers.map(async (worker, index) => {
        await worker.waitFor((s) => s.name === 'message' && s.attrs['id'] === id, id);
        return index;
      });
      for (const each of got) each.catch(() => undefined);
      return Promise.any(got);
    }

    it('gives the same worker what has the same key, after a restart too', async () => {
      const order = (customer: number) => `<order xmlns='urn:example:shop' customer='${customer}'/>`;
      const owners: number[] = [];
      for (let customer = 0; customer < 12; customer += 1) {
        owners.push(await send(orders, `a${customer}`, order(customer)));
      }
      ok(new Set(owners).size > 1, 'customers are spread');
      await router.stored();
      await router.kill9();
      await router.start();
      for (const [customer, owner] of owners.entries()) {
        equal(await send(orders, `b${customer}`, order(customer)), owner);
      }
    });

    it('gives work to whoever has the least in flight', async () => {
      const [first, second, third] = [
        await send(calls, 'c1', ''),
        await send(calls, 'c2', ''),
        await send(calls, 'c3', ''),
      ];
      equal(new Set([first, second, third]).size, 3);
      await workers[second]?.send(`<message to='${calls}/${sender.jid}' type='chat'><body>done</body></message>`);
      await sender.waitFor((s) => s.getChildText('body') === 'done', 'the reply');
      equal(await send(calls, 'c4', ''), second);
    });

    it('shows what a worker gets to no other client of its account', async () => {
      const phone = await connectClient({ port: server.c2sPort, user: 'worker', password: 'pw', resource: 'phone' });
      await phone.send(`<iq type='set' id='on'><enable xmlns='urn:xmpp:carbons:2'/></iq>`);
      equal((await phone.waitFor((s) => s.attrs['id'] === 'on', 'the result')).attrs['type'], 'result');
      // Copies go to and from available sessions.
      for (const client of [phone, ...workers]) await client.send('<presence/>');
      const bodies = [
        ['chat', '<body>x</body>'],
        ['normal', '<body>x</body>'],
        ['normal', "<reading xmlns='urn:example:sensor'>21.5</reading>"],
        ['normal', "<reading xmlns='urn:example:sensor'/><request xmlns='urn:xmpp:receipts'/>"],
      ] as const;
      for (const [n, [type, content]] of bodies.entries()) {
        const id = `carbon${n}`;
        await sender.send(`<message to='${calls}' type='${type}' id='${id}'>${content}</message>`);
        const came = (worker: TestClient) => worker.waitFor((s) => s.attrs['id'] === id, id).catch(() => undefined);
        ok((await Promise.race(workers.map(came))) !== undefined, id);
      }
      // What is no delivery is copied, and comes after all that could have been.
      await sender.send(`<message to='${workers[0]?.jid}' type='chat' id='control'><body>x</body></message>`);
      const copy = await phone.waitFor((s) => s.name === 'message', 'the copy of what did not come through the pool');
      match(copy.toString(), /id=["']control["']/);
      await phone.end();
    });

    it('tells who sends too fast when to come back', async () => {
      await send(slow, 's1', '');
      await send(slow, 's2', '');
      await sender.send(`<message to='${slow}' type='chat' id='s3'><body>x</body></message>`);
      const answer = await sender.waitFor((s) => s.attrs['id'] === 's3', 'the error');
      const error = answer.getChild('error');
      equal(error?.attrs['type'], 'wait');
      ok(error?.getChild('policy-violation') !== undefined);
      match(error.getChildText('text') ?? '', /Try again in 3[56]\d\d seconds\.$/);
      equal(await router.balance(), 0);
    });
  });
}
