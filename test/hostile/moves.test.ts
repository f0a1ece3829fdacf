import { equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { type Certificate, makeCertificate, opensslMissing, trust } from '../support/servers/s2s.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example.org';
/** No literal of loopback to the router, and yet this machine. */
const host = '[::ffff:127.0.0.1]';

/** A server that sends the router to another, off loopback as far as the router can see, and so by TLS. */
describe('a router that its server moves, over TLS', () => {
  let folder: string;
  let first: FakeServer;
  let second: FakeServer;
  let impostor: FakeServer;
  let router: RouterProcess;
  let connection: FakeServerConnection;
  let destination: string;

  before(async function () {
    const reason = opensslMissing();
    if (reason !== undefined) skip(this, reason);
    folder = mkdtempSync(join(tmpdir(), 'switchyard-moves-'));
    const certificates = ['example.org', 'elsewhere.example'].map((name) => makeCertificate(folder, [name]));
    const start = ({ certificate, key }: Certificate): Promise<FakeServer> =>
      FakeServer.startSecure(readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
    first = await FakeServer.start();
    [second, impostor] = (await Promise.all(certificates.map(start))) as [FakeServer, FakeServer];
    destination = `${host}:${second.port}`;
    router = prepareRouter({
      componentPort: first.port,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['*'] } },
      config: {
        component: {
          service: `xmpp://127.0.0.1:${first.port}`,
          domain,
          secret: 's3cret',
          follow: [host],
          reconnect: { min: '50ms', max: '200ms' },
          pingTimeout: '500ms',
        },
      },
    });
    process.env['NODE_EXTRA_CA_CERTS'] = trust(folder, certificates);
    const attached = first.attach({ secret: 's3cret' });
    await router.start('listening');
    delete process.env['NODE_EXTRA_CA_CERTS'];
    connection = await attached;
  });

  after(async () => {
    await Promise.all([first?.stop(), second?.stop(), impostor?.stop()]);
    await router?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  const order = (from: string, id: string, server: string, to = domain): string =>
    `<iq type='set' from='${from}' to='${to}' id='${id}'><query xmlns='urn:xmpp:cxfr'>` +
    `<domain>example.org</domain><server>${server}</server></query></iq>`;

  it('is moved by nobody but its server, and only to where the operator lets it', async () => {
    connection.send(order('user@example.org/r', 'x1', destination));
    match(await connection.expect(/<iq [^>]*id='x1'.*?<\/iq>/s), /not-allowed/);
    connection.send(order('example.com', 'x2', destination));
    match(await connection.expect(/<iq [^>]*id='x2'.*?<\/iq>/s), /not-allowed/);
    connection.send(order('example.org', 'x3', '127.0.0.1:1'));
    match(await connection.expect(/<iq [^>]*id='x3'.*?<\/iq>/s), /not-allowed/);
    connection.send(order('example.org', 'x4', destination, `jobs@${domain}`));
    match(await connection.expect(/<iq [^>]*id='x4'.*?<\/iq>/s), /not-allowed/);
    equal(second.connections, 0);
  });

  it('answers its server, and attaches where it is told', async () => {
    connection.send(order('example.org', 'x5', destination));
    ok(await connection.expect(/<iq type='result'[^>]*id='x5'\/>/));
    // Nothing comes back from this server, so that the time of a ping has to pass.
    connection = await second.attach({ secret: 's3cret' });
  });

  it('goes back when it is lost there', async () => {
    connection.destroy();
    connection = await first.attach({ secret: 's3cret' });
    while (!router.log.some((line) => line['problem'] === 'moved')) await sleep(20);
  });

  it('trusts no server whose certificate is for another name, whoever signed it', async () => {
    connection.send(order('example.org', 'x6', `${host}:${impostor.port}`));
    ok(await connection.expect(/<iq type='result'[^>]*id='x6'\/>/));
    connection = await first.attach({ secret: 's3cret' });
    while (!router.log.some((line) => line['problem'] === 'untrusted')) await sleep(20);
  });
});
