import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../../client/src/connection.ts';
import { DeliveryFailed } from '../../client/src/delivery-failed.ts';
import type { Job } from '../../client/src/job.ts';
import type { Notice } from '../../client/src/notice.ts';
import { Sender } from '../../client/src/sender.ts';
import { Reject } from '../../client/src/verdict.ts';
import { Worker, type WorkerOptions } from '../../client/src/worker.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.localhost';
const pool = (name: string): string => `${name}@${domain}`;

/** A job in the hands of a worker, which is over when the test says so. */
interface InHand {
  readonly worker: string;
  readonly job: Job;
  readonly finish: () => void;
}

/** Workers and senders of the client library in pools that deliver at least once, with the real router and a real server. */
export function describeDeliveries(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the client library in pools that deliver at least once, on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let connections: Connection[] = [];
    let notices: Notice[] = [];
    let inHand: InHand[] = [];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { worker: 'pw', sensor: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const workers = ['worker@localhost'];
      const delivery = { guarantee: 'at-least-once', backoff: { min: '100ms', max: '1s' } };
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          sure: { workers, delivery },
          brief: { workers, delivery: { ...delivery, ackTimeout: '4s' } },
          asked: { workers, delivery: { ...delivery, ack: 'iq' } },
          receipts: { workers, delivery: { ...delivery, ack: 'receipt' } },
          plain: { workers },
        },
      });
      await router.start();
    });
    after(async () => {
      await router?.remove();
      await server?.remove();
    });
    afterEach(async () => {
      for (const { finish } of inHand) finish();
      await Promise.all(connections.map((connection) => connection.stop()));
      connections = [];
      notices = [];
      inHand = [];
      while ((await router.metric('switchyard_pool_members')) !== 0) await sleep(10);
    });

    function connect(user: string, resource: string): Connection {
      const connection = new Connection({
        address: `${user}@localhost/${resource}`,
        password: 'pw',
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

    /** A worker whose work is over when the test says so, unless it says otherwise. */
    async function worker(resource: string, options: Partial<WorkerOptions> & { pool: string }): Promise<Connection> {
      const connection = connect('worker', resource);
      const handle = (job: Job): Promise<undefined> =>
        new Promise((resolve) => {
          inHand.push({ worker: resource, job, finish: () => resolve(undefined) });
        });
      new Worker(connection, { handle, ...options });
      await connection.start();
      return connection;
    }

    async function sender(): Promise<Sender> {
      const connection = connect('sensor', 's1');
      const made = new Sender(connection, { timeout: 45_000 });
      await connection.start();
      return made;
    }

    /** Waits for the job of this number that a worker has begun. */
    async function begun(count: number): Promise<InHand> {
      for (;;) {
        const found = inHand[count - 1];
        if (found !== undefined) return found;
        await sleep(5);
      }
    }

    async function metric(name: string, value: number, of: string): Promise<void> {
      while ((await router.metric(name, { pool: of })) !== value) await sleep(10);
    }

    const acknowledged = (): Promise<number> =>
      router.metric('switchyard_events_total', { event: 'delivery-acknowledged' });

    it('a message that nobody was there for is queued, done later, and its sender hears of both', async () => {
      const send = await sender();
      const first = await send.deliver(pool('sure'), 'early', { resend: { min: 1_000 } });
      equal(first.state, 'queued');
      const done = send.deliver(pool('sure'), 'second', { until: 'acknowledged' });
      await worker('a', { pool: pool('sure') });
      const [one, two] = [await begun(1), await begun(2)];
      deepEqual([one.job.body, one.job.delivery?.attempt], ['early', 1]);
      ok(one.job.delayedSince !== undefined);
      ok(one.job.delivery?.id !== two.job.delivery?.id);
      const over = await Promise.race([done, sleep(100).then(() => 'not over')]);
      equal(over, 'not over');
      two.finish();
      one.finish();
      equal((await done).state, 'acknowledged');
    });

    it('what takes longer than the pool waits is not given to another while the worker asks for time', async () => {
      await worker('a', { pool: pool('brief'), extend: { by: 10_000 } });
      await worker('b', { pool: pool('brief'), extend: { by: 10_000 } });
      const done = (await sender()).deliver(pool('brief'), 'long', { until: 'acknowledged' });
      const { finish } = await begun(1);
      await sleep(5_000);
      equal(inHand.length, 1);
      finish();
      equal((await done).state, 'acknowledged');
    });

    it('what a worker does not acknowledge in time goes to another, and the late word of the first counts', async () => {
      await worker('a', { pool: pool('brief'), extend: false });
      await worker('b', { pool: pool('brief'), extend: false });
      const done = (await sender()).deliver(pool('brief'), 'slow', { until: 'acknowledged' });
      const [first, second] = [await begun(1), await begun(2)];
      ok(first.worker !== second.worker);
      equal(first.job.delivery?.id, second.job.delivery?.id);
      deepEqual([first.job.delivery?.attempt, second.job.delivery?.attempt], [1, 2]);
      first.finish();
      equal((await done).state, 'acknowledged');
      second.finish();
    });

    it('a failure gives the message to another worker, a rejection back to its sender', async () => {
      const handled: string[] = [];
      const handle = (resource: string) => (job: Job) => {
        handled.push(resource);
        if (job.body === 'bad') throw new Reject('Only good ones.', { condition: 'bad-request' });
        if (handled.length === 1) throw new Error('an accident');
        return `${resource} did it at attempt ${job.delivery?.attempt}`;
      };
      for (const resource of ['a', 'b']) await worker(resource, { pool: pool('sure'), handle: handle(resource) });
      const send = await sender();
      const answer = await send.ask(pool('sure'), 'good');
      match(answer.body, /at attempt 2$/);
      equal(new Set(handled).size, 2);
      await rejects(send.deliver(pool('sure'), 'bad', { until: 'acknowledged' }), (error) => {
        ok(error instanceof DeliveryFailed);
        const { reason, attempts, type, condition } = error;
        deepEqual([reason, attempts, type, condition], ['rejected', 1, 'modify', 'bad-request']);
        return true;
      });
    });

    it('a worker that stops finishes first: nobody else gets what it has, and nothing new comes to it', async () => {
      const leaving = await worker('a', { pool: pool('sure') });
      const send = await sender();
      const done = send.deliver(pool('sure'), 'one', { until: 'acknowledged' });
      const { finish } = await begun(1);
      await worker('b', { pool: pool('sure') });
      const eligible = (count: number): Promise<void> => metric('switchyard_pool_eligible_workers', count, 'sure');
      await eligible(2);
      const stopped = leaving.stop();
      await eligible(1);
      const next = send.deliver(pool('sure'), 'two', { until: 'acknowledged' });
      const second = await begun(2);
      // Longer than the pool would wait for a worker that is gone.
      await sleep(2_500);
      deepEqual(
        inHand.map(({ worker, job: { body } }) => `${worker} ${body}`),
        ['a one', 'b two'],
      );
      finish();
      second.finish();
      await stopped;
      deepEqual([(await done).state, (await next).state], ['acknowledged', 'acknowledged']);
    });

    it('with requests (IQ): the answer is the acknowledgement', async () => {
      await worker('a', { pool: pool('asked'), handle: ({ body }) => `did ${body}` });
      const send = await sender();
      equal((await send.ask(pool('asked'), 'x')).body, 'did x');
      equal((await send.deliver(pool('asked'), 'y', { until: 'acknowledged' })).state, 'acknowledged');
    });

    it('with receipts alone: the worker sends them when the work is done', async () => {
      await worker('a', { pool: pool('receipts') });
      const before = await acknowledged();
      const done = (await sender()).deliver(pool('receipts'), 'x', { until: 'acknowledged' });
      const { job, finish } = await begun(1);
      equal(job.delivery, undefined);
      equal(await acknowledged(), before);
      finish();
      equal((await done).state, 'acknowledged');
    });

    it('a plain pool refuses the guarantee, and passes on a receipt when the work is done', async () => {
      await worker('a', { pool: pool('plain'), handle: ({ body }) => body });
      const send = await sender();
      equal((await send.ask(pool('plain'), 'x')).body, 'x');
      await rejects(send.deliver(pool('plain'), 'y'), { condition: 'not-acceptable', reason: 'guarantee-refused' });
    });

    it('a killed router: what was in hand is acknowledged after, what was sent meanwhile arrives, and nothing twice', async () => {
      await worker('a', { pool: pool('sure'), deduplicate: true });
      const send = await sender();
      const first = send.deliver(pool('sure'), 'before', { until: 'acknowledged', resend: { min: 200, max: 500 } });
      const { finish } = await begun(1);
      await router.kill9();
      const second = send.deliver(pool('sure'), 'meanwhile', { until: 'acknowledged', resend: { min: 200, max: 500 } });
      finish();
      await router.start();
      (await begun(2)).finish();
      deepEqual([(await first).state, (await second).state], ['acknowledged', 'acknowledged']);
      deepEqual(
        inHand.map(({ job: { body } }) => body),
        ['before', 'meanwhile'],
      );
    }).timeout(60_000);

    it('a session that breaks: the work goes on and is acknowledged in the next one', async () => {
      await worker('a', { pool: pool('sure'), deduplicate: true });
      const send = await sender();
      const done = send.deliver(pool('sure'), 'x', { until: 'acknowledged', resend: { min: 200, max: 500 } });
      const { finish } = await begun(1);
      await server.restart();
      finish();
      equal((await done).state, 'acknowledged');
      ok(notices.filter(({ event }) => event === 'offline').length >= 2);
      equal(inHand.length, 1);
    }).timeout(60_000);
  });
}
