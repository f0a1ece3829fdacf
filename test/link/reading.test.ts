import assert from 'node:assert/strict';
import { Harness } from './harness.ts';

describe('link: reading', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  it('lets others have a turn after 256 KiB, however much there is to read, and loses nothing', async () => {
    const { sink, connection } = await harness.attached();
    const text = '0123456789abcdef'.repeat(256 * 1024);
    let longest = 0;
    let stretch = 0;
    let length = 0;
    await new Promise<void>((resolve) => {
      sink.onData = (chunk) => {
        // What others want to do is done when this has run.
        if (stretch === 0) {
          setImmediate(() => {
            stretch = 0;
          });
        }
        stretch += chunk.length;
        length += chunk.length;
        longest = Math.max(longest, stretch);
        if (length >= text.length) resolve();
      };
      connection.send(text);
    });
    assert.equal(sink.text, text);
    // The last read of a turn may end beyond it.
    assert(longest < (256 + 64) * 1024, `${longest} bytes were read without a turn for others`);
  });

  it('goes on after a pause at the very end of what came', async () => {
    const { sink, connection } = await harness.attached();
    connection.send('x'.repeat(256 * 1024));
    await sink.until(() => sink.text.length === 256 * 1024);
    connection.send('<more/>');
    await sink.until(() => sink.text.endsWith('<more/>'));
  });
});
