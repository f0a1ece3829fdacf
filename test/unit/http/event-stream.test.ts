import assert from 'node:assert/strict';
import fc from 'fast-check';
import { EventReader, type StreamEvent } from '../../../src/http/event-stream.ts';

function read(...pieces: readonly string[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const reader = new EventReader((event) => events.push(event));
  for (const piece of pieces) reader.read(piece);
  return events;
}

describe('reading server-sent events', () => {
  it('reads names and data of several lines, and passes over comments and fields of no use', () => {
    assert.deepEqual(read(': alive\n\nid: 7\nevent: state\ndata: {\ndata:}\n\ndata: x\r\n\r\n'), [
      { name: 'state', data: '{\n}' },
      { name: 'message', data: 'x' },
    ]);
  });

  it('gives nothing before an event is whole', () => {
    assert.deepEqual(read('event: state\ndata: 1\n'), []);
    assert.deepEqual(read('event: state\ndata: 1\n', '\n'), [{ name: 'state', data: '1' }]);
  });

  it('refuses an event that never ends', () => {
    const reader = new EventReader(() => undefined);
    const piece = 'x'.repeat(2 ** 20);
    assert.throws(() => {
      for (let n = 0; n < 100; n += 1) reader.read(piece);
    }, RangeError);
  });

  it('reads the same wherever the pieces end', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ':', ' ', 'ß', '{') });
    fc.assert(
      fc.property(fc.array(fc.array(line, { minLength: 1 })), fc.array(fc.nat(9)), (events, cuts) => {
        const text = events.map((lines) => `event: e\n${lines.map((each) => `data: ${each}\n`).join('')}\n`).join('');
        const pieces: string[] = [];
        let rest = text;
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        assert.deepEqual(
          read(...pieces, rest),
          events.map((lines) => ({ name: 'e', data: lines.join('\n') })),
        );
      }),
    );
  });
});
