import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;

/** What becomes of messages for a worker that is gone by the time they reach it, the same on every server. */
export function describePlainRetry(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`messages that bounce on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let second: TestClient;

    const join = async (user: string, priority: number): Promise<TestClient> => {
      const worker = await connectClient({ port: server.c2sPort, user, password: 'pw', resource: 'w' });
      await worker.send(`<presence to='${jobs}'><priority>${priority}</priority></presence>`);
      await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === jobs, 'the pool’s presence');
      return worker;
    };

    const give = (id: string, more = ''): Promise<void> =>
      sender.send(`<message to='${jobs}' type='chat' id='${id}'><body>${id}</body>${more}</message>`);

    /** Until the server answers for the client, as it does once it knows that the client is gone. */
    const gone = async (jid: string): Promise<void> => {
      const refused = sender
        .waitFor((one) => one.attrs['from'] === jid && one.attrs['type'] === 'error', `the end of ${jid}`)
        .then(() => false);
      // One that is about to end may swallow a request.
      for (let n = 0, again = true; again; n += 1) {
        await sender.send(`<iq type='get' to='${jid}' id='gone-${n}'><ping xmlns='urn:xmpp:ping'/></iq>`);
        again = await Promise.race([refused, sleep(50, true)]);
      }
    };

    /** Sends a message to a worker that dies before the router, held for so long, forwards it. */
    const giveToTheDying = async (worker: TestClient, id: string): Promise<void> => {
      const { pid } = router;
      ok(pid !== undefined);
      process.kill(pid, 'SIGSTOP');
      try {
        await give(id);
        // Once the server has answered what came after the message, it has routed the message.
        await sender.send(`<iq type='get' to='localhost' id='after-${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
        await sender.waitFor((s) => s.attrs['id'] === `after-${id}`, 'the pong');
        worker.kill();
        await gone(worker.jid);
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    };

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', first: 'pw', second: 'pw' },
        components: { [domain]: 's3cret' },
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { jobs: { algorithm: 'mostactive', workers: ['first@localhost', 'second@localhost'] } },
      });
      await router.start();
      sender = await connectClient({ port: server.c2sPort, user: 'sensor', password: 'pw', resource: 'r' });
      second = await join('second', 1);
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('brings corrections to the worker that had what they correct', async () => {
      const first = await join('first', 5);
      await give('c1');
      await first.waitFor((s) => s.attrs['id'] === 'c1', 'the message');
      await first.send(`<presence to='${jobs}'><priority>0</priority></presence>`);
      // The answer says that the presence has arrived: another client's message may be faster.
      await first.send(`<iq type='get' id='arrived' to='${jobs}'><ping xmlns='urn:xmpp:ping'/></iq>`);
      await first.waitFor((s) => s.attrs['id'] === 'arrived', 'the pong');
      await give('c2');
      await second.waitFor((s) => s.attrs['id'] === 'c2', 'a message for the other');
      await give('c3', "<replace xmlns='urn:xmpp:message-correct:0' id='c1'/>");
      await first.waitFor((s) => s.attrs['id'] === 'c3', 'the correction');
      await first.end();
    });

    it('gives a message for a worker that is gone to another, and the sender no error', async () => {
      const first = await join('first', 5);
      await giveToTheDying(first, 'm1');
      const work = await second.waitFor((s) => s.attrs['id'] === 'm1', 'the message');
      equal(work.getChildText('body'), 'm1');
      equal(work.attrs['from'], `${jobs}/${sender.jid}`);
      await second.send(`<message to='${jobs}/${sender.jid}' type='chat' id='r1'><body>done</body></message>`);
      const reply = await sender.waitFor((s) => s.name === 'message', 'the reply');
      equal(reply.getChildText('body'), 'done');
      equal(await router.metric('switchyard_events_total', { event: 'ring-retried' }), 1);
    });

    it('tells the sender when no other worker is left', async () => {
      await second.send(`<presence to='${jobs}' type='unavailable'/>`);
      const first = await join('first', 5);
      await giveToTheDying(first, 'm2');
      const error = await sender.waitFor((s) => s.attrs['id'] === 'm2', 'the error');
      equal(error.attrs['from'], jobs);
      ok(error.getChild('error')?.getChild('recipient-unavailable') !== undefined, String(error));
      equal(await router.metric('switchyard_events_total', { event: 'ring-exhausted' }), 1);
      equal(await router.balance(), 0);
    });
  });
}
