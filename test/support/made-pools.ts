import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Element } from '@xmpp/client';
import { freePorts } from './free-ports.ts';
import { prepareRouter, type RouterProcess } from './router-process.ts';
import { skip } from './skip.ts';
import { connectClient, type TestClient } from './xmpp-client.ts';
import type { ServerOptions, XmppServer } from './xmpp-server.ts';

const domain = 'pools.localhost';
const night = `night@${domain}`;
const token = 'a-token-for-the-tests';
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const patience = 30_000;

/** Pools that an operator makes, changes and deletes while the router runs. */
export function describeMadePools(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`pools made by command on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let worker: TestClient;
    let port: number;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      [port = 0] = await freePorts(1);
      server = await startServer({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { jobs: { workers: ['worker@localhost'] } },
        config: { http: { listen: `127.0.0.1:${port}`, token } },
      });
      await router.start();
      const login = (user: string) => connectClient({ port: server.c2sPort, user, password: 'pw', resource: 'r' });
      [sender, worker] = await Promise.all([login('sensor'), login('worker')]);
    });

    after(async () => {
      await Promise.all([sender?.end(), worker?.end()]);
      await router?.remove();
      await server?.remove();
    });

    /** Status and answer of a command over HTTP. */
    async function give(command: string, given: Readonly<Record<string, unknown>> = {}) {
      const response = await fetch(`http://127.0.0.1:${port}/v1/commands/${command}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(given),
      });
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
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

    /** Runs the command line as an operator does. */
    async function switchyard(...words: readonly string[]) {
      const config = ['--config', join(router.folder, 'component.config.json')];
      const child = spawn(process.execPath, ['--import=tsx', main, ...words, ...config], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          out += chunk.toString();
        });
      }
      const [code] = (await once(child, 'close')) as [number];
      return { code, out };
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
