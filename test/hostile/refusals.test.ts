import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { prepareRouter } from '../support/router/router-process.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { domain, HostileServer, jobs, sender, summary, until } from './hostile-server.ts';

const streams = 'urn:ietf:params:xml:ns:xmpp-streams';
const longest = 100;

/** Opens the stream as a server does and answers the handshake with a stream error. */
function refuseWith(condition: string): (connection: FakeServerConnection) => Promise<void> {
  return async (connection) => {
    await connection.header();
    connection.sendHeader();
    await connection.handshake();
    connection.sendStreamError(condition);
  };
}

/** Says this as soon as the router has opened its stream. */
function say(text: string | Uint8Array): (connection: FakeServerConnection) => Promise<void> {
  return async (connection) => {
    await connection.header();
    connection.send(text);
  };
}

async function openThen(connection: FakeServerConnection, end: () => void): Promise<void> {
  await connection.header();
  connection.sendHeader();
  await connection.handshake();
  end();
}

/** What can be seen only once the router has waited for an answer in vain. */
const inVain = new Set(['silence', 'no answer to the handshake']);

type Case = readonly [string, (connection: FakeServerConnection) => Promise<void> | void, string, RegExp, RegExp];

/** What the server does, the kind of problem, what /readyz says of it, and the advice in the log. */
const cases: readonly Case[] = [
  ['a wrong secret', refuseWith('not-authorized'), 'wrong-secret', /did not accept the secret/, /component\.secret/],
  [
    'conflict',
    refuseWith('conflict'),
    'conflict',
    /Another connection holds pools\.localhost/,
    /Stop the other instance/,
  ],
  ['host-unknown', refuseWith('host-unknown'), 'host-unknown', /no component of the name/, /component\.domain/],
  [
    'see-other-host',
    async (connection) => {
      await connection.header();
      connection.sendHeader();
      connection.send(
        `<stream:error><see-other-host xmlns='${streams}'>127.0.0.1:1</see-other-host></stream:error></stream:stream>`,
      );
    },
    'see-other-host',
    /another address: 127\.0\.0\.1:1\. That is not followed/,
    /component\.service/,
  ],
  [
    'internal-server-error',
    refuseWith('internal-server-error'),
    'stream-error',
    /internal-server-error/,
    /tried again/,
  ],
  [
    'a port for clients',
    say(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1'>`,
    ),
    'not-component-port',
    /port for clients/,
    /port in component\.service/,
  ],
  [
    'a port for servers',
    say(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' id='1'>`,
    ),
    'not-component-port',
    /port for other servers/,
    /port in component\.service/,
  ],
  [
    'an HTTP server',
    say('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'not-component-port',
    /HTTP server/,
    /port in component\.service/,
  ],
  ['a TLS server', say(Buffer.of(0x15, 3, 1, 0, 2, 2, 0x46)), 'not-component-port', /speaks TLS/, /without TLS/],
  [
    'rubbish',
    say(Buffer.from('\u0000\u0001\u001b[31m🐝 <<<>')),
    'not-component-port',
    /no XMPP component listener/,
    /component_ports/,
  ],
  ['silence', () => undefined, 'not-component-port', /says nothing/, /component_ports/],
  [
    'no answer to the handshake',
    (connection) => openThen(connection, () => undefined),
    'handshake-timeout',
    /did not answer the handshake/,
    /handshakeTimeout/,
  ],
  [
    'a close instead of an answer',
    (connection) => openThen(connection, () => connection.halfClose()),
    'closed',
    /instead of answering the handshake/,
    /component\.secret/,
  ],
  [
    'RST instead of an answer',
    (connection) => openThen(connection, () => connection.reset()),
    'closed',
    /instead of answering the handshake/,
    /component\.secret/,
  ],
  ['a close at once', (connection) => connection.destroy(), 'closed', /before it opened the stream/, /without TLS/],
];

describe('a hostile server: refusals', () => {
  /** Waits for answers as long as it takes this machine to give them. */
  let patient: HostileServer;
  let impatient: HostileServer;

  before(async () => {
    [patient, impatient] = await Promise.all([
      HostileServer.start({}, { handshakeTimeout: '1m' }),
      HostileServer.start({}, { handshakeTimeout: '2s' }),
    ]);
    await Promise.all([patient.join(), impatient.join()]);
  });

  after(async () => {
    await Promise.all([patient?.stop(), impatient?.stop()]);
  });

  async function problems(server: HostileServer, from: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const since = () => server.router.log.slice(from).filter((line) => line['problem'] !== undefined);
    await until(() => since().length > 0);
    return since();
  }

  for (const [what, refuse, kind, text, advice] of cases) {
    it(`tells ${what} by its name, says what to do, and attaches once it is mended`, async () => {
      const server = inVain.has(what) ? impatient : patient;
      await server.lose();
      const from = server.router.log.length;
      const connection = await server.fake.accept();
      await refuse(connection);
      const [line] = await problems(server, from);
      equal(line?.['problem'], kind);
      match(String(line?.['advice']), advice);
      ok(String(line?.['msg']).includes(String(line?.['advice'])), 'the line for people has the advice too');
      equal(line?.['level'], 'error');
      const { status, body } = await server.router.get('/readyz');
      equal(status, 503);
      match(body, /^\{"ready":false,"reasons":\[\{"code":"link-down"/);
      match(body, text);
      ok(!/\p{Cc}/u.test(body.trimEnd()), 'nothing of the peer steers a terminal');
      const retry = Number(line?.['retryInMs']);
      ok(retry >= 0 && retry <= longest, String(retry));
      if (['wrong-secret', 'conflict', 'host-unknown'].includes(kind)) equal(retry, longest);
      connection.destroy();
      await server.reattached();
      const { written } = await server.reaction(
        `<message from='${sender}' to='${jobs}' id='${what}'><body>x</body></message>`,
      );
      ok(written.map(summary).includes('message'));
    });
  }

  it('backs off while the server is away, within the bounds, and comes back with it', async () => {
    const server = patient;
    const { connections } = server.fake;
    const from = server.router.log.length;
    await server.fake.refuse();
    await server.lose();
    await until(() => server.router.log.slice(from).filter((line) => line['problem'] === 'refused').length >= 8);
    const told = (await problems(patient, from)).filter((line) => line['problem'] === 'refused');
    const pauses = told.map((line) => Number(line['retryInMs']));
    for (const pause of pauses) ok(pause >= 0 && pause <= longest, `${pause}`);
    // Full jitter: the pauses are not all alike.
    ok(new Set(pauses).size > 1, pauses.join(' '));
    ok((await server.router.metric('switchyard_link_reconnects_total', { problem: 'refused' })) >= 8);
    await server.fake.listen();
    await server.reattached();
    equal(server.fake.connections, connections + 1);
  });

  it('starts while the server is away, attaches when it comes, and tells when it does not route', async () => {
    const fake = await FakeServer.start();
    await fake.refuse();
    const router = prepareRouter({
      componentPort: fake.port,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['worker@localhost'] } },
      config: {
        component: {
          service: `xmpp://127.0.0.1:${fake.port}`,
          domain,
          secret: 's3cret',
          reconnect: { min: '10ms', max: '100ms' },
          // Long enough to be seen under test, even by a slow machine.
          pingTimeout: '4s',
        },
      },
    });
    try {
      const reasons = async (): Promise<string> => (await router.get('/readyz')).body;
      await router.start('listening');
      await until(async () => (await reasons()).includes('Nothing listens at'));
      await fake.listen();
      const connection = await fake.attach({ secret: 's3cret' });
      await until(async () => (await reasons()).includes('"code":"link-testing"'));
      // It gets none of its pings back.
      await until(async () => /"code":"link-suspect".*0 of 20 pings came back/.test(await reasons()));
      // What it logs comes another way than what it answers, and may come later.
      const words = 'another or dead connection holds this domain';
      await until(() => router.log.some((line) => String(line['msg']).includes(words)));
      equal(connection.ended, false, 'the link is kept all the same');
      equal(await router.stop(), 0);
    } finally {
      await router.remove();
      await fake.stop();
    }
  });

  it('never writes the secret into its log, and has the right hash', async () => {
    const server = patient;
    ok(!JSON.stringify(server.router.log).includes('s3cret'));
    const hash = createHash('sha1').update('3BF96D32s3cret').digest('hex');
    deepEqual(/<handshake>(.*)<\/handshake>/.exec(server.connection.received)?.[1], hash);
    await server.assertSound();
  });
});
