import assert from 'node:assert/strict';
import { socketProblem } from '../../src/xmpp/link/connection-problem.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { Harness } from './harness.ts';

describe('link: problems', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  async function problemAfter(script: (connection: FakeServerConnection) => Promise<void> | void) {
    const { sink } = harness.link();
    const connection = await harness.server.accept();
    await connection.header();
    await script(connection);
    const problem = await sink.problem();
    assert.notEqual(problem.text, '');
    assert.notEqual(problem.advice, '');
    return { problem, retryInMs: sink.problems[0]?.retryInMs, connection, sink };
  }

  it('tells a port where nothing listens', async () => {
    await harness.server.refuse();
    const { sink } = harness.link();
    const problem = await sink.problem();
    assert.equal(problem.kind, 'refused');
    assert.match(problem.text, new RegExp(`127\\.0\\.0\\.1:${harness.server.port}`));
    assert.match(problem.advice, /component\.service/);
  });

  it('tells a host without address and one without route by the system error', () => {
    const to = { host: 'xmpp.invalid', port: 5347, domain: 'd', secretFrom: 'component.secret' };
    const error = (code: string): Error => Object.assign(new Error(code), { code });
    assert.equal(socketProblem(error('ENOTFOUND'), 'connecting', to).kind, 'unresolvable');
    assert.equal(socketProblem(error('EAI_AGAIN'), 'connecting', to).kind, 'unresolvable');
    assert.equal(socketProblem(error('EHOSTUNREACH'), 'connecting', to).kind, 'unreachable');
    assert.equal(socketProblem(error('ETIMEDOUT'), 'connecting', to).kind, 'connect-timeout');
    assert.equal(socketProblem(new Error('odd'), 'connecting', to).kind, 'unreachable');
    assert.equal(socketProblem(error('ECONNRESET'), 'online', to).kind, 'closed');
  });

  it('tells a port number that cannot be', async () => {
    const { sink } = harness.link({ port: 70_000 });
    assert.equal((await sink.problem()).kind, 'unreachable');
  });

  it('tells a connection that is not made in time', async () => {
    const { sink, clock } = harness.link();
    clock.advance(10_000);
    assert.equal((await sink.problem()).kind, 'connect-timeout');
  });

  const refusals = [
    [
      'not-authorized',
      'wrong-secret',
      /component\.secretFile \(\/etc\/switchyard\/secret\) equal.*component_secret.*ejabberd_service/,
    ],
    ['host-unknown', 'host-unknown', /component\.domain.*Component "pools\.example\.org".*ejabberd/],
    ['conflict', 'conflict', /component_conflict_resolve/],
  ] as const;
  for (const [condition, kind, advice] of refusals) {
    it(`tells ${condition}, and waits the longest delay`, async () => {
      const { problem, retryInMs, connection } = await problemAfter(async (peer) => {
        peer.sendHeader();
        await peer.handshake();
        peer.sendStreamError(condition, 'Given token &lt;x&gt;');
      });
      assert.equal(problem.kind, kind);
      assert.match(problem.text, /Given token <x>/);
      assert.match(problem.advice, advice);
      assert.equal(retryInMs, 60_000);
      await connection.closed;
    });
  }

  it('tells a stream error that comes with the header', async () => {
    const { problem, connection } = await problemAfter((peer) => {
      peer.sendHeader();
      peer.sendStreamError('host-unknown');
    });
    assert.equal(problem.kind, 'host-unknown');
    assert.doesNotMatch(problem.text, /undefined/);
    await connection.closed;
  });

  it('tells invalid-from, other stream errors and errors without a condition', async () => {
    for (const condition of ['invalid-from', 'resource-constraint', 'made-up']) {
      const { problem } = await problemAfter((peer) => {
        peer.sendHeader();
        peer.sendStreamError(condition);
      });
      assert.equal(problem.kind, condition === 'invalid-from' ? condition : 'stream-error');
      assert.equal('condition' in problem ? problem.condition : 'invalid-from', condition);
    }
    const { problem } = await problemAfter((peer) => {
      peer.sendHeader();
      peer.send('<stream:error/>');
    });
    assert.deepEqual('condition' in problem && problem.condition, 'undefined-condition');
  });

  it('does not follow see-other-host', async () => {
    const { problem, sink } = await problemAfter((peer) => {
      peer.sendHeader();
      peer.send(
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" +
          `127.0.0.1:${harness.server.port}</see-other-host></stream:error></stream:stream>`,
      );
    });
    assert.equal(problem.kind, 'see-other-host');
    assert.equal('host' in problem && problem.host, `127.0.0.1:${harness.server.port}`);
    assert.equal(harness.server.connections, 1);
    assert.equal(sink.problems.length, 1);
  });

  const wrongPeers: readonly [string, string, string | Uint8Array][] = [
    [
      'c2s',
      'a port for clients',
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'><stream:features/>",
    ],
    [
      's2s',
      'a port for servers',
      "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' id='1'>",
    ],
    ['http', 'an HTTP server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['tls', 'a TLS alert', Uint8Array.of(0x15, 3, 1, 0, 2, 2, 0x46)],
    ['other', 'an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['other', 'a mail server', 'HELO there\r\n'],
    ['other', 'a web page', '<html><body>'],
    ['other', 'broken XML', '<stream:stream xmlns="jabber:component:accept"></other>'],
    ['other', 'an unknown entity', "<stream:stream id='&bogus;'>"],
    [
      'other',
      'a header without id',
      "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>",
    ],
    ['other', 'a header without end', `<stream:stream ${'a'.repeat(70_000)}`],
    [
      'other',
      'another namespace',
      "<stream:stream xmlns='urn:x' xmlns:stream='http://etherx.jabber.org/streams' id='1'>",
    ],
    ['other', 'bytes that are no text', Uint8Array.of(0xff, 0, 0xfe, 0x80)],
  ];
  for (const [peerKind, name, answer] of wrongPeers) {
    it(`tells ${name}, whole and byte by byte, and sends it no handshake`, async () => {
      const bytes = Buffer.from(answer);
      const pieces = bytes.length < 200 ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
      for (const chunks of [[bytes], pieces]) {
        const { problem, connection } = await problemAfter((peer) => peer.sendChunks(chunks));
        assert.equal(problem.kind, 'not-component-port');
        assert.equal('peer' in problem && problem.peer, peerKind);
        await connection.end();
        assert.doesNotMatch(connection.received, /handshake/);
      }
    });
  }

  it('tells a peer that is silent, and one that began something else', async () => {
    for (const [said, kind] of [
      ['', 'silent'],
      ['<!DOCTYPE html>', 'other'],
      [' \n', 'silent'],
    ] as const) {
      const { sink, clock } = harness.link();
      const connection = await harness.server.accept();
      await connection.header();
      await connection.sendChunks([said === '' ? Uint8Array.of() : said]);
      clock.advance(9_999);
      assert.deepEqual(sink.problems, []);
      clock.advance(1);
      const problem = await sink.problem();
      assert.equal(problem.kind, 'not-component-port');
      assert.equal('peer' in problem && problem.peer, kind);
      await connection.end();
    }
  });

  it('tells a peer that began something else and closed', async () => {
    const { problem } = await problemAfter((peer) => {
      peer.send('<!DOCTYPE html>');
      peer.halfClose();
    });
    assert.equal(problem.kind, 'not-component-port');
    assert.match(problem.text, /It said: <!DOCTYPE html>/);
  });

  it('tells a server that never answers the handshake', async () => {
    const { sink, clock } = harness.link();
    const connection = await harness.server.accept();
    await connection.header();
    connection.sendHeader();
    await connection.handshake();
    clock.advance(10_000);
    assert.equal((await sink.problem()).kind, 'handshake-timeout');
    await connection.expect(/<\/stream:stream>/);
  });

  const endings = [
    ['RST', (peer: FakeServerConnection) => peer.reset()],
    ['FIN', (peer: FakeServerConnection) => peer.halfClose()],
    ['close', (peer: FakeServerConnection) => peer.destroy()],
  ] as const;
  for (const [name, end] of endings) {
    it(`tells ${name} in every phase`, async () => {
      const phases: string[] = [];
      for (const steps of [0, 1, 2, 3, 4]) {
        const { sink } = harness.link();
        const peer = await harness.server.accept();
        if (steps > 0) await peer.header();
        if (steps > 1) peer.sendHeader();
        if (steps > 2) await peer.handshake();
        if (steps > 3) peer.send('<handshake/>');
        if (steps > 3) await sink.until(() => sink.onlines === 1);
        else if (steps === 2) await peer.handshake();
        end(peer);
        const problem = await sink.problem();
        assert.equal(problem.kind, 'closed');
        phases.push('phase' in problem ? problem.phase : '');
        await peer.closed;
      }
      assert.deepEqual(phases, ['header', 'header', 'handshake', 'handshake', 'online']);
    });
  }

  it('tells a stream that the server ends without closing', async () => {
    const { problem, connection } = await problemAfter((peer) => {
      peer.sendHeader();
      peer.send('</stream:stream>');
    });
    assert.equal(problem.kind, 'closed');
    await connection.end();
  });

  it('tells FIN at once from a server that does not read any more', async () => {
    const { link, sink, connection } = await harness.attached();
    connection.stall();
    for (let i = 0; i < 12; i++) link.write('x'.repeat(1_000_000));
    connection.halfClose();
    assert.equal((await sink.problem()).kind, 'closed');
    connection.destroy();
  });

  it('reports each loss once', async () => {
    const { sink, clock, connection } = await harness.attached();
    connection.send('</stream:stream>');
    await sink.until(() => sink.chunks.length > 0);
    connection.reset();
    await sink.problem();
    await connection.closed;
    assert.equal(sink.problems.length, 1);
    assert.equal(clock.pending, 1);
  });
});
