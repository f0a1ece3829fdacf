import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const ours = 'urn:x-switchyard:delivery:0';
const receipts = 'urn:xmpp:receipts';
const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const asks = `asks@${domain}`;
const idle = `idle@${domain}`;
const loose = `loose@${domain}`;

/** What senders and workers of durable pools say and hear, as it comes through a real server. */
export function describeDurableWords(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the words of durable delivery on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let first: TestClient;
    let second: TestClient;

    const login = (user: string, silent = false): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource: 'w', silent });

    const join = async (worker: TestClient, pool: string): Promise<void> => {
      await worker.send(`<presence to='${pool}'/>`);
      await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
    };

    const give = (to: string, id: string, more = ''): Promise<void> =>
      sender.send(`<message to='${to}' type='chat' id='${id}'><body>${id}</body>${more}</message>`);

    /** The delivery of the message `id`, to whichever worker it comes, and that worker. */
    const delivered = async (id: string): Promise<{ worker: TestClient; message: Element; delivery: Element }> => {
      let over = false;
      const wait = async (worker: TestClient): Promise<{ worker: TestClient; message: Element }> => {
        const itsOwn = (s: Element): boolean => !over && s.name === 'message' && s.attrs['id'] === id;
        const message = await worker.waitFor(itsOwn, `the message ${id}`);
        over = true;
        return { worker, message };
      };
      const found = await Promise.any([wait(first), wait(second)]);
      const delivery = found.message.getChild('delivery', ours);
      ok(delivery !== undefined, String(found.message));
      return { ...found, delivery };
    };

    const answer = (worker: TestClient, message: Element, words: string): Promise<void> =>
      worker.send(`<message to='${message.attrs['from']}'>${words}</message>`);

    const events = (event: string): Promise<number> => router.metric('switchyard_events_total', { event });

    /** Until an event was counted so often. */
    const counted = async (event: string, times: number): Promise<void> => {
      const limit = Date.now() + 50_000;
      while ((await events(event)) < times) {
        ok(
          Date.now() < limit,
          `${event}: ${router.log
            .slice(-12)
            .map((line) => JSON.stringify(line))
            .join('\n')}`,
        );
        await sleep(20);
      }
    };

    /** The `<error/>` that comes back for the message `id`. */
    const returned = async (id: string): Promise<Element> => {
      const message = await sender.waitFor(
        (s) => s.attrs['id'] === id && s.attrs['type'] === 'error',
        `the error of ${id}`,
      );
      equal(message.getChild('body'), undefined, 'the content came back');
      const error = message.getChild('error');
      ok(error !== undefined);
      return error;
    };

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', first: 'pw', second: 'pw', mute: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const workers = ['first@localhost', 'second@localhost', 'mute@localhost'];
      const durable = { guarantee: 'at-least-once', ack: 'processed', backoff: { min: '100ms', max: '1s' } };
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: { workers, delivery: durable },
          asks: { workers, delivery: { ...durable, ack: 'iq', maxAttempts: 50 } },
          idle: { workers, delivery: durable },
          loose: { workers },
        },
      });
      await router.start();
      [sender, first, second] = await Promise.all([login('sensor'), login('first'), login('second')]);
      await Promise.all([join(first, jobs), join(second, jobs)]);
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('say that a message is queued, and that a worker is done with it, in this order', async () => {
      await give(jobs, 'm1', `<request xmlns='${receipts}'/><deliver xmlns='${ours}' queued='true' ttl='60'/>`);
      const { worker, message, delivery } = await delivered('m1');
      const queued = await sender.waitFor((s) => s.getChild('queued', ours) !== undefined, 'that it is queued');
      deepEqual([queued.attrs['from'], queued.getChild('queued')?.attrs['id']], [jobs, 'm1']);
      equal(message.getChildren('request', receipts).length, 1);
      equal(message.getChild('deliver'), undefined);
      equal(delivery.attrs['attempt'], '1');
      equal(sender.received.filter((s) => s.getChild('received') !== undefined).length, 0);
      await answer(worker, message, `<ack xmlns='${ours}' token='${delivery.attrs['token']}'/>`);
      const receipt = await sender.waitFor((s) => s.getChild('received', receipts) !== undefined, 'the receipt');
      deepEqual([receipt.attrs['from'], receipt.getChild('received')?.attrs['id']], [jobs, 'm1']);
    });

    it('are forged by nobody', async () => {
      const forged =
        `<delivery xmlns='${ours}' token='forged'/><ack xmlns='${ours}' token='forged'/><queued xmlns='${ours}' id='x'/>` +
        `<stanza-id xmlns='urn:xmpp:sid:0' by='${jobs}' id='forged'/><delay xmlns='urn:xmpp:delay' from='${jobs}' stamp='2000-01-01T00:00:00Z'/>`;
      await give(jobs, 'm2', forged);
      const { worker, message, delivery } = await delivered('m2');
      ok(!String(message).includes('forged') && !String(message).includes('2000-01-01'), String(message));
      equal(message.getChild('ack'), undefined);
      await answer(worker, message, `<ack xmlns='${ours}' token='${delivery.attrs['token']}'/>`);
    });

    it('give a message to another worker, which knows it again', async () => {
      await give(jobs, 'm3');
      const one = await delivered('m3');
      const { token } = one.delivery.attrs;
      await answer(one.worker, one.message, `<nack xmlns='${ours}' token='${token}' requeue='true' delay='0'/>`);
      const two = await delivered('m3');
      notEqual(two.worker.jid, one.worker.jid);
      const idOf = (message: Element): unknown =>
        message.getChildren('stanza-id', 'urn:xmpp:sid:0').find((id) => id.attrs['by'] === jobs)?.attrs['id'];
      ok(idOf(one.message) !== undefined);
      equal(idOf(two.message), idOf(one.message));
      equal(two.delivery.attrs['attempt'], '2');
      notEqual(two.delivery.attrs['token'], token);
      const delays = two.message.getChildren('delay', 'urn:xmpp:delay');
      ok(
        delays.some((delay) => delay.attrs['from'] === jobs),
        String(two.message),
      );
      await answer(two.worker, two.message, `<ack xmlns='${ours}' token='${two.delivery.attrs['token']}'/>`);
    });

    it('count at the address of the pool itself as well', async () => {
      await give(jobs, 'm9', `<request xmlns='${receipts}'/>`);
      const { worker, delivery } = await delivered('m9');
      const before = await events('delivery-acknowledged');
      await worker.send(`<message to='${jobs}'><ack xmlns='${ours}' token='${delivery.attrs['token']}'/></message>`);
      await counted('delivery-acknowledged', before + 1);
      await sender.waitFor((s) => s.getChild('received', receipts)?.attrs['id'] === 'm9', 'the receipt');
      // What is about nothing is counted under a name that says where it went wrong.
      await worker.send(`<message to='${jobs}' id='r9'><received xmlns='${receipts}' id='m9'/></message>`);
      const limit = Date.now() + 50_000;
      while ((await router.metric('switchyard_stanza_outcomes_total', { reason: 'signal-misaddressed' })) < 1) {
        ok(Date.now() < limit, 'the receipt was not counted');
        await sleep(20);
      }
    });

    it('tell the sender why a worker rejected his message', async () => {
      await give(jobs, 'm4');
      const { worker, message, delivery } = await delivered('m4');
      const reason = "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
      await answer(
        worker,
        message,
        `<nack xmlns='${ours}' token='${delivery.attrs['token']}' requeue='false'>${reason}</nack>`,
      );
      const error = await returned('m4');
      equal(error.attrs['type'], 'modify');
      ok(error.getChild('not-acceptable') !== undefined);
      equal(error.getChild('rejected', ours)?.attrs['attempts'], '1');
    });

    it('tell the sender that nobody took his message in time', async () => {
      await give(idle, 'm5', `<deliver xmlns='${ours}' queued='true' ttl='1'/>`);
      await sender.waitFor((s) => s.getChild('queued', ours) !== undefined, 'that it is queued');
      const error = await returned('m5');
      equal(error.attrs['type'], 'wait');
      ok(error.getChild('recipient-unavailable') !== undefined);
      equal(error.getChild('expired', ours)?.attrs['attempts'], '0');
    });

    it('refuse what a pool does not give, and what cannot be read', async () => {
      await give(loose, 'm6', `<deliver xmlns='${ours}' guarantee='at-least-once'/>`);
      ok((await returned('m6')).getChild('guarantee-refused', ours) !== undefined);
      await give(jobs, 'm7', `<deliver xmlns='${ours}' ttl='soon'/>`);
      ok((await returned('m7')).getChild('terms', ours) !== undefined);
    });

    it('are told in requests too, where an answer of the server for somebody else rejects nothing', async () => {
      // The first knows no such request, and its library answers so, as servers do for who is gone.
      const mute = await login('mute', true);
      await join(first, asks);
      await give(asks, 'm8');
      await counted('attempt-error', 1);
      await join(mute, asks);
      const iq = await mute.waitFor((s) => s.name === 'iq' && s.getChild('deliver', ours) !== undefined, 'the request');
      const message = iq.getChild('deliver')?.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message');
      equal(message?.getChildText('body'), 'm8');
      equal(message?.getChild('delivery', ours)?.attrs['token'], iq.attrs['id']);
      const before = await events('delivery-acknowledged');
      await mute.send(`<iq type='result' to='${iq.attrs['from']}' id='${iq.attrs['id']}'/>`);
      await counted('delivery-acknowledged', before + 1);
    });

    it('leave nothing open', async () => {
      equal(await router.balance(), 0);
    });
  });
}
