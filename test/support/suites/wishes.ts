import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { type Element, xml } from '@xmpp/client';
import { connectComponent } from '../clients/raw-component.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';
import { until } from '../until.ts';

const domain = 'pools.localhost';
const gadget = 'gadget.localhost';
const jobs = `jobs@${domain}`;
const tasks = `tasks@${domain}`;
const ours = 'urn:x-switchyard:worker:0';
const paging = 'http://jabber.org/protocol/rsm';
const items = 'http://jabber.org/protocol/disco#items';
/** Pools that are there only to be listed. */
const others = 60;

/** What anybody may ask of the service and of pools, and what workers may ask for, as it comes through a real server. */
export function describeWishes(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`what is asked of pools on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let first: TestClient;
    let second: TestClient;

    const login = (user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource });

    const join = async (worker: TestClient, pool: string, inner = ''): Promise<void> => {
      await worker.send(`<presence to='${pool}'>${inner}</presence>`);
      await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
      // It may have been that of an earlier join.
      await settled(worker, pool);
    };

    const leave = async (worker: TestClient, pool: string): Promise<void> => {
      await worker.send(`<presence to='${pool}' type='unavailable'/>`);
      await settled(worker, pool);
    };

    /** What the pool wrote to `client` before has come, and it has read what `client` wrote. */
    const settled = async (client: TestClient, pool: string): Promise<void> => {
      const id = `settled-${Math.random()}`;
      const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
      equal((await client.request(xml('iq', { type: 'get', to: pool, id }, ping))).attrs['type'], 'result');
    };

    const query = async (to: string, child: Element): Promise<Element> =>
      await sender.request(xml('iq', { type: 'get', to, id: `q-${Math.random()}` }, child));

    const give = (id: string, to = jobs): Promise<void> =>
      sender.send(`<message to='${to}' type='chat' id='${id}'><body>${id}</body></message>`);

    const gets = (worker: TestClient, id: string): Promise<Element> =>
      worker.waitFor((s) => s.name === 'message' && s.attrs['id'] === id, `the message ${id}`);

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', first: 'pw', second: 'pw' },
        components: { [domain]: 's3cret', [gadget]: 's3cret' },
        componentsApart: true,
      });
      const workers = ['*@localhost'];
      const listed = Array.from({ length: others }, (_, n) => [`listed-${n}`, { workers: ['first@localhost'] }]);
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: { workers },
          tasks: { workers, delivery: { guarantee: 'at-least-once', ack: 'receipt' } },
          ...Object.fromEntries(listed),
        },
        config: { contacts: { abuse: ['mailto:abuse@example.org'] } },
      });
      await router.start();
      [sender, first, second] = await Promise.all([
        login('sensor', 'r'),
        login('first', 'one'),
        login('second', 'two'),
      ]);
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('lists all pools, page by page, and each once', async () => {
      const names: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const mark = after === '' ? [] : [xml('after', {}, after)];
        const set = xml('set', { xmlns: paging }, xml('max', {}, '25'), ...mark);
        const answer = await query(domain, xml('query', { xmlns: items }, set));
        const listed = answer.getChild('query', items);
        names.push(...(listed?.getChildren('item').map((item) => String(item.attrs['jid'])) ?? []));
        const told = listed?.getChild('set', paging);
        equal(told?.getChildText('count'), String(others + 2));
        after = names.length < others + 2 ? (told?.getChildText('last') ?? undefined) : undefined;
        ok(names.length <= others + 2, 'pages without an end');
      }
      equal(new Set(names).size, others + 2);
      ok(names.includes(jobs) && names.includes(`listed-59@${domain}`));
    });

    it('says whom to write to, what time it is, and how long it has run', async () => {
      const info = await query(domain, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }));
      match(String(info), /abuse-addresses.*mailto:abuse@example\.org/s);
      const time = (await query(domain, xml('time', { xmlns: 'urn:xmpp:time' }))).getChild('time', 'urn:xmpp:time');
      ok(Math.abs(Date.parse(time?.getChildText('utc') ?? '') - Date.now()) < 600_000, String(time));
      const last = await query(domain, xml('query', { xmlns: 'jabber:iq:last' }));
      match(last.getChild('query', 'jabber:iq:last')?.attrs['seconds'] ?? '', /^\d+$/);
      // When a pool was last worked in is for those who may know who works there.
      equal((await query(jobs, xml('query', { xmlns: 'jabber:iq:last' }))).attrs['type'], 'error');
    });

    it('tells a chat client that takes a pool for a room what to do', async () => {
      await sender.send(`<presence to='${jobs}/nick'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);
      const error = await sender.waitFor((s) => s.name === 'presence' && s.attrs['type'] === 'error', 'the error');
      equal(error.attrs['from'], `${jobs}/nick`);
      match(String(error), /not-acceptable.*Send presence to the pool itself/s);
    });

    it('shows a worker by the label that it asks for, and keeps that for it while it is away', async () => {
      await join(first, jobs, `<x xmlns='${ours}' label='gpu'/>`);
      await give('l1');
      await first.send(
        `<message to='${(await gets(first, 'l1')).attrs['from']}' type='chat'><body>re l1</body></message>`,
      );
      const reply = await sender.waitFor((s) => s.getChildText('body') === 're l1', 'the reply');
      equal(reply.attrs['from'], `${jobs}/~gpu`);
      await leave(first, jobs);
      await join(second, jobs, `<x xmlns='${ours}' label='gpu'/>`);
      await give('l2');
      await second.send(
        `<message to='${(await gets(second, 'l2')).attrs['from']}' type='chat'><body>re l2</body></message>`,
      );
      const other = await sender.waitFor((s) => s.getChildText('body') === 're l2', 'the reply');
      equal(other.attrs['from'], `${jobs}/~gpu-2`);
      // What is for the one that has left goes to the pool; once it is back, to itself.
      await give('l3', `${jobs}/~gpu`);
      await gets(second, 'l3');
      await join(first, jobs, `<x xmlns='${ours}' label='gpu'/>`);
      for (const id of ['l4', 'l5', 'l6']) {
        await give(id, `${jobs}/~gpu`);
        await gets(first, id);
      }
    });

    it('answers a probe to a label about that one alone, and about none as about one that is away', async () => {
      for (const [label, type] of [
        ['gpu', undefined],
        ['none', 'unavailable'],
      ]) {
        const to = `${jobs}/~${label}`;
        await second.send(`<presence type='probe' to='${to}'/>`);
        const answer = await second.waitFor((s) => s.name === 'presence' && s.attrs['from'] === to, 'the answer');
        deepEqual([answer.attrs['type'], answer.getChild('status')], [type, undefined]);
      }
    });

    it('brings an answer to its sender whatever characters his resource has', async () => {
      const odd = [
        `a'b "c" &amp; & <d/> ]]>`,
        '/x//y@z',
        '~gpu',
        '!key',
        'jobs@pools.localhost/~gpu',
        '100%+40\\40',
        'ｆｕｌｌ',
      ];
      for (const [n, resource] of odd.entries()) {
        const strange = await login('sensor', resource);
        const body = `odd ${n}`;
        await strange.send(xml('message', { to: jobs, type: 'chat', id: `o${n}` }, xml('body', {}, body)));
        const [worker, given] = await Promise.any(
          [first, second].map(async (each) => [each, await gets(each, `o${n}`)] as const),
        );
        const to = String(given.attrs['from']);
        await worker.send(xml('message', { to, type: 'chat' }, xml('body', {}, `re ${body}`)));
        const reply = await strange.waitFor(
          (s) => s.getChildText('body') === `re ${body}`,
          `the answer to ${resource}`,
        );
        match(String(reply.attrs['from']), new RegExp(`^${jobs}/~`));
        await strange.end();
      }
    });

    it('gives nothing to a worker that drains, until it takes that back', async () => {
      const got = (worker: TestClient): number =>
        worker.received.filter((s) => s.name === 'message' && /^d[45]$/.test(s.attrs['id'] ?? '')).length;
      await join(first, jobs, `<x xmlns='${ours}' drain='true'/>`);
      for (const id of ['d1', 'd2', 'd3']) await give(id);
      for (const id of ['d1', 'd2', 'd3']) await gets(second, id);
      await join(first, jobs);
      for (const id of ['d4', 'd5']) await give(id);
      await until(() => got(first) + got(second) === 2, 'both are given');
      deepEqual([got(first), got(second)], [1, 1]);
    });

    it('gives a worker no more than it says that it can have (XEP-0142)', async () => {
      const chats = (n: number): string =>
        `<agent-status xmlns='http://jabber.org/protocol/workgroup'><max-chats>${n}</max-chats></agent-status>`;
      await join(first, tasks, chats(2));
      for (const id of ['c1', 'c2', 'c3', 'c4']) await give(id, tasks);
      const accepted = () => router.metric('switchyard_events_total', { event: 'delivery-accepted' });
      await until(async () => (await accepted()) === 4, 'all are accepted');
      const one = await gets(first, 'c1');
      await gets(first, 'c2');
      await settled(first, tasks);
      deepEqual(
        first.received.filter((s) => s.attrs['from'] === one.attrs['from']).map((s) => s.attrs['id']),
        [],
      );
      await first.send(
        `<message to='${one.attrs['from']}' id='r-c1'><received xmlns='urn:xmpp:receipts' id='c1'/></message>`,
      );
      await gets(first, 'c3');
      await join(first, tasks, chats(3));
      await gets(first, 'c4');
    });

    it('takes work of another component, and tells the worker when its answer reaches nobody', async () => {
      await leave(first, jobs);
      const machine = await connectComponent(server.componentPorts?.[gadget] ?? server.componentPort, gadget, 's3cret');
      machine.send(`<message from='${gadget}' to='${jobs}' id='g1'><body>g1</body></message>`);
      const { from } = (await gets(second, 'g1')).attrs;
      equal(from, `${jobs}/${gadget}`);
      await second.send(`<message to='${from}' id='a1'><body>re g1</body></message>`);
      match(await machine.came(/re g1/), new RegExp(`from=["']${jobs}/~gpu-2["']`));
      await machine.end();
      // The server may need a moment to know that it is gone; what it still takes is lost with the connection.
      const isError = (s: Element): boolean => s.name === 'message' && s.attrs['type'] === 'error';
      await until(async () => {
        await second.send(`<message to='${from}' id='a2'><body>again</body></message>`);
        await settled(second, jobs);
        return second.received.some(isError);
      }, 'an answer that reaches nobody comes back');
      const error = await second.waitFor(isError, 'the error');
      deepEqual([error.attrs['from'], error.attrs['id']], [from, 'a2']);
    });

    it('gives on what is as large as may be, refuses what would become too large, and keeps its link', async () => {
      const machine = await connectComponent(server.componentPorts?.[gadget] ?? server.componentPort, gadget, 's3cret');
      const limit = 480 * 1024;
      const send = (id: string, content: number): void =>
        machine.send(`<message from='${gadget}' to='${jobs}' id='${id}'><body>${'x'.repeat(content)}</body></message>`);
      send('s1', limit - 1_024);
      equal((await gets(second, 's1')).getChildText('body')?.length, limit - 1_024);
      // It comes in under the limit, and would leave over it.
      send('s2', limit - 130);
      match(await machine.came(/id=["']s2["']/), /policy-violation/);
      await machine.end();
      equal(router.log.filter(({ event }) => event === 'attached').length, 1);
      await settled(second, jobs);
    });

    it('leaves no stanza without its end', async () => {
      equal(await router.balance(), 0);
    });
  });
}
