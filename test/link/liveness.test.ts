import assert from 'node:assert/strict';
import { Harness } from './harness.ts';

const ping =
  /<iq type='get' id='[^']+' from='pools\.example\.org' to='pools\.example\.org'><ping xmlns='urn:xmpp:ping'\/><\/iq>/;

async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

/** The whole process sleeps, its event loop too, while the system brings what was sent. */
function sleepAlong(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
}

describe('link: liveness', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('sends white space when it has been quiet, and no ping while the server speaks', async () => {
    const { sink, clock, connection } = await harness.attached({ keepalive: 20_000 });
    for (let n = 1; n <= 4; n++) {
      clock.advance(15_000);
      connection.send('x');
      await sink.until(() => sink.text.length === n);
    }
    assert.equal(await connection.expect((text) => text.length >= 2), '  ');
    assert.deepEqual(sink.problems, []);
  });

  it('sends no white space while it writes', async () => {
    const { link, sink, clock, connection } = await harness.attached({ keepalive: 20_000 });
    for (let n = 1; n <= 4; n++) {
      clock.advance(15_000);
      link.write('<a/>');
      connection.send('x');
      await sink.until(() => sink.text.length === n);
    }
    assert.equal(await connection.expect(/(?:<a\/>){4}/), '<a/><a/><a/><a/>');
  });

  it('pings its own domain when the server is silent, and gives the link up when no byte comes', async () => {
    const { link, sink, clock, connection } = await harness.attached({ keepalive: 30_000, pingTimeout: 10_000 });
    clock.advance(29_999);
    await turn();
    assert.equal(connection.received.split('<iq ').length - 1, 20);
    clock.advance(1);
    await connection.expect(ping);
    clock.advance(9_999);
    await turn();
    await turn();
    assert.equal(link.state, 'online');
    clock.advance(1);
    const problem = await sink.problem();
    assert.equal(problem.kind, 'half-open');
    assert.match(problem.text, /40 s/);
    assert.match(problem.advice, /component\.pingTimeout/);
    assert.equal(link.state, 'waiting');
    await connection.end();
    assert.equal(clock.pending, 1);
  });

  for (const [name, bytes] of [
    ['a single space', ' '],
    ['a bounce', "<iq type='error' id='x'/>"],
    ['half a stanza', '<mess'],
  ] as const) {
    it(`takes ${name} for a sign of life`, async () => {
      const { link, sink, clock, connection } = await harness.attached({ keepalive: 30_000, pingTimeout: 10_000 });
      for (let n = 1; n <= 3; n++) {
        clock.advance(30_000);
        await connection.expect(ping);
        clock.advance(9_999);
        connection.send(bytes);
        await sink.until(() => sink.chunks.length === n);
      }
      clock.advance(10_000);
      await turn();
      await turn();
      assert.equal(link.state, 'online');
      assert.deepEqual(sink.problems, []);
    });
  }

  it('reads what came while the process slept before it judges', async () => {
    const { link, sink, clock, connection } = await harness.attached({ keepalive: 30_000, pingTimeout: 10_000 });
    clock.advance(30_000);
    await connection.expect(ping);
    connection.send(' ');
    sleepAlong();
    clock.advance(3_600_000);
    await sink.until(() => sink.chunks.length === 1);
    await turn();
    await turn();
    assert.equal(link.state, 'online');
    assert.deepEqual(sink.problems, []);
  });

  it('notices a server that reads nothing and says nothing', async () => {
    const { link, sink, clock, connection } = await harness.attached({ outBuffer: 10_000 });
    connection.stall();
    while (link.write('x'.repeat(1_000), 'answer') === 'sent') await turn();
    clock.advance(40_000);
    assert.equal((await sink.problem()).kind, 'half-open');
    await turn();
    assert.equal(clock.pending, 1);
    // Only the server's end is left: what could not be sent does not keep ours.
    assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length, 1);
    connection.destroy();
  });
});
