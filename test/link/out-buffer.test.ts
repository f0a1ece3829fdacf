import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { OutBuffer } from '../../src/xmpp/link/out-buffer.ts';

describe('link: out buffer', () => {
  function begin(limit = 100) {
    const written: string[] = [];
    const target = { backlog: () => 0, write: (text: string) => written.push(text) };
    return { out: new OutBuffer(target, limit), written };
  }

  it('forgets what it is told to clear', async () => {
    const { out, written } = begin();
    assert(out.take('<old/>', 1));
    out.clear();
    assert.equal(out.waiting, 0);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    assert.deepEqual(written, []);
  });

  it('needs no turn of the event loop for what is written during a read', () => {
    const { out, written } = begin();
    const spy = mock.method(globalThis, 'setImmediate');
    out.during(() => {
      out.take('<a/>', 1);
      out.take('<b/>', 1);
    });
    assert.equal(spy.mock.callCount(), 0);
    spy.mock.restore();
    assert.deepEqual(written, ['<a/><b/>']);
  });

  it('takes up to the limit, and up to twice that for answers, nothing in part', () => {
    const { out } = begin(10);
    assert.equal(out.take('x'.repeat(11), 1), false);
    assert.equal(out.take('x'.repeat(10), 1), true);
    assert.equal(out.take('x', 1), false);
    assert.equal(out.take('x'.repeat(11), 2), false);
    assert.equal(out.take('x'.repeat(10), 2), true);
    assert.equal(out.waiting, 20);
    out.clear();
  });
});
