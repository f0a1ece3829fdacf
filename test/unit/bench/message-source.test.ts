import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { bodyFor, MessageSource, messageLength } from '../../../bench/mock/source.ts';

const pool = 'jobs@pools.example';

/** Everything that `counts` sends in turn, as single messages. */
function sent(source: MessageSource, counts: readonly number[]): string[] {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('latin1');
      done();
    },
  });
  for (const count of counts) source.send(sink, count);
  return Array.from({ length: text.length / messageLength }, (_, at) => {
    return text.slice(at * messageLength, (at + 1) * messageLength);
  });
}

describe('bench: message source', () => {
  it('numbers its messages without a gap, from lap to lap', () => {
    const source = new MessageSource(pool, 100);
    const messages = sent(source, [9_000, 3_000, 9_000]);
    assert.equal(source.next, 21_000);
    messages.forEach((message, at) => {
      assert.ok(message.includes(` id='b${String(at).padStart(8, '0')}'><body>${bodyFor(pool)}</body>`), message);
    });
  });

  for (const senders of [100, 100_000]) {
    it(`lets each of ${senders} senders take his turn`, () => {
      const source = new MessageSource(pool, senders);
      const messages = sent(source, [source.slots, 5]);
      const froms = messages.map((message) => /from='([^']*)'/.exec(message)?.[1]);
      assert.equal(new Set(froms).size, senders);
      assert.equal(new Set(froms.slice(0, senders)).size, senders);
      assert.equal(froms[0], froms[senders]);
    });
  }
});
