import assert from 'node:assert/strict';
import { ReplyVerifier } from '../../../bench/mock/verifier.ts';

const body = 'x'.repeat(60);

function reply(id: number, text = body): string {
  return `<message to='w1@h.example/r' id="b${String(id).padStart(8, '0')}"><body>${text}</body></message>`;
}

function replies(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => reply(from + index)).join('');
}

/** A verifier that has read its first replies in full, with counting begun at 100. */
function verifier(others: string[] = []): ReplyVerifier {
  const check = (text: string): string | undefined => (text.includes(body) ? undefined : 'another body');
  const one = new ReplyVerifier(
    (frame) => check(frame.text),
    (frame) => others.push(frame.text),
  );
  one.begin(0, undefined);
  one.feed(Buffer.from(replies(0, 100)), 100);
  one.thorough = false;
  one.begin(100, undefined);
  return one;
}

describe('bench: reply verifier', () => {
  it('counts every reply once, however the bytes are cut', () => {
    const bytes = Buffer.from(replies(100, 140));
    const one = verifier();
    for (let size = 1; size < 400; size++) {
      one.begin(100, undefined);
      for (let at = 0; at < bytes.length; at += size) one.feed(bytes.subarray(at, at + size), 140);
      assert.deepEqual(one.verdict(), { received: 40, duplicates: 0, faults: [] }, `cut every ${size} bytes`);
    }
  });

  it('misses a reply that did not come', () => {
    const one = verifier();
    one.feed(Buffer.from(replies(100, 110) + replies(111, 120)), 120);
    assert.equal(one.verdict().received, 19);
  });

  it('tells a reply that came twice from a new one', () => {
    const one = verifier();
    one.feed(Buffer.from(replies(100, 110) + reply(104)), 120);
    assert.deepEqual(one.verdict(), { received: 10, duplicates: 1, faults: [] });
  });

  it('reports an id that was not sent', () => {
    const one = verifier();
    one.feed(Buffer.from(reply(121) + reply(99)), 120);
    assert.equal(one.verdict().received, 0);
    assert.equal(one.verdict().faults.length, 2);
  });

  it('reads what does not fit the stride in full, and goes on', () => {
    const others: string[] = [];
    const one = verifier(others);
    const ping = "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>";
    one.feed(Buffer.from(`${reply(100) + ping}\n${reply(101)}${reply(102, 'short')}${reply(103)}`), 120);
    assert.deepEqual(one.verdict(), { received: 4, duplicates: 0, faults: ['another body'] });
    assert.deepEqual(others, [ping]);
  });

  it('keeps the time of each reply when asked to', () => {
    const one = verifier();
    const arrivals = new Float64Array(3);
    one.begin(100, arrivals);
    one.feed(Buffer.from(reply(100) + reply(102)), 103);
    assert.deepEqual(
      [...arrivals].map((time) => time > 0),
      [true, false, true],
    );
  });
});
