import { deepEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import { EventParser } from '../../../console/src/live/event-parser.ts';

const parse = (...pieces: readonly string[]) => {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

describe('the parser of event streams', () => {
  it('cuts a stream into events', () => {
    deepEqual(parse('event: state\ndata: {"a":1}\n\nevent: refused\ndata: {}\n\n'), [
      { name: 'state', data: '{"a":1}' },
      { name: 'refused', data: '{}' },
    ]);
  });

  it('names an event without a name, joins lines of data, and passes over comments and other fields', () => {
    deepEqual(parse(':\n\nid: 7\nretry: 5\n: hello\ndata: a\ndata:b\ndata\n\n'), [{ name: 'message', data: 'a\nb\n' }]);
  });

  it('tells of no event without data, and forgets its name', () => {
    deepEqual(parse('event: state\n\ndata: x\n\n'), [{ name: 'message', data: 'x' }]);
  });

  it('knows every end of a line', () => {
    deepEqual(parse('event: a\rdata: 1\r\n\r\ndata: 2\n\n'), [
      { name: 'a', data: '1' },
      { name: 'message', data: '2' },
    ]);
  });

  it('takes no account of where the stream is cut', () => {
    const stream = 'event: state\r\ndata: {"name":"ä"}\r\n\r\n:\n\nevent: refused\rdata: {"b":2}\r\rdata: last\n\n';
    const whole = parse(stream);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        deepEqual(parse(...at.slice(1).map((end, index) => stream.slice(at[index], end))), whole);
      }),
    );
  });

  it('does not gather an event without an end', () => {
    const parser = new EventParser();
    const piece = `data: ${'x'.repeat(1_000_000)}\n`;
    throws(() => {
      for (let pieces = 0; pieces < 20; pieces += 1) parser.push(piece);
    }, /too long/);
  });
});
