import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
const pool = { workers: ['worker@localhost'], senders: ['sensor@localhost'] };

/** A reload by SIGHUP, as an operator does it, while messages flow. */
export function describeReload(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`reload on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let workers: readonly TestClient[];

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', worker: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const { componentPort, c2sPort: port } = server;
      router = prepareRouter({ componentPort, domain, secret: 's3cret', pools: { jobs: pool, old: pool } });
      await router.start();
      const login = (user: string, resource: string) => connectClient({ port, user, password: 'pw', resource });
      sender = await login('sensor', 'r');
      workers = await Promise.all(['one', 'two', 'three'].map((resource) => login('worker', resource)));
      await Promise.all(workers.map((worker) => join(worker, jobs)));
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('loses no message and gives none twice', async () => {
      const algorithms = ['mostactive', 'weighted', 'leastbusy', 'roundrobin'];
      let sent = 0;
      const sending = setInterval(() => {
        for (const end = sent + 5; sent < end; sent += 1) {
          void sender.send(`<message to='${jobs}' type='chat' id='m${sent}'><body>${sent}</body></message>`);
        }
      }, 5);
      try {
        for (const algorithm of algorithms) {
          const lines = await router.reload({ pools: { jobs: { ...pool, algorithm }, old: pool } });
          equal(lines.at(-1)?.['event'], 'reloaded');
        }
      } finally {
        clearInterval(sending);
      }
      await sender.send(`<message to='${jobs}' type='chat' id='last'><body>last</body></message>`);
      await Promise.any(workers.map((worker) => worker.waitFor((stanza) => stanza.attrs['id'] === 'last', 'the last')));
      // Each worker's messages come in order, but the last one overtakes what is on its way to the others.
      await Promise.all(workers.map((worker) => worker.request(xml('iq', { type: 'get', id: 'p', to: domain }, ping))));
      // Messages alone: the ids of the router's own requests may begin with any letter.
      const messages = workers.flatMap(({ received }) => received.filter(({ name }) => name === 'message'));
      const got = messages.map(({ attrs }) => attrs['id'] ?? '').filter((id) => id.startsWith('m'));
      equal(got.length, sent);
      equal(new Set(got).size, sent);
      equal(sender.received.filter((stanza) => stanza.name === 'message').length, 0);
      equal(await router.metric('switchyard_reloads_total', { result: 'done' }), algorithms.length);
      equal(await router.balance(), 0);
    });

    it('says what has changed, and opens and closes pools', async () => {
      const [one] = workers;
      ok(one !== undefined);
      await join(one, `old@${domain}`);
      const lines = await router.reload({ pools: { jobs: { ...pool, headline: 'reject' }, new: pool } });
      deepEqual(
        lines.map(({ msg }) => msg),
        [
          'pool new is new',
          'pool old is gone',
          'pools.jobs.headline: "all" -> "reject"',
          'the configuration was reloaded; changes: 3',
        ],
      );
      await one.waitFor((s) => s.attrs['from'] === `old@${domain}` && s.attrs['type'] === 'unavailable', 'the end');
      await join(one, `new@${domain}`);
      await sender.send(`<message to='old@${domain}' type='chat' id='gone'><body>x</body></message>`);
      const error = await sender.waitFor((s) => s.attrs['id'] === 'gone', 'the error');
      ok(error.getChild('error')?.getChild('service-unavailable') !== undefined, String(error));
      await sender.send(`<message to='new@${domain}' type='chat' id='new'><body>x</body></message>`);
      await one.waitFor((s) => s.attrs['id'] === 'new', 'work of the new pool');
    });

    it('changes nothing when anything is wrong, says all of it, and stays ready', async () => {
      const bad = await router.reload({ pools: { jobs: { ...pool, algorithm: 'fastest', senders: [] } } });
      deepEqual(
        bad.map(({ event, path }) => [event, path]),
        [
          ['reload-refused', 'pools.jobs.algorithm'],
          ['reload-refused', 'pools.jobs.senders'],
          ['reload-failed', undefined],
        ],
      );
      equal((await router.reload('{ "component": ')).at(-1)?.['event'], 'reload-failed');
      const fixed = await router.reload({ pools: { new: pool }, http: { listen: 'off' } });
      match(String(fixed[0]?.['msg']), /^http\.listen: "127\.0\.0\.1:0" -> "off": this needs a restart$/);
      equal(await router.metric('switchyard_reloads_total', { result: 'failed' }), 3);
      equal((await router.get('/readyz')).status, 200);
      await sender.send(`<message to='${jobs}' type='chat' id='still'><body>x</body></message>`);
      await Promise.any(workers.map((worker) => worker.waitFor((s) => s.attrs['id'] === 'still', 'work')));
      equal(await router.balance(), 0);
      equal(await router.stop(), 0);
    });
  });
}

async function join(worker: TestClient, address: string): Promise<void> {
  await worker.send(`<presence to='${address}'/>`);
  await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === address, 'the pool’s presence');
}
