import assert from 'node:assert/strict';
import { EarlyLink } from '../../src/app/standby/early-link.ts';
import { until } from '../support/until.ts';
import { Harness, settingsFor } from './harness.ts';
import { RecordingSink } from './recording-sink.ts';

describe('link: permission', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('is not made without, and as soon as there is', async () => {
    let may = false;
    const { link, clock } = harness.link({}, { mayAttach: () => may });
    for (let i = 0; i < 10; i++) clock.advance(50);
    assert.deepEqual([link.state, harness.server.connections], ['waiting', 0]);
    may = true;
    clock.advance(50);
    await harness.server.attach();
    assert.equal(harness.server.connections, 1);
  });

  it('is asked for again before a lost link is made anew', async () => {
    let may = true;
    const { link, clock, connection } = await harness.attached({}, { mayAttach: () => may });
    may = false;
    connection.destroy();
    await until(() => link.state === 'waiting', 'the link is lost');
    clock.advance(120_000);
    assert.equal(harness.server.connections, 1);
    may = true;
    clock.advance(50);
    await harness.server.attach();
  });

  it('makes a conflict something to try again soon', async () => {
    const { link, sink } = await harness.attached({}, { mayAttach: () => true });
    link.fail({ kind: 'conflict', text: 'Another.', advice: 'Wait.' });
    assert.ok((sink.problems.at(-1)?.retryInMs ?? 60_000) <= 1_000);
    const { link: other, sink: plain } = await harness.attached();
    other.fail({ kind: 'conflict', text: 'Another.', advice: 'Wait.' });
    assert.equal(plain.problems.at(-1)?.retryInMs, 60_000);
  });

  it('gives what comes while it closes to who wants it', async () => {
    const { link, connection } = await harness.attached();
    const late: string[] = [];
    const stopped = link.stop((chunk) => late.push(String(chunk)));
    await connection.expect(/<\/stream:stream>/);
    connection.send("<message id='late'/></stream:stream>");
    connection.halfClose();
    await stopped;
    assert.equal(late.join(''), "<message id='late'/></stream:stream>");
  });

  it('is not needed for an early link, which holds what happens until somebody takes it over', async () => {
    let settled = 0;
    const early = new EarlyLink(
      settingsFor(harness.server.port),
      () => false,
      () => {
        settled += 1;
      },
    );
    early.start();
    const connection = await harness.server.attach();
    await until(() => settled === 1, 'it is attached');
    connection.send("<message id='a'/>");
    await until(() => early.held > 0, 'it has read something');
    const sink = new RecordingSink();
    early.handTo(sink);
    assert.equal(early.held, 0);
    assert.equal(Buffer.concat(sink.chunks).toString(), "<message id='a'/>");
    connection.send("<message id='b'/>");
    await until(() => Buffer.concat(sink.chunks).includes('b'), 'what follows comes at once');
    connection.destroy();
    await until(() => sink.problems.length === 1, 'and that it is lost');
    await early.link.stop();
  });
});
