import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectForeign, type ForeignClient, slixmppMissing } from '../clients/slixmpp-client.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const disco = 'http://jabber.org/protocol/disco#info';

/** Workers that join by subscription, and a sender that sees the pool come and go, the same on every server. */
export function describeSubscription(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`subscriptions on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let desk: TestClient;
    let phone: ForeignClient;

    /** With the roster asked for: else servers tell a client nothing of subscriptions. */
    const login = async (user: string, resource: string, silent = false): Promise<TestClient> => {
      const client = await connectClient({ port: server.c2sPort, user, password: 'pw', resource, silent });
      await client.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
      await client.waitFor((s) => s.attrs['id'] === 'roster', 'the roster');
      return client;
    };

    /** A worker that answers no ping: only its presence tells of it. */
    const connectDesk = () => login('worker', 'desk', true);

    const connectSender = async (): Promise<TestClient> => {
      const client = await login('sensor', 'r');
      await client.send('<presence/>');
      return client;
    };

    const senderHears = (type: string | undefined) =>
      sender.waitFor(
        (s) => s.name === 'presence' && s.attrs['from'] === jobs && s.attrs['type'] === type,
        `the pool, ${type ?? 'available'}`,
      );

    const gives = async (id: string): Promise<void> => {
      await sender.send(`<message to='${jobs}' type='chat' id='${id}'><body>x</body></message>`);
    };

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', worker: 'pw', foreign: 'pw', stranger: 'pw' },
        components: { [domain]: 's3cret' },
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: {
            join: 'subscription',
            workers: ['worker@localhost', 'foreign@localhost'],
            senders: ['sensor@localhost'],
          },
        },
      });
      await router.start();
      [sender, desk, phone] = await Promise.all([
        connectSender(),
        connectDesk(),
        connectForeign({ port: server.c2sPort, user: 'foreign', password: 'pw', resource: 'phone', caps: true }),
      ]);
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    const members = (count: number) => waitUntil(() => router.metric('switchyard_pool_members'), count, router);
    const eligible = (count: number) =>
      waitUntil(() => router.metric('switchyard_pool_eligible_workers'), count, router);

    it('shows a sender that nobody works, and refuses a stranger', async () => {
      await sender.send(`<presence to='${jobs}' type='subscribe' id='s'/>`);
      await senderHears('subscribed');
      await senderHears('unavailable');
      const stranger = await login('stranger', 'x');
      await stranger.send('<presence/>');
      await stranger.send(`<presence to='${jobs}' type='subscribe' id='s'/>`);
      await stranger.waitFor((s) => s.attrs['type'] === 'unsubscribed', 'the refusal');
      await stranger.end();
    });

    it('refuses directed presence, with the reason', async () => {
      await desk.send(`<presence to='${jobs}' id='d'/>`);
      const error = await desk.waitFor((s) => s.name === 'presence' && s.attrs['type'] === 'error', 'the refusal');
      ok(error.getChild('error')?.getChild('subscription-required') !== undefined, String(error));
      await desk.send(`<presence to='${jobs}' type='unavailable'/>`);
    });

    it('takes the clients of an account that subscribes as workers', async () => {
      await desk.send('<presence><priority>3</priority></presence>');
      await desk.send(`<presence to='${jobs}' type='subscribe' id='s'/>`);
      await desk.waitFor((s) => s.attrs['type'] === 'subscribed', 'the grant');
      await desk.waitFor((s) => s.attrs['type'] === 'subscribe', 'the request');
      await desk.send(`<presence to='${jobs}' type='subscribed'/>`);
      const welcome = await desk.waitFor((s) => /worker desk/.test(s.getChildText('status') ?? ''), 'welcome');
      const { node, ver } = welcome.getChild('c', 'http://jabber.org/protocol/caps')?.attrs ?? {};
      await desk.send(`<iq type='get' to='${jobs}' id='caps'><query xmlns='${disco}' node='${node}#${ver}'/></iq>`);
      const info = await desk.waitFor((s) => s.attrs['id'] === 'caps', 'what the pool can do');
      equal(info.getChild('query', disco)?.attrs['node'], `${node}#${ver}`);
      await senderHears(undefined);
      await gives('m1');
      await desk.waitFor((s) => s.attrs['id'] === 'm1', 'work');
      // slixmpp answers what it is asked by itself.
      phone.presence({ priority: 1 });
      phone.presence({ to: jobs, type: 'subscribe' });
      await members(2);
      await waitUntil(() => Promise.resolve(knownFeatures(router, phone.jid)), 1, router);
    });

    it('follows what a worker tells everybody of itself', async () => {
      await desk.send('<presence><priority>-1</priority></presence>');
      phone.presence({ priority: -1 });
      await eligible(0);
      await senderHears('unavailable');
      await desk.send('<presence><priority>5</priority></presence>');
      await eligible(1);
      await senderHears(undefined);
      await gives('m2');
      await desk.waitFor((s) => s.attrs['id'] === 'm2', 'work');
    });

    it('knows after a restart of its own what changed meanwhile, though nobody answers a ping', async () => {
      await router.stored();
      await router.kill9();
      await desk.send('<presence><priority>-1</priority></presence>');
      phone.presence({ priority: 7 });
      await router.start();
      await waitUntil(() => router.metric('switchyard_pool_members', { state: 'verified' }), 2, router);
      await eligible(1);
      await gives('m3');
      await phone.waitFor((s) => s.id === 'm3', 'work');
    });

    it('hears of the death of a worker, and so does the sender', async () => {
      await phone.kill();
      await members(1);
      await senderHears('unavailable');
    });

    it('has its workers back after a restart of the server, without their doing', async () => {
      desk.kill();
      sender.kill();
      await server.restart();
      await waitUntil(() => router.metric('switchyard_link_state', { state: 'online' }), 1, router);
      [sender, desk] = await Promise.all([connectSender(), connectDesk()]);
      await desk.send('<presence/>');
      await eligible(1);
      await senderHears(undefined);
      await gives('m4');
      await desk.waitFor((s) => s.attrs['id'] === 'm4', 'work');
    });

    it('lets an account go that withdraws, and a sender that has seen enough', async () => {
      await desk.send(`<presence to='${jobs}' type='unsubscribed'/>`);
      await members(0);
      await senderHears('unavailable');
      await sender.send(`<presence to='${jobs}' type='unsubscribe'/>`);
      await senderHears('unavailable');
      equal(await router.balance(), 0);
    });
  });
}

/** How often the router has learnt that a worker's client answers pings. */
function knownFeatures(router: RouterProcess, worker: string): number {
  return router.log.filter(
    ({ event, detail }) =>
      event === 'member-features' && JSON.stringify(detail).includes(`"worker":"${worker}","pings":true`),
  ).length;
}

/** Waits for what a server tells us in its own time. */
async function waitUntil(read: () => Promise<number>, wanted: number, router: RouterProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await read();
    if (found === wanted) return;
    if (Date.now() > deadline) {
      throw new Error(
        `${found}, not ${wanted}; the router said:\n${router.log
          .slice(-12)
          .map((line) => JSON.stringify(line))
          .join('\n')}`,
      );
    }
    await sleep(20);
  }
}
