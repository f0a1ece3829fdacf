import { deepEqual, equal, match } from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { slixmppMissing } from '../support/clients/slixmpp-client.ts';
import { type ExampleProcess, startExample } from '../support/example-process.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const password = 'pässword';

describe('the examples to copy from, on Prosody', () => {
  let server: XmppServer;
  let router: RouterProcess;
  const started: ChildProcess[] = [];
  const workers: ExampleProcess[] = [];

  function start(name: string, args: readonly string[], secret = password): ExampleProcess {
    const example = startExample(name, args, {
      XMPP_PASSWORD: secret,
      XMPP_SERVICE: `xmpp://127.0.0.1:${server.c2sPort}`,
    });
    started.push(example.child);
    return example;
  }

  async function members(count: number): Promise<void> {
    while ((await router.metric('switchyard_pool_members')) !== count) await sleep(20);
  }

  /** Until each worker has said so many times that it joins, and the router has them. */
  async function joined(times: number): Promise<void> {
    while (!workers.every((worker) => worker.output().split(' joins ').length > times)) await sleep(20);
    await members(workers.length);
  }

  /** Sends messages by the example, and returns which workers answered, sorted. */
  async function send(count: number, text: string): Promise<string[]> {
    const sender = start('sender.mjs', ['sensor@localhost/shell', jobs, String(count), text]);
    const code = await sender.ended();
    equal(code, 0, sender.output());
    const answers = [...sender.output().matchAll(/: jobs@pools\.localhost\/~(\S+) says: (.*)/g)];
    for (const [, worker, answer] of answers) match(answer ?? '', new RegExp(`^${worker} did: ${text} \\d+$`));
    return answers.map(([, worker = '']) => worker).sort();
  }

  before(async function () {
    const reason = prosodyMissing() ?? slixmppMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startProsody({
      accounts: { worker: password, sensor: password },
      components: { [domain]: 's3cret' },
    });
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: {
        jobs: { workers: ['worker@localhost'], senders: ['sensor@localhost'] },
        sure: { workers: ['worker@localhost'], delivery: { guarantee: 'at-least-once' } },
      },
    });
    await router.start();
  });

  after(async () => {
    for (const child of started) child.kill('SIGKILL');
    await router?.remove();
    await server?.remove();
  });

  it('workers in JavaScript and Python join, share the messages of the sender and answer them', async () => {
    workers.push(start('worker.mjs', ['worker@localhost/js', jobs, '1']));
    workers.push(start('worker.py', ['worker@localhost/py', jobs, '1']));
    await joined(1);
    deepEqual(await send(4, 'grüß 🐝🧵 文字'), ['js', 'js', 'py', 'py']);
  });

  it('workers come back after the server was restarted', async () => {
    await server.restart();
    await joined(2);
    deepEqual(await send(4, 'again'), ['js', 'js', 'py', 'py']);
  });

  it('workers go on after the router was killed and restarted', async () => {
    await router.stored();
    await router.kill9();
    await router.start();
    deepEqual(await send(4, 'and again'), ['js', 'js', 'py', 'py']);
  });

  it('workers that come while the router is away join once it is there', async () => {
    await router.stop();
    const late = [
      start('worker.mjs', ['worker@localhost/late-js', jobs, '1']),
      start('worker.py', ['worker@localhost/late-py', jobs, '1']),
    ];
    while (!late.every((worker) => worker.output().includes(' refuses: '))) await sleep(20);
    await router.start();
    await members(4);
    deepEqual(await send(4, 'late'), ['js', 'late-js', 'late-py', 'py']);
    for (const worker of late) worker.child.kill('SIGTERM');
    await members(2);
  });

  it('workers leave on SIGTERM, finish and end with 0', async () => {
    const [js, py] = workers;
    js?.child.kill('SIGTERM');
    await members(1);
    deepEqual(await send(2, 'for one'), ['py', 'py']);
    py?.child.kill('SIGTERM');
    await members(0);
    deepEqual(await Promise.all(workers.map((worker) => worker.ended())), [0, 0]);
  });

  for (const name of ['worker.mjs', 'worker.py']) {
    it(`${name} acknowledges what a pool delivers at least once`, async () => {
      const acknowledged = (): Promise<number> =>
        router.metric('switchyard_events_total', { event: 'delivery-acknowledged' });
      const before = await acknowledged();
      const worker = start(name, ['worker@localhost/sure', `sure@${domain}`]);
      const sender = start('sender.mjs', ['sensor@localhost/shell', `sure@${domain}`, '3']);
      equal(await sender.ended(), 0, sender.output() + worker.output());
      while ((await acknowledged()) < before + 3) await sleep(20);
      worker.child.kill('SIGTERM');
      equal(await worker.ended(), 0, worker.output());
      await members(0);
    });
  }

  it('the sender says what came back instead of an answer, and ends with 1', async () => {
    const sender = start('sender.mjs', ['sensor@localhost/shell', jobs]);
    equal(await sender.ended(), 1);
    match(sender.output(), /says: <error .*recipient-unavailable/);
  });

  it('a wrong password, or too few arguments, is said in words', async () => {
    for (const [name, args] of [
      ['worker.mjs', ['worker@localhost/x', jobs]],
      ['worker.py', ['worker@localhost/x', jobs]],
      ['sender.mjs', ['sensor@localhost/x', jobs]],
    ] as const) {
      const refused = start(name, args, 'wrong');
      equal(await refused.ended(), 1);
      match(refused.output(), /not-authorized|refuses the login/);
      const short = start(name, []);
      equal(await short.ended(), name.endsWith('.py') ? 1 : 2);
      match(short.output(), /^Usage: /m);
    }
  });
});
