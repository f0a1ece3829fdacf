import assert from 'node:assert/strict';
import { framingProblem } from '../../src/xmpp/link/connection-problem.ts';
import type { LinkProblem } from '../../src/xmpp/link/link-problem.ts';
import { streamErrorProblem } from '../../src/xmpp/link/stream-error-problem.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { Harness } from './harness.ts';
import { RecordingSink } from './recording-sink.ts';

describe('link: reconnect', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('attaches again after the delay it told, and not before', async () => {
    const { link, sink, clock, connection } = await harness.attached();
    connection.reset();
    await sink.problem();
    assert.equal(link.state, 'waiting');
    assert.equal(link.problem?.kind, 'closed');
    const delay = sink.problems[0]?.retryInMs ?? 0;
    assert.equal(delay, 500);
    clock.advance(delay - 1);
    assert.equal(link.state, 'waiting');
    clock.advance(1);
    assert.equal(link.state, 'connecting');
    await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
    assert.equal(link.problem, undefined);
  });

  it('waits longer after each failed attempt, and starts again only after 30 s of a stable stream', async () => {
    const { sink, clock, link } = harness.link({ keepalive: 1_000_000 });
    const delays: (number | undefined)[] = [];
    for (let n = 1; n <= 8; n++) {
      const connection = await harness.server.attach();
      await sink.until(() => sink.onlines === n);
      if (n === 7) clock.advance(29_999);
      if (n === 8) clock.advance(30_000);
      connection.reset();
      await sink.problem(n);
      delays.push(sink.problems[n - 1]?.retryInMs);
      clock.advanceToNext();
    }
    assert.deepEqual(delays, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 500]);
    assert.equal(link.state, 'connecting');
  });

  for (const condition of ['conflict', 'not-authorized', 'host-unknown']) {
    it(`waits the longest delay when ${condition} ends a stream that was up`, async () => {
      const { link, sink, connection } = await harness.attached();
      link.fail(streamErrorProblem(condition, '', { domain: 'pools.example.org', secretFrom: 'component.secret' }));
      assert.equal(sink.problems[0]?.retryInMs, 60_000);
      await connection.expect(/<\/stream:stream>/);
      await connection.end();
    });
  }

  it('tells the server of a framing error, closes, and attaches again', async () => {
    const { link, sink, clock, connection } = await harness.attached();
    link.write('<presence/>');
    link.fail(framingProblem('not-well-formed', 'a < in an attribute'));
    const sent = await connection.expect(/<\/stream:stream>/);
    assert.equal(
      sent,
      "<presence/><stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    );
    assert.equal((await sink.problem()).kind, 'framing');
    assert.equal(link.write('<presence/>'), 'down');
    clock.advance(500);
    await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
  });

  it('ignores fail while it is not online', async () => {
    const { link, sink } = harness.link();
    link.fail(framingProblem('not-well-formed', 'x'));
    assert.equal(link.state, 'connecting');
    assert.deepEqual(sink.problems, []);
  });

  it('hands over no byte of a stream that it gave up', async () => {
    const { link, sink, connection } = await harness.attached();
    sink.onData = () => link.fail(framingProblem('restricted-xml', 'a comment'));
    connection.send('<!-- -->');
    await sink.problem();
    await connection.sendChunks(['<message/>', '<message/>']);
    await connection.end();
    assert.equal(sink.text, '<!-- -->');
  });

  it('hands over nothing that came with the handshake when it is given up in online', async () => {
    const sink = new RecordingSink();
    const { link, clock } = harness.link({}, {}, sink);
    sink.online = () => link.fail(framingProblem('restricted-xml', 'x'));
    const connection = await harness.server.accept();
    await connection.header();
    connection.sendHeader();
    await connection.handshake();
    connection.send('<handshake/><message/>');
    await sink.problem();
    await connection.end();
    assert.deepEqual(sink.chunks, []);
    assert.doesNotMatch(connection.received, /<iq/);
    assert.equal(link.health.state, 'offline');
    assert.equal(clock.pending, 1);
  });

  it('survives a sink that throws, whatever it was told', async () => {
    class Throwing extends RecordingSink {
      #thrown = 0;
      override online(): void {
        super.online();
        if (this.onlines === 1) throw new Error('online failed');
      }
      override offline(problem: LinkProblem, retryInMs: number): void {
        super.offline(problem, retryInMs);
        throw new Error('offline failed');
      }
      override data(chunk: Buffer): void {
        super.data(chunk);
        this.#thrown += 1;
        throw new Error(`data failed ${this.#thrown}`);
      }
    }
    const sink = new Throwing();
    const { clock, link } = harness.link({}, {}, sink);
    await harness.server.attach();
    assert.match((await sink.problem(1)).text, /online failed/);
    clock.advanceToNext();
    const connection = await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
    connection.send('<message/>');
    const problem = await sink.problem(2);
    assert.equal(problem.kind, 'internal');
    assert.match(problem.text, /data failed 1/);
    assert.equal(link.state, 'waiting');
  });

  it('survives a sink that throws when told of its health', async () => {
    const sink = new RecordingSink();
    sink.health = () => {
      throw new Error('health failed');
    };
    const { link } = harness.link({}, {}, sink);
    const connection = await harness.server.attach();
    assert.match((await sink.problem()).text, /health failed/);
    assert.equal(link.state, 'waiting');
    await connection.end();
  });

  it('finds a server that comes back', async () => {
    const { sink, clock, connection } = await harness.attached();
    connection.reset();
    await connection.closed;
    await harness.server.refuse();
    await sink.problem(1);
    clock.advanceToNext();
    assert.equal((await sink.problem(2)).kind, 'refused');
    await harness.server.listen();
    clock.advanceToNext();
    await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
  });

  it('leaks no socket, timer or listener over 200 reconnects of every kind, and nothing else reconnects', async () => {
    const endings: ((connection: FakeServerConnection) => Promise<void> | void)[] = [
      (connection) => connection.reset(),
      (connection) => connection.sendStreamError('conflict'),
      async (connection) => {
        await connection.header();
        connection.sendHeader();
        await connection.handshake();
        connection.sendStreamError('not-authorized');
      },
      async (connection) => {
        await connection.attach();
        connection.reset();
      },
      async (connection) => {
        await connection.attach();
        connection.halfClose();
      },
      (connection) => connection.send('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ];
    const warnings: Error[] = [];
    const warned = (warning: Error): void => {
      warnings.push(warning);
    };
    process.on('warning', warned);
    const resources = (): Record<string, number> => {
      const counts: Record<string, number> = { Timeout: 0, Immediate: 0, TCPSocketWrap: 0, TCPConnectWrap: 0 };
      for (const name of process.getActiveResourcesInfo()) if (name in counts) counts[name] = (counts[name] ?? 0) + 1;
      return counts;
    };
    // The runner sets its own timer once a test has become asynchronous.
    await Promise.resolve();
    const before = resources();
    const listeners = ['exit', 'uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name));
    const { sink, clock, link } = harness.link();
    for (let n = 1; n <= 200; n++) {
      const connection = await harness.server.accept();
      await endings[n % endings.length]?.(connection);
      await sink.problem(n);
      connection.destroy();
      await connection.closed;
      if (n < 200) clock.advanceToNext();
    }
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    assert.equal(link.state, 'waiting');
    assert.equal(clock.pending, 1);
    assert.equal(harness.server.connections, 200);
    assert.equal(harness.server.open, 0);
    assert.deepEqual(resources(), before);
    assert.deepEqual(
      ['exit', 'uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name)),
      listeners,
    );
    assert.deepEqual(warnings, []);
    process.off('warning', warned);
  });
});
