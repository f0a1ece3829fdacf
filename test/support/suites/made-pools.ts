import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Element } from '@xmpp/client';
import type { TestClient } from '../clients/xmpp-client.ts';
import { freePorts } from '../free-ports.ts';
import { runSwitchyard } from '../router/command-line.ts';
import { type RouterProcess, testToken } from '../router/router-process.ts';
import { domain, type SmallService, startSmallService } from '../router/small-service.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const night = `night@${domain}`;
const patience = 30_000;

/** Pools that an operator makes, changes and deletes while the router runs. */
export function describeMadePools(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`pools made by command on ${name}`, function () {
    this.timeout(120_000);
    let service: SmallService;
    let router: RouterProcess;
    let sender: TestClient;
    let worker: TestClient;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      const [port] = await freePorts(1);
      service = await startSmallService(startServer, {
        pools: { jobs: { workers: ['worker@localhost'] } },
        config: { http: { listen: `127.0.0.1:${port}`, token: testToken } },
      });
      ({ router, sender, worker } = service);
    });

    after(() => service?.remove());

    /** Status and answer of a command over HTTP. */
    async function give(command: string, given: Readonly<Record<string, unknown>> = {}) {
      const { status, body } = await router.command(command, given);
      return { status, body: JSON.parse(body) as Readonly<Record<string, unknown>> };
    }

    const settings = { workers: ['worker@localhost'], guarantee: 'at-least-once', ack: 'receipt' };
    const bodyOf = (stanza: Element) => stanza.getChildText('body');
    const post = (text: string) =>
      sender.send(`<message to='${night}' type='chat' id='${text}'><body>${text}</body></message>`);

    /** Waits for the message and acknowledges it. */
    async function work(text: string): Promise<void> {
      const { attrs } = await worker.waitFor((stanza) => bodyOf(stanza) === text, `message ${text}`, patience);
      await worker.send(
        `<message to='${attrs['from']}' type='chat'><received xmlns='urn:xmpp:receipts' id='${attrs['id']}'/></message>`,
      );
    }

    /** Runs the command line beside the router. */
    async function switchyard(...words: readonly string[]) {
      const { code, out, err } = await runSwitchyard(router.folder, ...words);
      return { code, out: out + err };
    }

    /** Changes the configuration. */
    function write(change: (config: { pools: Record<string, unknown>; limits?: object }) => void): void {
      const file = join(router.folder, 'component.config.json');
      const config = JSON.parse(readFileSync(file, 'utf8'));
      change(config);
      writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    }

    /** Changes the configuration, and reloads it by command. */
    function reload(change: Parameters<typeof write>[0]) {
      write(change);
      return give('service.reload');
    }

    it('is refused with the field that is wrong', async () => {
      const refused = await give('pools.create', { name: 'night', ...settings, ackTimeout: 'soon' });
      equal(refused.status, 400);
      match(JSON.stringify(refused.body), /"field":"ackTimeout"/);
      equal((await give('pools.create', { name: 'jobs', ...settings })).status, 409);
      equal((await give('pools.edit', { pool: 'jobs', title: 'x' })).status, 409);
    });

    it('does work at once, and on after a crash of the router', async () => {
      const made = await give('pools.create', { name: 'night', ...settings });
      deepEqual([made.status, made.body['address']], [200, night]);
      // What was answered is on disk.
      await router.kill9();
      await router.start();
      await worker.send(`<presence to='${night}'/>`);
      await worker.waitFor((stanza) => stanza.attrs['from'] === night && stanza.name === 'presence', 'the welcome');
      await post('one');
      await work('one');
      const { body } = await give('pools.show', { pool: 'night' });
      deepEqual([body['origin'], body['madeBy']], ['made', 'http']);
    });

    it('is changed, and stays beside the configuration when that is reloaded', async () => {
      const edited = await switchyard('pools', 'edit', 'night', '--title', 'Night shift', '--capacity', '2');
      equal(edited.code, 0, edited.out);
      match(edited.out, /pools\.night\.delivery\.capacity: 10 -> 2/);
      const reloaded = await reload(({ pools }) => {
        pools['other'] = { workers: ['*'] };
      });
      deepEqual(reloaded.body['changes'], [{ path: 'pools', text: 'pool other is new' }]);
      const wrong = await reload(({ pools }) => {
        pools['other'] = { workers: [] };
      });
      equal(wrong.status, 409);
      match(JSON.stringify(wrong.body), /nothing has changed.*pools\.other\.workers/);
      await reload(({ pools }) => {
        delete pools['other'];
      });
      const { body } = await give('service.overview');
      match(JSON.stringify(body), /"pool":"night".*"title":"Night shift"/);
      await post('two');
      await work('two');
    });

    it('is deleted only when it is empty or that is meant, and loses nothing either way', async () => {
      await worker.send(`<presence to='${night}' type='unavailable'/>`);
      await post('three');
      const refused = async (): Promise<boolean> => (await give('pools.delete', { pool: 'night' })).status === 409;
      const deadline = Date.now() + patience;
      while (!JSON.stringify(await give('queue.status', { pool: 'night' })).includes('"ready":1')) {
        ok(Date.now() < deadline, 'the message is not in the queue');
      }
      equal(await refused(), true);
      equal((await give('pools.delete', { pool: 'night', force: true })).status, 200);
      await sender.send(`<message to='${night}' type='chat' id='gone'><body>x</body></message>`);
      const error = await sender.waitFor((stanza) => stanza.attrs['id'] === 'gone', 'the error', patience);
      ok(error.getChild('error')?.getChild('service-unavailable') !== undefined, String(error));
      const terms = '{"delivery": {"guarantee": "at-least-once", "ack": "receipt", "queue": {"maxBytes": "1MiB"}}}';
      const again = await switchyard('pools', 'create', 'night', 'worker@localhost', '--settings', terms);
      deepEqual([again.code, again.out.includes('The pool night@pools.localhost is open.')], [0, true], again.out);
      await worker.send(`<presence to='${night}'/>`);
      await work('three');
    });

    it('tells its workers what an operator announces, by a headline', async () => {
      const text = 'back <soon> & "well"';
      deepEqual((await give('service.announce', { text, pool: 'night' })).body['count'], 1);
      const headline = await worker.waitFor((stanza) => stanza.attrs['type'] === 'headline', 'the headline', patience);
      deepEqual([headline.attrs['from'], bodyOf(headline)], [night, text]);
    });

    it('is seen by check, and ends with the router that is shut down by command', async () => {
      const balance = await router.balance();
      equal((await give('service.shutdown')).status, 200);
      await router.ended();
      const checked = await switchyard('check', '--offline', '--explain');
      equal(checked.code, 0, checked.out);
      match(checked.out, /pools\.night\.workers = \["worker@localhost"\] +# made by http, 2/);
      match(checked.out, /ok {4}made pools: 1 in the database/);
      equal(balance, 0);
      write((config) => {
        config.limits = { stanza: '8MiB' };
      });
      const contradiction = /pools\.night\.delivery\.queue\.maxBytes \(made by http, 2/;
      const [doubted, started] = await Promise.all([switchyard('check', '--offline'), switchyard('run')]);
      deepEqual([doubted.code, started.code], [1, 2], doubted.out + started.out);
      match(doubted.out, contradiction);
      match(started.out, contradiction);
      const commands = router.log.filter(({ event }) => event === 'command').map(({ msg }) => msg);
      ok(commands.includes('http gave pools.delete pool=night force=true: done'), commands.join('\n'));
    });
  });
}
