import { deepEqual, equal, match } from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Mailbox, makeMailbox } from '../support/clients/mailbox.ts';
import { type Certificate, makeCertificate, opensslMissing, trust } from '../support/servers/s2s.ts';
import { skip } from '../support/skip.ts';
import { startTlsServer, type TlsServer } from './tls-server.ts';

interface Line {
  readonly event: string;
  readonly text: string;
}

const wait = 15_000;

describe('certificates, as the client library checks them', () => {
  let folder: string;
  /** For the domain of the account, and for the name of a host; both signed by whom the client trusts. */
  let ours: Certificate;
  let hosts: Certificate;
  let trusted: string;
  let servers: TlsServer[] = [];
  let users: ChildProcess[] = [];

  before(function () {
    const reason = opensslMissing();
    if (reason !== undefined) skip(this, reason);
    folder = mkdtempSync(join(tmpdir(), 'switchyard-client-tls-'));
    ours = makeCertificate(folder, ['example.org']);
    hosts = makeCertificate(folder, ['node2.example.org', 'localhost']);
    trusted = trust(folder, [ours, hosts]);
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    for (const user of users) user.kill('SIGKILL');
    for (const server of servers) server.stop();
    users = [];
    servers = [];
  });

  async function server(mode: 'starttls' | 'direct' | 'none', certificate = ours): Promise<TlsServer> {
    const made = await startTlsServer(mode, certificate);
    servers.push(made);
    return made;
  }

  /** A client; what it notices, one line each. */
  function user(service: string, options: object = {}): Mailbox<Line> {
    const file = fileURLToPath(new URL('tls-user.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import=tsx', file, JSON.stringify({ service, ...options })], {
      env: { ...process.env, NODE_V8_COVERAGE: '', NODE_EXTRA_CA_CERTS: trusted },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    users.push(child);
    const lines = makeMailbox<Line>('the client', (line) => JSON.stringify(line));
    createInterface(child.stdout).on('line', (line) => lines.add(JSON.parse(line)));
    return lines;
  }

  const event = (name: string) => (line: Line) => line.event === name;

  for (const [mode, scheme] of [
    ['starttls', 'xmpp'],
    ['direct', 'xmpps'],
  ] as const) {
    it(`${scheme}: a certificate for the account's domain lets in, whatever the host is called`, async () => {
      const good = await server(mode);
      const lines = user(`${scheme}://127.0.0.1:${good.port}`);
      equal((await lines.take(event('online'), 'the login', wait)).text, 'w@example.org/n1');
      deepEqual(good.seen, { logins: 1, passwords: ['pässword 文'] });
    });

    it(`${scheme}: a certificate for the host's name does not, and no password is sent`, async () => {
      const bad = await server(mode, hosts);
      const lines = user(`${scheme}://localhost:${bad.port}`);
      match((await lines.take(event('failed'), 'the end', wait)).text, /altnames|example\.org/);
      deepEqual(bad.seen, { logins: 0, passwords: [] });
    });
  }

  it('a server that offers no TLS gets no password', async () => {
    const plain = await server('none');
    const lines = user(`xmpp://127.0.0.1:${plain.port}`);
    match((await lines.take(event('failed'), 'the end', wait)).text, /offers no TLS/);
    deepEqual(plain.seen, { logins: 0, passwords: [] });
  });

  it('a transfer is followed to a host that proves the domain, and to no other', async () => {
    const first = await server('starttls');
    const second = await server('starttls');
    const impostor = await server('starttls', hosts);
    const plain = await server('none');
    const transfer = (to: TlsServer): string =>
      `<iq type='set' from='pools.example.org' to='w@example.org/n1' id='t'><query xmlns='urn:xmpp:cxfr'>
        <domain>example.org</domain><server>127.0.0.1:${to.port}</server></query></iq>`;
    const lines = user(`xmpp://127.0.0.1:${first.port}`);
    await lines.take(event('online'), 'the login', wait);
    first.write(transfer(second));
    await lines.take(event('online'), 'the move', wait);
    deepEqual([first.seen.logins, second.seen.logins], [1, 1]);
    second.write(transfer(impostor));
    match((await lines.take(event('not-moved'), 'a refusal', wait)).text, /back to the configured address/);
    await lines.take(event('online'), 'the way back', wait);
    first.write(transfer(plain));
    match((await lines.take(event('not-moved'), 'a refusal', wait)).text, /offers no TLS/);
    await lines.take(event('online'), 'the way back', wait);
    equal(first.seen.logins, 3);
    deepEqual([impostor.seen.passwords, plain.seen.passwords], [[], []]);
  });

  it('an address that the library cannot read ends nothing', async () => {
    const only = await server('starttls');
    const lines = user(`xmpp://127.0.0.1:${only.port}`);
    await lines.take(event('online'), 'the login', wait);
    only.write(`<message from='@' to='w@example.org/n1'><body>x</body></message>`);
    await lines.take(event('problem'), 'the notice of it', wait);
    only.write(`<iq type='set' from='evil.example' id='t'><query xmlns='urn:xmpp:cxfr'/></iq>`);
    await lines.take(event('not-moved'), 'a sign of life', wait);
    equal(only.seen.logins, 1);
  });

  it('see-other-host of the server is followed by the same rules', async () => {
    const first = await server('starttls');
    const impostor = await server('starttls', hosts);
    const lines = user(`xmpp://127.0.0.1:${first.port}`);
    await lines.take(event('online'), 'the login', wait);
    const condition = `<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>127.0.0.1:${impostor.port}</see-other-host>`;
    first.write(`<stream:error>${condition}</stream:error></stream:stream>`);
    await lines.take(event('moved'), 'the word of the server', wait);
    await lines.take(event('not-moved'), 'a refusal', wait);
    await lines.take(event('online'), 'the way back', wait);
    deepEqual([first.seen.logins, impostor.seen.passwords], [2, []]);
  });
}).timeout(60_000);
