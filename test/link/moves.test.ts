import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDestination } from '../../src/core/transfer/destination.ts';
import type { LinkProblem } from '../../src/xmpp/link/link-problem.ts';
import { FakeServer } from '../support/servers/fake-server.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { makeCertificate, opensslMissing } from '../support/servers/s2s.ts';
import { skip } from '../support/skip.ts';
import { Harness } from './harness.ts';

function destination(text: string) {
  const read = parseDestination(text);
  if (read === undefined) throw new Error(`${text} is no destination`);
  return read;
}

function seeOther(peer: FakeServerConnection, text: string): void {
  peer.send(
    `<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${text}</see-other-host></stream:error></stream:stream>`,
  );
}

describe('link: sent to another server', () => {
  let harness: Harness;
  let other: FakeServer;
  let elsewhere = '';
  beforeEach(async () => {
    harness = await Harness.start();
    other = await FakeServer.start();
    elsewhere = `127.0.0.1:${other.port}`;
  });
  afterEach(async () => {
    // A link waits for its server to close, and its clock stands still.
    await Promise.all([other.stop(), harness.stop()]);
  });

  /** A link that may be sent to `elsewhere`, and has been. */
  async function moved() {
    const made = harness.link({ follow: [destination(elsewhere)] });
    const peer = await harness.server.accept();
    peer.sendHeader();
    seeOther(peer, ` ${elsewhere}\n`);
    await made.sink.problem();
    return made;
  }

  it('goes where see-other-host says, and says so', async () => {
    const { sink, clock, link } = await moved();
    const [first] = sink.problems;
    equal(first?.problem.kind, 'moved');
    match(first?.problem.text ?? '', new RegExp(elsewhere));
    clock.advanceToNext();
    await other.attach();
    await sink.until(() => sink.onlines === 1);
    equal(link.problem, undefined);
    equal(harness.server.connections, 1);
  });

  it('opens the stream there to the same domain, with the same secret', async () => {
    const { clock } = await moved();
    clock.advanceToNext();
    const connection = await other.accept();
    match(await connection.header(), /to=["']pools\.example\.org["']/);
    connection.sendHeader('3BF96D32');
    match(await connection.handshake(), /aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e/);
  });

  it('goes back to the configured server when it fails there', async () => {
    const { sink, clock } = await moved();
    clock.advanceToNext();
    (await other.accept()).reset();
    await sink.problem(2);
    clock.advanceToNext();
    await harness.server.attach();
    await sink.until(() => sink.onlines === 1);
  });

  it('goes nowhere that is not listed, nor to what is no address, and waits', async () => {
    for (const text of ['127.0.0.1:1', 'evil.example', '', 'a b', '<x/>']) {
      const made = harness.link({ follow: [destination(elsewhere)] });
      const peer = await harness.server.accept();
      peer.sendHeader();
      seeOther(peer, text);
      await made.sink.problem();
      const [told] = made.sink.problems;
      equal(told?.problem.kind, 'see-other-host');
      equal(told?.retryInMs, 60_000);
    }
    equal(other.connections, 0);
  });

  it('is moved three times in a row and no more, then waits and begins anew', async () => {
    const { sink, clock } = harness.link({ follow: [destination('127.0.0.1')] });
    const kinds: string[] = [];
    for (let n = 1; n <= 5; n += 1) {
      const peer = await harness.server.accept();
      peer.sendHeader();
      seeOther(peer, '127.0.0.1');
      await sink.problem(n);
      kinds.push(sink.problems[n - 1]?.problem.kind ?? '');
      clock.advanceToNext();
    }
    deepEqual(kinds, ['moved', 'moved', 'moved', 'see-other-host', 'moved']);
  });

  it('is moved by the router once what came before has been read', async () => {
    const { link, sink, clock, connection } = await harness.attached({ follow: [destination(elsewhere)] });
    equal(link.mayMove(destination('127.0.0.1:1')), false);
    equal(link.mayMove(destination(elsewhere)), true);
    link.write("<iq type='result' id='x1'/>", 'answer');
    link.move(destination(elsewhere));
    const asked = await connection.match(/id='x1'.*<iq type='get'[^>]* id='([^']+)'/s);
    equal(sink.problems.length, 0);
    const domain = 'pools.example.org';
    const request = { name: 'ping' } as const;
    link.health.take({ kind: 'iq-request', type: 'get', from: domain, to: domain, id: asked[1], request, payload: '' });
    await connection.expect(/<\/stream:stream>/);
    await connection.end();
    await sink.problem();
    equal(sink.problems[0]?.problem.kind, 'moved');
    clock.advanceToNext();
    await other.attach();
    await sink.until(() => sink.onlines === 2);
  });

  it('moves even if its server does not answer, after the time of a ping', async () => {
    const { link, sink, clock, connection } = await harness.attached({ follow: [destination(elsewhere)] });
    link.move(destination(elsewhere));
    await connection.expect(/<iq type='get'/);
    clock.advance(10_000);
    await sink.problem();
    equal(sink.problems[0]?.problem.kind, 'moved');
  });

  it('connects again where it is configured when the server names its own domain', async () => {
    const { link, sink, clock } = await harness.attached({ follow: [destination(elsewhere)] });
    link.move(destination('example.org'));
    clock.advance(10_000);
    await sink.problem();
    clock.advanceToNext();
    await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
  });

  describe('by TLS, when it is not on loopback', () => {
    let secure: FakeServer;
    // No literal of loopback to the link, and yet this machine.
    const mapped = '[::ffff:127.0.0.1]';

    async function sentTo(names: readonly string[]): Promise<LinkProblem> {
      const folder = mkdtempSync(join(tmpdir(), 'switchyard-move-'));
      const { certificate, key } = makeCertificate(folder, names);
      secure = await FakeServer.startSecure(readFileSync(certificate, 'utf8'), readFileSync(key, 'utf8'));
      rmSync(folder, { recursive: true });
      const { sink, clock } = harness.link({ follow: [destination(`${mapped}:${secure.port}`)] });
      const peer = await harness.server.accept();
      peer.sendHeader();
      seeOther(peer, `${mapped}:${secure.port}`);
      await sink.problem();
      clock.advanceToNext();
      await sink.problem(2);
      return sink.problems[1]?.problem ?? (await sink.problem());
    }

    before(function () {
      const reason = opensslMissing();
      if (reason !== undefined) skip(this, reason);
    });
    afterEach(async () => {
      await secure.stop();
    });

    it('believes no certificate of an authority that is not known', async () => {
      const problem = await sentTo(['example.org']);
      equal(problem.kind, 'untrusted');
      match(problem.text, /pools\.example\.org.*CERT/);
    });

    it('says nothing over plain TCP', async () => {
      secure = await FakeServer.start();
      const { sink, clock } = harness.link({ follow: [destination(`${mapped}:${secure.port}`)] });
      const peer = await harness.server.accept();
      peer.sendHeader();
      seeOther(peer, `${mapped}:${secure.port}`);
      await sink.problem();
      clock.advanceToNext();
      const plain = await secure.accept();
      // A record of type handshake (RFC 8446 section 5.1), and no text.
      await plain.expect((received) => received.startsWith('\u0016\u0003'));
      equal(plain.received.includes('stream'), false);
    });
  });
});
