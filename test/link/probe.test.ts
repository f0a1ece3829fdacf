import assert from 'node:assert/strict';
import { probe } from '../../src/xmpp/link/probe.ts';
import { FakeClock } from './fake-clock.ts';
import { Harness, settingsFor } from './harness.ts';

describe('link: probe', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  function begin() {
    const clock = new FakeClock();
    return { clock, result: probe(settingsFor(harness.server.port), clock) };
  }

  it('attaches, gets its pings back, and detaches', async () => {
    const { clock, result } = begin();
    const connection = await harness.server.attach({ secret: 'test' });
    const pings = await connection.expect(/(?:<iq .*?<\/iq>){20}/);
    const bytes = Buffer.from(`<message>\u{1f600}</message>${pings}`);
    await connection.sendChunks([bytes.subarray(0, 11), bytes.subarray(11, 300), bytes.subarray(300)]);
    await connection.expect(/<\/stream:stream>/);
    connection.halfClose();
    assert.deepEqual(await result, { ok: true, pings: { sent: 20, back: 20 } });
    assert.equal(clock.pending, 0);
    assert.equal(harness.server.connections, 1);
  });

  it('tells how many came back in time', async () => {
    const { clock, result } = begin();
    const connection = await harness.server.attach();
    const pings = await connection.expect(/(?:<iq .*?<\/iq>){20}/);
    await connection.sendChunks([/(?:<iq .*?<\/iq>){7}/.exec(pings)?.[0] ?? '']);
    clock.advance(10_000);
    connection.halfClose();
    assert.deepEqual(await result, { ok: true, pings: { sent: 20, back: 7 } });
  });

  it('tells a wrong secret, a port where nothing listens, and a wrong peer', async () => {
    const wrong = begin();
    const connection = await harness.server.accept();
    await connection.header();
    connection.sendHeader();
    connection.sendStreamError('not-authorized');
    const refusal = await wrong.result;
    assert.equal(!refusal.ok && refusal.problem.kind, 'wrong-secret');

    const http = begin();
    (await harness.server.accept()).send('HTTP/1.1 400 Bad Request\r\n\r\n');
    const web = await http.result;
    assert.equal(!web.ok && web.problem.kind, 'not-component-port');

    await harness.server.refuse();
    const nothing = await begin().result;
    assert.equal(!nothing.ok && nothing.problem.kind, 'refused');
    assert.equal(wrong.clock.pending + http.clock.pending, 0);
  });

  it('tells a stream error that answers the pings, with its text', async () => {
    const { result } = begin();
    const connection = await harness.server.attach();
    await connection.expect(/<iq /);
    connection.sendStreamError('invalid-from', 'no such host here');
    const told = await result;
    assert(!told.ok);
    assert.equal(told.problem.kind, 'invalid-from');
    assert.match(told.problem.text, /no such host here/);
  });

  it('tells a server that closes after the handshake', async () => {
    const { result } = begin();
    const connection = await harness.server.attach();
    connection.reset();
    const told = await result;
    assert.equal(!told.ok && told.problem.kind, 'closed');
  });
});
