import assert from 'node:assert/strict';
import { Link } from '../../src/xmpp/link/link.ts';
import { FakeClock } from './fake-clock.ts';
import { Harness, settingsFor } from './harness.ts';
import { RecordingSink } from './recording-sink.ts';

describe('link: stop', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('flushes, ends the stream, and closes', async () => {
    const { link, sink, clock, connection } = await harness.attached();
    const text = `<message>${'\u20ac'.repeat(300_000)}</message>`;
    assert.equal(link.write(text), 'sent');
    const stopped = link.stop();
    assert.equal(link.state, 'stopped');
    assert.equal(link.write('<late/>'), 'down');
    assert.equal(await connection.expect(/<\/stream:stream>/), `${text}</stream:stream>`);
    connection.send('<too-late/></stream:stream>');
    connection.halfClose();
    await stopped;
    await connection.closed;
    assert.equal(clock.pending, 0);
    assert.deepEqual(sink.chunks, []);
    assert.deepEqual(sink.problems, []);
    assert.equal(link.unread, '<too-late/>'.length);
    assert.equal(sink.healths.at(-1)?.state, 'good');
  });

  it('waits two seconds at most for a server that does not close', async () => {
    const { link, clock, connection } = await harness.attached();
    connection.stall();
    for (let i = 0; i < 10; i++) link.write('x'.repeat(1_000_000));
    let done = false;
    const stopped = link.stop().then(() => {
      done = true;
    });
    clock.advance(1_999);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    assert.equal(done, false);
    clock.advance(1);
    await stopped;
    assert.equal(clock.pending, 0);
    connection.destroy();
  });

  it('resolves in every state, and twice', async () => {
    const idle = new Link(settingsFor(harness.server.port), new RecordingSink(), { clock: new FakeClock() });
    await idle.stop();
    idle.start();
    assert.equal(idle.state, 'stopped');
    assert.equal(idle.unread, 0);

    const connecting = harness.link();
    await connecting.link.stop();
    await Promise.all([connecting.link.stop(), connecting.link.stop()]);

    const opening = harness.link();
    const connection = await harness.server.accept();
    await connection.header().catch(() => undefined);
    await opening.link.stop();

    const waiting = await harness.attached();
    waiting.connection.reset();
    await waiting.sink.problem();
    await waiting.link.stop();
    for (const { clock, link } of [connecting, opening, waiting]) {
      assert.equal(clock.pending, 0);
      assert.equal(link.state, 'stopped');
    }
  });

  it('can be called from any callback', async () => {
    const { link, sink, connection } = await harness.attached();
    let stopped: Promise<void> | undefined;
    sink.onData = () => {
      link.write('<last/>');
      stopped = link.stop();
    };
    connection.send('<message/>');
    await connection.expect(/^<last\/><\/stream:stream>$/);
    connection.destroy();
    await stopped;
    assert.deepEqual(sink.problems, []);
  });
});
