import { deepEqual, equal, ok } from 'node:assert/strict';
import { HostileServer, jobs, sender, summary, until } from './hostile-server.ts';

const megabyte = 1024 * 1024;
const bodySize = 10_000;
const count = 5_000;

describe('a hostile server: overload', () => {
  let server: HostileServer;

  beforeEach(async () => {
    server = await HostileServer.start({ limits: { outBuffer: '2MiB' } });
    await server.join();
  });

  afterEach(async () => {
    await server?.stop();
  });

  const message = (id: string): string =>
    `<message from='${sender}' to='${jobs}' id='${id}'><body>${'x'.repeat(bodySize)}</body></message>`;
  const received = (): Promise<number> =>
    server.router.metric('switchyard_stanzas_received_total', { kind: 'message' });
  const resident = (): Promise<number> => server.router.metric('process_resident_memory_bytes');

  it('bounds what waits for a server that does not read, tells the senders, and recovers', async () => {
    const before = await resident();
    server.connection.stall();
    let buffered = 0;
    let grown = 0;
    for (let n = 0; n < count; n += 500) {
      server.send(Array.from({ length: 500 }, (_, index) => message(`w${n + index}`)).join(''));
      await until(async () => (await received()) === n + 500);
      buffered = Math.max(buffered, await server.router.metric('switchyard_link_out_buffer_bytes'));
      grown = Math.max(grown, (await resident()) - before);
    }
    ok(buffered > megabyte && buffered <= 4 * megabyte, `${buffered} bytes wait`);
    ok(grown < 120 * megabyte, `${grown} bytes more are resident`);
    equal(server.fake.connections, 1, 'the link was kept');
    server.connection.resume();
    const { written, outcomes } = await server.reaction();
    const answers = written.map(summary);
    const forwarded = answers.filter((answer) => answer === 'message').length;
    const refused = answers.filter((answer) => answer === 'message error resource-constraint').length;
    deepEqual(outcomes, { forwarded, 'bounced/overloaded': refused });
    equal(forwarded + refused, count);
    ok(forwarded > 0 && refused > 0);
    const after = await server.reaction(message('after'));
    deepEqual([after.written.map(summary), after.outcomes], [['message'], { forwarded: 1 }]);
    const told = `${(buffered / megabyte).toFixed(1)} MB waited, ${(grown / megabyte).toFixed(0)} MB more were resident`;
    process.stdout.write(`      of ${count}: ${forwarded} forwarded, ${refused} told to try later; ${told}\n`);
  });

  it('counts what it cannot even answer, and never closes the link for it', async () => {
    // An unknown request comes back whole with its error.
    const request = (n: number): string =>
      `<iq type='get' from='${sender}' to='${jobs}' id='q${n}'><x xmlns='urn:x'>${'x'.repeat(4_000)}</x></iq>`;
    server.connection.stall();
    const dropped = async (): Promise<number> => (await server.counted())['dropped/link-down'] ?? 0;
    let asked = 0;
    // How much the system takes before anything waits differs.
    while ((await dropped()) === 0) {
      server.send(Array.from({ length: 2_000 }, (_, n) => request(asked + n)).join(''));
      asked += 2_000;
      await until(async () => {
        const outcomes = await server.counted();
        return (outcomes['bounced/unknown-request'] ?? 0) + (outcomes['dropped/link-down'] ?? 0) === asked;
      });
    }
    server.connection.resume();
    const { written, outcomes } = await server.reaction();
    equal(server.fake.connections, 1, 'the link was kept');
    const told = outcomes['bounced/unknown-request'] ?? 0;
    equal(written.map(summary).filter((answer) => answer === 'iq error service-unavailable').length, told);
    equal(told + (outcomes['dropped/link-down'] ?? 0), asked);
    ok((outcomes['dropped/link-down'] ?? 0) > 0);
  });
});
