import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BigintColumn, IntegerColumn, TextColumn } from '../../src/store/postgres/binary-columns.ts';

const bytesOf = { bigint: 8, integer: 4, text: undefined };

/** What PostgreSQL's `array_recv` makes of it. */
function read(array: Buffer, kind: keyof typeof bytesOf): (number | string | undefined)[] {
  const [dimensions, , type] = [0, 4, 8].map((at) => array.readInt32BE(at));
  assert.equal(type, { bigint: 20, integer: 23, text: 25 }[kind]);
  if (dimensions === 0) {
    assert.equal(array.length, 12);
    return [];
  }
  assert.deepEqual([dimensions, array.readInt32BE(16)], [1, 1]);
  const found: (number | string | undefined)[] = [];
  let at = 20;
  for (let left = array.readInt32BE(12); left > 0; left -= 1) {
    const length = array.readInt32BE(at);
    at += 4;
    if (length === -1) found.push(undefined);
    else if (kind === 'text') found.push(array.toString('utf8', at, at + length));
    else found.push(kind === 'bigint' ? Number(array.readBigInt64BE(at)) : array.readInt32BE(at));
    if (length > 0) at += length;
    assert.ok(length === -1 || length === (bytesOf[kind] ?? length));
  }
  assert.equal(at, array.length);
  return found;
}

/** As far as the last that is there: the rest is not written. */
function written<Value>(values: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  return values.slice(0, 1 + values.findLastIndex((value) => value !== undefined));
}

describe('columns of a batch for PostgreSQL', () => {
  it('are the arrays of what was pushed, however long, without the nulls at the end', () => {
    const big = fc.array(fc.option(fc.maxSafeInteger(), { nil: undefined }), { maxLength: 200 });
    const texts = fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 300, size: 'max' }), { nil: undefined }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(big, texts, fc.array(fc.integer()), (numbers, words, places) => {
        const [bigints, strings, integers] = [new BigintColumn(), new TextColumn(), new IntegerColumn()];
        for (const value of numbers) bigints.push(value);
        for (const value of words) strings.push(value);
        for (const value of places) integers.push(value);
        assert.deepEqual(read(bigints.finish(), 'bigint'), written(numbers));
        assert.deepEqual(read(strings.finish(), 'text'), written(words));
        assert.deepEqual(read(integers.finish(), 'integer'), places);
      }),
      { numRuns: 40 },
    );
  });

  it('have room for a first element of any length, behind any number of nulls', () => {
    for (let nulls = 0; nulls < 300; nulls += 1) {
      const [bigints, strings] = [new BigintColumn(), new TextColumn()];
      const text = '\u6f22'.repeat(2 * nulls);
      for (let left = nulls; left > 0; left -= 1) bigints.push(undefined);
      bigints.push(7);
      strings.push(text);
      assert.deepEqual(read(bigints.finish(), 'bigint'), [...Array.from({ length: nulls }, () => undefined), 7]);
      assert.deepEqual(read(strings.finish(), 'text'), [text]);
    }
  });

  it('without elements share one array, which those that have some leave alone', () => {
    const empty = new TextColumn().finish();
    const filled = new TextColumn();
    filled.push('a');
    assert.deepEqual(read(filled.finish(), 'text'), ['a']);
    const skipped = new TextColumn();
    skipped.push(undefined);
    assert.equal(skipped.finish(), empty);
    assert.deepEqual(read(empty, 'text'), []);
  });
});
