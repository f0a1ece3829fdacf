import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { mock } from 'node:test';
import { Harness } from './harness.ts';

/** Records the writes to `port` of all sockets while `run` runs. */
async function writesTo(port: number, run: () => Promise<void>): Promise<string[]> {
  const spy = mock.method(Socket.prototype, 'write');
  try {
    await run();
    const ours = spy.mock.calls.filter((call) => call.this instanceof Socket && call.this.remotePort === port);
    return ours.map((call) => String(call.arguments[0]));
  } finally {
    spy.mock.restore();
  }
}

describe('link: writing', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('writes once for each read', async () => {
    const { link, sink, connection } = await harness.attached();
    sink.onData = (chunk) => {
      for (const letter of chunk.toString()) assert.equal(link.write(`<${letter}/>`), 'sent');
    };
    const writes = await writesTo(harness.server.port, async () => {
      connection.send('abc');
      await connection.expect(/<c\/>/);
      connection.send('de');
      await connection.expect(/<e\/>/);
    });
    assert.deepEqual(writes, ['<a/><b/><c/>', '<d/><e/>']);
  });

  it('writes once for all that is written outside of a read, on the next turn', async () => {
    const { link, connection } = await harness.attached();
    const writes = await writesTo(harness.server.port, async () => {
      link.write('<a/>');
      link.write('<b/>');
      await connection.expect(/<b\/>/);
      link.write('<c/>');
      await connection.expect(/<c\/>/);
    });
    assert.deepEqual(writes, ['<a/><b/>', '<c/>']);
  });

  it('writes what the sink wrote before it threw', async () => {
    const { link, sink, connection } = await harness.attached();
    sink.onData = () => {
      link.write('<a/>');
      throw new Error('half done');
    };
    connection.send('x');
    await connection.expect(/^<a\/><\/stream:stream>$/);
  });

  it('takes nothing while no server is attached', async () => {
    const { link, sink, clock, connection } = await harness.attached();
    connection.reset();
    await sink.problem();
    assert.equal(link.write('<lost/>'), 'down');
    clock.advanceToNext();
    assert.equal(link.write('<lost/>'), 'down');
    const second = await harness.server.attach();
    await sink.until(() => sink.onlines === 2);
    assert.equal(link.write('<kept/>'), 'sent');
    await second.expect(/<kept\/>/);
    assert.doesNotMatch(second.received, /lost/);
  });

  it('sends any text as UTF-8', async () => {
    const { link, connection } = await harness.attached();
    const text = '<body>\u00df\u20ac\u{1f600}</body>';
    link.write(text);
    assert.equal(await connection.expect(/<\/body>/), text);
  });

  it('refuses work above outBuffer and answers above twice that while the server does not read, and loses nothing', async () => {
    const outBuffer = 256 * 1024;
    const { link, sink, connection } = await harness.attached({ outBuffer });
    connection.stall();
    const taken: string[] = [];
    const put = (share: 'work' | 'answer'): boolean => {
      const text = `<m n='${taken.length}'>${'x'.repeat(1_000)}</m>`;
      const written = link.write(text, share);
      if (written === 'sent') taken.push(text);
      else assert.equal(written, 'congested');
      return written === 'sent';
    };
    // The system's buffers fill first; each turn gives them what they take.
    let full = 0;
    while (full < 20) {
      full = put('work') ? 0 : full + 1;
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    assert(link.waiting <= outBuffer);
    assert(put('answer'));
    assert(link.congested);
    while (put('answer'));
    for (let i = 0; i < 1_000; i++) assert.equal(put(i % 2 === 0 ? 'work' : 'answer'), false);
    assert(link.waiting <= 2 * outBuffer);
    assert.equal(link.state, 'online');
    assert.deepEqual(sink.problems, []);

    // It goes on reading all the while.
    connection.send('<still/>');
    await sink.until(() => sink.text === '<still/>');

    connection.resume();
    const all = taken.join('');
    await connection.expect((text) => text.length >= all.length);
    assert(connection.received.endsWith(all));
    assert.equal(link.congested, false);
    assert.equal(link.write('<m/>'), 'sent');
  });

  it('sends at once: TCP_NODELAY', async () => {
    const spy = mock.method(Socket.prototype, 'setNoDelay');
    try {
      harness.link();
      assert.deepEqual(
        spy.mock.calls.map((call) => call.arguments),
        [[true]],
      );
    } finally {
      spy.mock.restore();
    }
  });
});
