import { deepEqual, equal, fail, match, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../client/src/connection.ts';
import { xml } from '../../client/src/element.ts';
import type { Notice } from '../../client/src/notice.ts';
import { Sender, type SenderOptions } from '../../client/src/sender.ts';
import { StanzaError } from '../../client/src/stanza-error.ts';
import { Worker, type WorkerOptions } from '../../client/src/worker.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { until } from '../support/until.ts';

const domain = 'pools.localhost';
const load = 'urn:example:load';
const pool = (name: string): string => `${name}@${domain}`;

/** The client library with the real router and a real server, from a login to its end. */
export function describeLibrary(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the client library with the router, on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let connections: Connection[] = [];
    let notices: Notice[] = [];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { worker: 'pässword', sensor: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const workers = ['worker@localhost'];
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: { workers },
          best: { workers, algorithm: 'mostactive' },
          rpc: { workers, iq: 'proxy', iqNamespaces: [load] },
          where: { workers, iq: 'redirect', iqNamespaces: [load] },
          alone: { workers, iq: 'redirect', iqNamespaces: [load] },
        },
      });
      await router.start();
    });
    after(async () => {
      await router?.remove();
      await server?.remove();
    });
    afterEach(async () => {
      await Promise.all(connections.map((connection) => connection.stop()));
      connections = [];
      notices = [];
      await members(0);
    });

    /** What was seen, where something does not come. */
    const seen = (): string =>
      `${notices.map(({ event, text }) => `${event}: ${text}`).join('\n')}\n${router.log
        .slice(-60)
        .map((line) => JSON.stringify(line))
        .join('\n')}`;

    async function members(count: number): Promise<void> {
      await until(
        async () => (await router.metric('switchyard_pool_members')) === count,
        () => `${count} members\n${seen()}`,
      );
    }

    async function noticed(event: Notice['event'], count = 1): Promise<Notice> {
      const nth = (): Notice | undefined => notices.filter((notice) => notice.event === event)[count - 1];
      await until(
        () => nth() !== undefined,
        () => `${count} times ${event}\n${seen()}`,
      );
      return nth() ?? fail();
    }

    function connect(user: string, name: string): Connection {
      const connection = new Connection({
        address: `${user}@localhost/${name}`,
        password: user === 'worker' ? 'pässword' : 'pw',
        service: `xmpp://127.0.0.1:${server.c2sPort}`,
        // On loopback without TLS; the SCRAM of the library takes most of a second.
        mechanism: 'PLAIN',
        reconnect: { min: 50, max: 500 },
        notify: (notice) => {
          notices.push(notice);
        },
      });
      connections.push(connection);
      return connection;
    }

    async function worker(name: string, options: Partial<WorkerOptions> & { pool: string }): Promise<Connection> {
      const connection = connect('worker', name);
      new Worker(connection, { handle: ({ body }) => `${name} did: ${body}`, ...options });
      await connection.start();
      return connection;
    }

    async function sender(options: SenderOptions = {}): Promise<Sender> {
      const connection = connect('sensor', 's1');
      const made = new Sender(connection, options);
      await connection.start();
      return made;
    }

    /** Asks until there is a worker: which of worker and router is back first is open. */
    async function answered(ask: Sender, text: string): Promise<string> {
      let body: string | undefined;
      const asked = async (): Promise<boolean> => {
        try {
          ({ body } = await ask.ask(pool('jobs'), text));
        } catch (error) {
          if (!(error instanceof StanzaError) || !/^(recipient-unavailable|remote-server-.*)$/.test(error.condition))
            throw error;
        }
        return body !== undefined;
      };
      await until(asked, () => `an answer\n${seen()}`);
      return body ?? fail();
    }

    it('workers share the questions of a sender, who is answered by label, and says more to one of them', async () => {
      await worker('a', { pool: pool('jobs') });
      await worker('b', { pool: pool('jobs'), label: 'second' });
      await members(2);
      const ask = await sender();
      const answers = await Promise.all(['1', '2', '3', '4'].map((n) => ask.ask(pool('jobs'), `größe ${n} 🐝`)));
      deepEqual(answers.map(({ from }) => from).sort(), [
        `${pool('jobs')}/~a`,
        `${pool('jobs')}/~a`,
        `${pool('jobs')}/~second`,
        `${pool('jobs')}/~second`,
      ]);
      for (const { body } of answers) match(body, /^[ab] did: größe \d 🐝$/u);
      equal((await ask.ask(`${pool('jobs')}/~second`, 'more')).body, 'b did: more');
    });

    it('a worker that says no, and a pool without workers, are errors to the sender', async () => {
      const ask = await sender();
      await rejects(ask.ask(pool('jobs'), 'x'), { condition: 'recipient-unavailable' });
      await worker('a', {
        pool: pool('jobs'),
        handle() {
          throw new StanzaError('modify', 'not-acceptable', 'only numbers');
        },
      });
      await members(1);
      await rejects(ask.ask(pool('jobs'), 'x'), { condition: 'not-acceptable', message: /only numbers/ });
    });

    it('a worker that stops loses nothing: what it has is answered, the others get the rest', async () => {
      const slow = async ({ body }: { body: string }): Promise<string> => {
        await sleep(30);
        return `did: ${body}`;
      };
      const first = await worker('a', { pool: pool('jobs'), handle: slow, capacity: 4 });
      await worker('b', { pool: pool('jobs'), handle: slow });
      await members(2);
      const ask = await sender();
      const answers: Promise<{ body: string }>[] = [];
      for (let n = 0; n < 60; n += 1) {
        answers.push(ask.ask(pool('jobs'), String(n)));
        if (n === 30) void first.stop();
        await sleep(2);
      }
      deepEqual(
        (await Promise.all(answers)).map(({ body }) => body),
        answers.map((_, n) => `did: ${n}`),
      );
    });

    it('lowers the priority of a worker under load, so that another gets the rest', async () => {
      const open: (() => void)[] = [];
      const handle = (name: string) => () =>
        new Promise<string>((resolve) => {
          open.push(() => resolve(name));
        });
      const first = await worker('a', {
        pool: pool('best'),
        priority: 9,
        underLoad: { inHand: 2, priority: 1 },
        handle: handle('a'),
      });
      await worker('b', { pool: pool('best'), priority: 5, handle: handle('b') });
      await members(2);
      const ask = await sender();
      const answers: Promise<{ body: string }>[] = [];
      for (let n = 1; n <= 3; n += 1) {
        answers.push(ask.ask(pool('best'), String(n)));
        while (open.length < n) await sleep(5);
        // What the worker sent before, the pool has when it answers a ping.
        await first.request(pool('best'), xml('ping', { xmlns: 'urn:xmpp:ping' }));
      }
      for (const finish of open) finish();
      deepEqual(
        (await Promise.all(answers)).map(({ body }) => body),
        ['a', 'a', 'b'],
      );
    });

    it('requests are passed on by a pool, or redirected to a worker that must be in an allowed domain', async () => {
      const requests = { [load]: () => xml('load', { xmlns: load, is: '0.5' }) };
      await worker('a', { pool: pool('rpc'), requests });
      await worker('b', { pool: pool('where'), requests, requestsFrom: ['localhost'] });
      await worker('c', { pool: pool('alone'), requests });
      await members(3);
      const trusting = await sender({ redirectsTo: ['localhost'] });
      const query = xml('load', { xmlns: load });
      equal((await trusting.request(pool('rpc'), query))?.attrs['is'], '0.5');
      equal((await trusting.request(pool('rpc'), query, 'set'))?.attrs['is'], '0.5');
      await rejects(trusting.request(pool('where'), query, 'set'), { condition: 'not-allowed' });
      equal((await trusting.request(pool('where'), query))?.attrs['is'], '0.5');
      // A worker that allows nobody answers its pool only.
      await rejects(trusting.request(pool('alone'), query), { from: 'worker@localhost/c' });
      const careful = new Sender(connections.at(-1) ?? connect('sensor', 's2'));
      await rejects(careful.request(pool('where'), query), {
        condition: 'redirect',
        message: /localhost is not among the allowed domains/,
      });
    });

    it('pools are found by what their workers can do', async () => {
      await worker('a', { pool: pool('best'), features: ['urn:example:translate'] });
      await members(1);
      const ask = await sender();
      const all = await ask.discover('localhost');
      for (const name of ['jobs', 'best', 'rpc']) ok(all.some(({ jid }) => jid === pool(name)));
      let found = await ask.discover(domain, { feature: 'urn:example:translate' });
      // The router asks the worker for its features after it has joined.
      while (found.length === 0) {
        await sleep(20);
        found = await ask.discover(domain, { feature: 'urn:example:translate' });
      }
      deepEqual(
        found.map(({ jid }) => jid),
        [pool('best')],
      );
    });

    it('a conversation stays with its instance, and goes on with the next when that one dies', async () => {
      const hanging: ((nothing: undefined) => void)[] = [];
      const hang = (): Promise<undefined> =>
        new Promise((resolve) => {
          hanging.push(resolve);
        });
      await worker('a', { pool: pool('best'), priority: 9, handle: hang });
      const [first] = connections;
      await worker('b', { pool: pool('best'), priority: 1 });
      await members(2);
      const ask = await sender();
      const conversation = await ask.converse(pool('best'));
      equal(await conversation.instance(), `${pool('best')}/~a`);
      const answer = conversation.ask('?', { repeat: true });
      const once = rejects(conversation.ask('once'), { name: 'InstanceGone' });
      while (hanging.length < 2) await sleep(10);
      // The worker hangs, and then goes without a word to anybody.
      await first?.send(xml('presence', { to: pool('best'), type: 'unavailable' }));
      deepEqual([(await answer).from, (await answer).body], [`${pool('best')}/~b`, 'b did: ?']);
      await once;
      await conversation.close();
      for (const give of hanging) give(undefined);
    }).timeout(60_000);

    it('joins again after the server was restarted, and after the router was killed', async () => {
      await worker('a', { pool: pool('jobs') });
      const ask = await sender();
      await noticed('joined');
      await server.restart();
      await noticed('online', 4);
      await members(1);
      equal(await answered(ask, 'after the server'), 'a did: after the server');
      await router.stored();
      await router.kill9();
      await router.start();
      equal(await answered(ask, 'after the router'), 'a did: after the router');
    });
  });
}
