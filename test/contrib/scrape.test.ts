import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogue } from '../../src/telemetry/catalogue.ts';
import type { TestClient } from '../support/clients/xmpp-client.ts';
import type { RouterProcess } from '../support/router/router-process.ts';
import { domain, type SmallService, startSmallService } from '../support/router/small-service.ts';
import { findProgram } from '../support/servers/daemon.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { skip } from '../support/skip.ts';

const patience = 30_000;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const headers = `<headers xmlns="http://jabber.org/protocol/shim"><header name="traceparent">${traceparent}</header></headers>`;

describe('a scrape of a router with traffic', function () {
  this.timeout(90_000);
  let service: SmallService;
  let router: RouterProcess;
  let sender: TestClient;
  let worker: TestClient;
  /** What the worker got of the message with a trace. */
  let traced = '';

  before(async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    const workers = ['worker@localhost'];
    service = await startSmallService(startProsody, {
      built: true,
      pools: {
        plain: { workers },
        durable: { workers, delivery: { guarantee: 'at-least-once', ack: 'receipt' } },
        empty: { workers },
      },
      config: { log: { level: 'trace', format: 'json' } },
    });
    ({ router, sender, worker } = service);
    await work();
  });

  after(() => service?.remove());

  /** Enough messages that some are timed, acknowledged ones, and one that nobody can take. */
  async function work(): Promise<void> {
    for (const pool of ['plain', 'durable']) {
      const from = `${pool}@${domain}`;
      await worker.send(`<presence to='${from}'/>`);
      await worker.waitFor((stanza) => stanza.is('presence') && stanza.attrs['from'] === from, 'the pool', patience);
    }
    const post = (pool: string, id: string, more = '') =>
      sender.send(`<message to='${pool}@${domain}' type='chat' id='${id}'><body>${id}</body>${more}</message>`);
    for (let n = 0; n < 100; n += 1) await post('plain', `p${n}`);
    await post('durable', 'd', headers);
    const given = await worker.waitFor((stanza) => stanza.getChildText('body') === 'd', 'the message', patience);
    const { attrs } = given;
    traced = given.toString();
    await worker.send(
      `<message to='${attrs['from']}' type='chat'><received xmlns='urn:xmpp:receipts' id='${attrs['id']}'/></message>`,
    );
    await post('empty', 'e');
    await sender.waitFor(({ attrs: { id } }) => id === 'e', 'the error', patience);
    const deadline = Date.now() + patience;
    while ((await router.metric('switchyard_pool_work_seconds_count')) === 0 && Date.now() < deadline) await sleep(50);
  }

  it('is text that promtool finds no fault with', async function () {
    const promtool = findProgram('promtool') ?? skip(this, 'promtool (Debian: prometheus) is not installed');
    const { body } = await router.get('/metrics');
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: body, encoding: 'utf8' });
    // 3: read, and something is said of names or helps; those of prom-client are not ours.
    ok(status === 0 || status === 3, stdout + stderr);
    deepEqual(
      `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !/^(?:nodejs|process)_\w+ /.test(line)),
      [],
    );
  });

  it('goes with a log that names each delivery, with the trace that its message carries on', async () => {
    ok(traced.includes(headers), traced);
    const lines = () => router.log.filter(({ event }) => event === 'given');
    for (const deadline = Date.now() + patience; lines().length < 101 && Date.now() < deadline; ) await sleep(50);
    const given = lines();
    equal(given.length, 101);
    const [last] = given.filter(({ pool }) => pool === 'durable');
    deepEqual([last?.['traceparent'], last?.['worker'], last?.['attempt']], [traceparent, 'worker@localhost/r', 1]);
    ok(!JSON.stringify(given).includes('<body>'));
  });

  it('shows every histogram with what was timed', async () => {
    for (const [name, { type }] of Object.entries(catalogue)) {
      if (type !== 'histogram' || name === 'switchyard_store_read_duration_seconds') continue;
      ok((await router.metric(`${name}_count`)) > 0, name);
    }
    equal(await router.metric('switchyard_routing_duration_seconds_count'), 1);
    equal(await router.metric('switchyard_pool_queue_wait_seconds_count', { pool: 'durable' }), 1);
    equal(await router.metric('switchyard_pool_work_seconds_count', { pool: 'durable' }), 1);
    equal(await router.metric('switchyard_ready'), 1);
    ok((await router.metric('switchyard_store_file_bytes', { part: 'log' })) > 0);
    equal(await router.metric('switchyard_unready'), 0);
  });
});
