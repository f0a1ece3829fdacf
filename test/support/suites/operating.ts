import { deepEqual, equal, match } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import type { MessageSummary } from '../../../src/core/commands/message-report.ts';
import type { QueueReport } from '../../../src/core/commands/queue-report.ts';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { eventsOf } from '../clients/event-stream.ts';
import { openRequest } from '../clients/http-client.ts';
import type { TestClient } from '../clients/xmpp-client.ts';
import { freePorts } from '../free-ports.ts';
import { runSwitchyard } from '../router/command-line.ts';
import { type RouterProcess, testToken } from '../router/router-process.ts';
import { domain, type SmallService, startSmallService } from '../router/small-service.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const patience = 30_000;

/** What an operator sees and does from the shell, while people and workers are there. */
export function describeOperating(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`operating on ${name}`, function () {
    this.timeout(120_000);
    let service: SmallService;
    let router: RouterProcess;
    let sender: TestClient;
    let worker: TestClient;
    let port: number;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      [port = 0] = await freePorts(1);
      const delivery = { guarantee: 'at-least-once', ack: 'receipt', capacity: 1 };
      const hasty = { ...delivery, ackTimeout: '1s', maxAttempts: 1 };
      const workers = ['worker@localhost'];
      service = await startSmallService(startServer, {
        pools: { jobs: { workers, delivery }, hasty: { workers, delivery: hasty } },
        config: { http: { listen: `127.0.0.1:${port}`, token: testToken } },
      });
      ({ router, sender, worker } = service);
    });

    after(() => service?.remove());

    /** The answer to a command over HTTP. */
    async function ask(command: string, given: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
      return JSON.parse((await router.command(command, given)).body);
    }

    async function queue(pool: string): Promise<QueueReport> {
      const { queues } = (await ask('queue.status', { pool })) as { queues: readonly QueueReport[] };
      return queues[0] ?? Promise.reject(new Error('the pool has no queue'));
    }

    async function messages(pool: string, state: string): Promise<readonly MessageSummary[]> {
      return ((await ask('queue.list', { pool, state })) as { messages: readonly MessageSummary[] }).messages;
    }

    /** Waits until the queue is as `wanted`. */
    async function until(wanted: (report: QueueReport) => boolean, pool = 'jobs'): Promise<QueueReport> {
      const deadline = Date.now() + patience;
      for (;;) {
        const report = await queue(pool);
        if (wanted(report)) return report;
        if (Date.now() > deadline) throw new Error(`the queue stays ${JSON.stringify(report)}`);
        await sleep(50);
      }
    }

    const switchyard = (...words: readonly string[]) => runSwitchyard(router.folder, ...words);

    const post = (id: string, pool = 'jobs') =>
      sender.send(`<message to='${pool}@${domain}' type='chat' id='${id}'><body>${id}</body></message>`);
    const got = (id: string) => worker.waitFor((stanza) => bodyOf(stanza) === id, `message ${id}`, patience);
    const receipt = ({ attrs }: Element) =>
      worker.send(
        `<message to='${attrs['from']}' type='chat'><received xmlns='urn:xmpp:receipts' id='${attrs['id']}'/></message>`,
      );

    it('says why messages wait, shows them, and takes one out', async () => {
      for (const id of ['a', 'b', 'c']) await post(id);
      const waiting = await until(({ ready }) => ready === 3);
      deepEqual([waiting.stall, waiting.leased, waiting.dead], ['no-worker', 0, 0]);
      const table = await switchyard('queue');
      equal(table.code, 0, table.err);
      match(table.out, /^POOL +READY +.*STALL +WHY\njobs +3 .*no-worker +No worker is in the pool/);
      const { text } = (await ask('pools.explain', { pool: 'jobs' })) as { text: string };
      match(text, /The next message waits: no worker is in the pool\./);
      const [first] = await messages('jobs', 'ready');
      const shown = await ask('queue.show', { pool: 'jobs', id: first?.id });
      match(JSON.stringify(shown), /"from":"sensor@localhost\/r".*<body>a<\/body>/);
      const cancelled = await switchyard('queue', 'cancel', 'jobs', first?.id ?? '', '--yes');
      match(cancelled.out, /Cancelled: 1 of 1\.\n$/, cancelled.err);
      const bounced = await sender.waitFor(({ attrs }) => attrs['id'] === 'a', 'the error', patience);
      match(bounced.toString(), /type="error".*<cancelled /);
      await until(({ ready }) => ready === 2);
    });

    it('is checked without a second connection', async () => {
      const attached = () => router.log.filter(({ event }) => event === 'attached' || event === 'not-attached').length;
      const before = attached();
      const { code, out } = await switchyard('check');
      equal(code, 0, out);
      match(out, /^ok {4}router: one runs, and is ready\n {6}The server was not asked: /m);
      equal(/^\S+ +server/m.test(out), false);
      equal(attached(), before);
    });

    it('has a doctor, who tells no secret', async () => {
      const { code, out, err } = await switchyard('doctor');
      deepEqual([code, err], [0, '']);
      for (const found of [
        /"ready":true/,
        /jobs +roundrobin +at-least-once/,
        /switchyard_pool_members\{/,
        /in use by a/,
      ]) {
        match(out, found);
      }
      equal(out.includes(testToken) || out.includes('s3cret'), false);
    });

    it('shows who has what, and holds work back from whom it suspends', async () => {
      await worker.send(`<presence to='jobs@${domain}'/>`);
      const b = await got('b');
      const { stall, leased, ready } = await until((report) => report.leased === 1);
      deepEqual([stall, leased, ready], ['at-capacity', 1, 1]);
      const { workers } = (await ask('workers.list')) as { workers: readonly WorkerReport[] };
      deepEqual(
        workers.map((each) => [each.worker, each.state, each.holds]),
        [['worker@localhost/r', 'full', 1]],
      );
      const suspended = await ask('workers.suspend', { worker: 'worker@localhost/r' });
      match(JSON.stringify(suspended), /"state":"suspended"/);
      await receipt(b);
      deepEqual((await until((report) => report.leased === 0)).stall, 'none-willing');
      await ask('workers.resume', { worker: 'worker@localhost/r' });
      await receipt(await got('c'));
      const { tally } = await until((report) => report.ready + report.leased === 0);
      deepEqual(tally, { accepted: 3, acknowledged: 2, bounced: 1, purged: 0 });
    });

    it('is watched, by whoever may read', async () => {
      const at = `http://127.0.0.1:${port}`;
      const session = await (await fetch(`${at}/v1/session`)).json();
      deepEqual([Reflect.get(Object(session), 'write'), Reflect.get(Object(session), 'tokenNeeded')], [false, false]);
      equal((await fetch(`${at}/v1/watch/queue.list?pool=jobs`)).status, 401);
      equal((await fetch(`${at}/v1/session`, { headers: { origin: 'https://evil.example' } })).status, 403);
      const stream = await openRequest(`127.0.0.1:${port}`, { path: '/v1/watch/queue.status?pool=jobs&interval=500' });
      const events = eventsOf(stream);
      const ready = async (): Promise<number | undefined> => {
        const { value } = await events.next();
        const { queues } = JSON.parse(value?.data ?? '{}') as { readonly queues?: readonly QueueReport[] };
        return queues?.[0]?.ready;
      };
      equal(await ready(), 0);
      equal(await router.metric('switchyard_http_streams'), 1);
      await ask('workers.suspend', { worker: 'worker@localhost/r', pool: 'jobs' });
      await post('f');
      while ((await ready()) !== 1);
      await ask('queue.purge', { pool: 'jobs', state: 'ready' });
      while ((await ready()) !== 0);
      stream.destroy();
      await ask('workers.resume', { worker: 'worker@localhost/r', pool: 'jobs' });
      equal(await router.metric('switchyard_http_refusals_total', { code: 'origin-foreign' }), 1);
    });

    it('keeps what nobody acknowledges, sends it again, and deletes it', async () => {
      await worker.send(`<presence to='hasty@${domain}'/>`);
      await post('d', 'hasty');
      await got('d');
      await post('e', 'hasty');
      await got('e');
      await until(({ dead }) => dead === 2, 'hasty');
      const listed = await switchyard('queue', 'dead', 'hasty');
      match(listed.out, /max-attempts[\s\S]*max-attempts/, listed.err);
      const [d, e] = await messages('hasty', 'dead');
      await ask('queue.redrive', { pool: 'hasty', ids: [d?.id] });
      await receipt(await got('d'));
      await until(({ dead, ready, leased }) => dead === 1 && ready + leased === 0, 'hasty');
      deepEqual(
        (await messages('hasty', 'dead')).map(({ id }) => id),
        [e?.id],
      );
      match((await switchyard('queue', 'purge', 'hasty', 'dead', '--yes')).out, /Deleted: 1\.\n$/);
      const { tally } = await until(({ dead }) => dead === 0, 'hasty');
      equal(tally.accepted, tally.acknowledged + tally.bounced + tally.purged);
    });
  });
}

function bodyOf(stanza: Element): string | undefined {
  return stanza.name === 'message' ? (stanza.getChildText('body') ?? undefined) : undefined;
}
