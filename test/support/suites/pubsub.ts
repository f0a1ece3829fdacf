import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';
import { until } from '../until.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const service = 'pubsub.localhost';
const namespace = 'http://jabber.org/protocol/pubsub';
const event = `${namespace}#event`;
const resources = ['one', 'two', 'three'] as const;

/** A pool that shares what is published at a PubSub service, the same on every server. */
export function describePubSub(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`PubSub into a pool on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let owner: TestClient;
    let workers: readonly TestClient[] = [];
    let ids = 0;

    const nodes = (...names: readonly string[]) => ({
      jobs: {
        workers: ['worker@localhost'],
        senders: ['owner@localhost'],
        pubsub: names.map((node) => ({ service, node })),
      },
    });

    const login = (user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource });

    /** What the service answers to the owner. */
    const ask = async (type: 'get' | 'set', about: '' | '#owner', child: Element): Promise<Element> => {
      ids += 1;
      const pubsub = xml('pubsub', { xmlns: `${namespace}${about}` }, child);
      const answer = await owner.request(xml('iq', { type, to: service, id: `q${ids}` }, pubsub));
      equal(answer.attrs['type'], 'result', String(answer));
      return answer;
    };

    /** ejabberd tells of the end of a node only where the node says so. */
    const create = async (node: string): Promise<void> => {
      await ask('set', '', xml('create', { node }));
      const field = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
      const fields = [
        field('FORM_TYPE', `${namespace}#node_config`),
        field('pubsub#notify_delete', '1'),
        field('pubsub#notify_retract', '1'),
      ];
      const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...fields);
      await ask('set', '#owner', xml('configure', { node }, form));
    };
    const remove = (node: string) => ask('set', '#owner', xml('delete', { node }));
    const publish = (node: string, id: string) =>
      ask('set', '', xml('publish', { node }, xml('item', { id }, xml('job', { xmlns: 'urn:example:job' }, id))));

    /** How often the service has the pool among the subscribers of a node. */
    const subscribers = async (node: string): Promise<number> => {
      const answer = await ask('get', '#owner', xml('subscriptions', { node }));
      const list = answer.getChild('pubsub')?.getChild('subscriptions')?.getChildren('subscription') ?? [];
      return list.filter(({ attrs }) => attrs['jid'] === jobs && attrs['subscription'] === 'subscribed').length;
    };

    const join = async (): Promise<void> => {
      workers = await Promise.all(resources.map((resource) => login('worker', resource)));
      for (const worker of workers) {
        await worker.send(`<presence to='${jobs}'/>`);
        await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === jobs, 'welcome');
      }
    };

    const stands = (state: string, count: number) =>
      waitUntil(() => router.metric('switchyard_pool_pubsub_subscriptions', { state }), count, router);

    /** The log comes by another way than what the metrics say. */
    const logged = (words: RegExp) =>
      until(
        () => router.log.some(({ event: what, msg }) => what === 'pubsub-subscription' && words.test(String(msg))),
        `the log says ${words}`,
      );

    /** Takes `count` items of a node from the workers: their ids, by worker. */
    const shared = async (node: string, count: number): Promise<string[][]> => {
      const got = (): string[][] => workers.map(({ received }) => received.flatMap((s) => itemsOf(s, node)));
      await waitUntil(() => Promise.resolve(got().flat().length), count, router);
      return got();
    };

    const clear = (): void => {
      for (const { received } of workers) (received as Element[]).splice(0);
    };

    /** Until all workers have it: what is told of a node. */
    const told = (what: string) =>
      Promise.all(workers.map((worker) => worker.waitFor((s) => eventOf(s)?.getChild(what) !== undefined, what)));

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { owner: 'pw', worker: 'pw', evil: 'pw' },
        components: { [domain]: 's3cret' },
        pubsub: { domain: service, owner: 'owner@localhost' },
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: nodes('orders', 'later'),
      });
      owner = await login('owner', 'desk');
      await create('orders');
      await router.start();
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('subscribes to the node that is there, and says why it could not to the other', async () => {
      await stands('subscribed', 1);
      await stands('refused', 1);
      equal(await subscribers('orders'), 1);
      await logged(/item-not-found/);
      await join();
    });

    it('gives each of 100 items to exactly one worker, in turn', async () => {
      const wanted = Array.from({ length: 100 }, (_, n) => `job-${n}`);
      for (const id of wanted) await publish('orders', id);
      const got = await shared('orders', 100);
      deepEqual(got.flat().sort(byNumber), wanted);
      deepEqual(
        got.map(({ length }) => length).sort((a, b) => a - b),
        [33, 33, 34],
      );
      const [first] = workers[0]?.received.filter((s) => eventOf(s) !== undefined) ?? [];
      equal(first?.attrs['from'], `${jobs}/${service}`);
      equal(first?.getChild('event', event)?.getChild('items')?.getChild('item')?.getChildText('job'), got[0]?.[0]);
      clear();
    });

    it('tells every worker what is retracted and purged', async () => {
      await ask('set', '', xml('retract', { node: 'orders', notify: 'true' }, xml('item', { id: 'job-99' })));
      await Promise.all(
        workers.map((worker) =>
          worker.waitFor(
            (s) => eventOf(s)?.getChild('items')?.getChild('retract')?.attrs['id'] === 'job-99',
            'retract',
          ),
        ),
      );
      await ask('set', '#owner', xml('purge', { node: 'orders' }));
      await told('purge');
    });

    it('takes no event from anybody else', async () => {
      const evil = await login('evil', 'x');
      const forged = `<event xmlns='${event}'><items node='orders'><item id='forged'/></items></event>`;
      const gone = `<event xmlns='${event}'><delete node='orders'/></event>`;
      for (const payload of [forged, gone])
        await evil.send(`<message to='${jobs}' type='headline'>${payload}</message>`);
      await evil.send(`<message to='${jobs}' type='chat' id='c'>${forged}</message>`);
      await evil.waitFor((s) => s.attrs['id'] === 'c' && s.attrs['type'] === 'error', 'the refusal');
      await publish('orders', 'genuine');
      deepEqual((await shared('orders', 1)).flat(), ['genuine']);
      await stands('subscribed', 1);
      await evil.end();
      clear();
    });

    it('knows its subscription again after a crash, has it once, and finds the node that was made meanwhile', async () => {
      await router.kill9();
      await create('later');
      await router.start();
      await stands('subscribed', 2);
      equal(await subscribers('orders'), 1);
      await waitUntil(() => router.metric('switchyard_pool_members', { state: 'verified' }), 3, router);
      await publish('orders', 'after-crash');
      await publish('later', 'second-node');
      deepEqual((await shared('orders', 1)).flat(), ['after-crash']);
      deepEqual((await shared('later', 1)).flat(), ['second-node']);
      clear();
    });

    it('looks after its subscription when the server restarts', async () => {
      for (const client of [...workers, owner]) client.kill();
      const before = confirmations(router);
      await server.restart();
      owner = await login('owner', 'desk');
      await waitUntil(() => router.metric('switchyard_link_state', { state: 'online' }), 1, router);
      await waitUntil(() => Promise.resolve(confirmations(router) > before ? 1 : 0), 1, router);
      await stands('subscribed', 2);
      equal(await subscribers('orders'), 1);
      await join();
      await publish('orders', 'after-restart');
      deepEqual((await shared('orders', 1)).flat(), ['after-restart']);
      clear();
    });

    it('shows that a node was deleted, tells the workers, and takes it again when it is back', async () => {
      await remove('orders');
      await told('delete');
      await stands('refused', 1);
      await logged(/orders at .*: refused/);
      await create('orders');
      await stands('subscribed', 2);
      await publish('orders', 'reborn');
      ok((await shared('orders', 1)).flat().includes('reborn'));
      clear();
    });

    it('subscribes again when the owner has removed it', async () => {
      const none = xml('subscription', { jid: jobs, subscription: 'none' });
      await ask('set', '#owner', xml('subscriptions', { node: 'later' }, none));
      equal(await subscribers('later'), 0);
      // Not every server says so: then it is noticed when it is looked at the next time, here by a reconnect.
      await router.kill9();
      await router.start();
      await waitUntil(() => subscribers('later'), 1, router);
    });

    it('drops what comes while nobody works, and never answers it', async () => {
      for (const worker of workers) await worker.send(`<presence to='${jobs}' type='unavailable'/>`);
      await waitUntil(() => router.metric('switchyard_pool_members'), 0, router);
      await publish('orders', 'for-nobody');
      const dropped = () => router.metric('switchyard_stanza_outcomes_total', { reason: 'event-no-worker' });
      await waitUntil(dropped, 1, router);
      equal(await subscribers('orders'), 1);
    });

    it('unsubscribes from a node that a reload takes away', async () => {
      await router.reload({ pools: nodes('orders') });
      await waitUntil(() => subscribers('later'), 0, router);
      equal(await subscribers('orders'), 1);
      equal(await router.balance(), 0);
    });
  });
}

function eventOf(stanza: Element): Element | undefined {
  return stanza.name === 'message' ? stanza.getChild('event', event) : undefined;
}

/** The ids of new items of a node. */
function itemsOf(stanza: Element, node: string): string[] {
  const items = eventOf(stanza)?.getChild('items');
  if (items?.attrs['node'] !== node) return [];
  return items.getChildren('item').map(({ attrs }) => attrs['id'] ?? '');
}

function byNumber(a: string, b: string): number {
  return Number(a.replace(/\D/g, '')) - Number(b.replace(/\D/g, ''));
}

/** How often the link was made. */
function confirmations(router: RouterProcess): number {
  return router.log.filter(({ event: what }) => what === 'attached').length;
}

/** Waits for what a server does in its own time. */
async function waitUntil(read: () => Promise<number>, wanted: number, router: RouterProcess): Promise<void> {
  const deadline = Date.now() + 50_000;
  for (;;) {
    const found = await read();
    if (found === wanted) return;
    if (Date.now() > deadline) {
      const said = router.log.slice(-12).map((line) => JSON.stringify(line));
      throw new Error(`${found}, not ${wanted}; the router said:\n${said.join('\n')}`);
    }
    await sleep(20);
  }
}
