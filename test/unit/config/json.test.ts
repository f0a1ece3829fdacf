import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { JsonSyntaxError, parseJson, pathKey } from '../../../src/config/json.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the JSON reader', () => {
  const value = fc.jsonValue({ depthSize: 'small' }).filter((it) => !JSON.stringify(it).includes('__proto__'));

  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (it, space) => {
        const text = JSON.stringify(it, undefined, space);
        const { value: read, duplicates } = parseJson(text);
        assert.deepEqual(read, JSON.parse(text));
        assert.deepEqual(duplicates, []);
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const edit = fc.tuple(
      fc.nat(),
      fc.constantFrom('', ',', '"', '{', '}', '[', ']', ':', '\\', '0', '-', '.', 'e', '\n', '/', 't'),
    );
    fc.assert(
      fc.property(value, edit, fc.boolean(), (it, [at, inserted], replace) => {
        const text = JSON.stringify(it);
        const place = at % (text.length + 1);
        const edited = text.slice(0, place) + inserted + text.slice(place + (replace ? 1 : 0));
        let refused = false;
        try {
          assert.deepEqual(parseJson(edited).value, JSON.parse(edited));
        } catch (error) {
          if (!(error instanceof JsonSyntaxError)) throw error;
          refused = true;
        }
        assert.equal(refused, !isJson(edited), edited);
      }),
      { numRuns: 1000 },
    );
  });

  it('knows where each value stands', () => {
    const text = '{ "a": [1, {"b": 2}],\n  "c": 3 }';
    const { offsets } = parseJson(text);
    assert.equal(offsets.get(pathKey(['a'])), 2);
    assert.equal(offsets.get(pathKey(['a', 1])), 11);
    assert.equal(offsets.get(pathKey(['a', 1, 'b'])), 12);
    assert.equal(offsets.get(pathKey(['c'])), 24);
  });

  it('knows which keys stand twice', () => {
    const { duplicates, value: last } = parseJson('{"a": {"x": 1, "y": 2, "x": 3}, "a": 4}');
    assert.deepEqual(duplicates, [
      { path: ['a', 'x'], offset: 23, firstOffset: 7 },
      { path: ['a'], offset: 32, firstOffset: 1 },
    ]);
    assert.deepEqual(last, { a: 4 });
  });

  it('refuses nesting without end', () => {
    assert.throws(() => parseJson('['.repeat(100_000)), /The text nests too deeply\./);
  });

  const mistakes: readonly [string, number, string, string][] = [
    ['{', 1, 'Expected a key in double quotes, found the end of the text.', 'Close every { with } and every [ with ].'],
    ['[1', 2, 'Expected a comma or ], found the end of the text.', 'Close every { with } and every [ with ].'],
    ['', 0, 'The text ends too early.', 'Close every { with } and every [ with ].'],
    ['{"a": 1,}', 8, 'A comma before } is not allowed in JSON.', 'Remove the comma before it.'],
    ['[1,]', 3, 'A comma before ] is not allowed in JSON.', 'Remove the comma before it.'],
    ['{"a": 1 "b": 2}', 8, 'Expected a comma or }, found a double quote.', 'Put a comma between two keys.'],
    ['[1 2]', 3, 'Expected a comma or ], found a letter or digit.', 'Put a comma between two values.'],
    ['{"a" 1}', 5, 'Expected a colon after a key, found a letter or digit.', 'Write "key": value.'],
    ['{a: 1}', 1, 'Expected a key in double quotes, found a letter or digit.', 'Write keys as "key".'],
    ["{'a': 1}", 1, "Expected a key in double quotes, found '.", 'Use double quotes.'],
    ['{ // c\n}', 2, 'Expected a key in double quotes, found /.', 'JSON has no comments. Remove it.'],
    ['{"a": # c\n1}', 6, 'Expected a value, found #.', 'JSON has no comments. Remove it.'],
    ['{"a": "b\n"}', 6, 'A text is not closed.', 'Write the closing " on the same line.'],
    [
      '["C:\\data"]',
      1,
      'A text holds a control character or an unknown escape.',
      'Write a backslash as \\\\, a tab as \\t, a line break as \\n.',
    ],
    [
      '[True]',
      1,
      'Expected a value, found a letter or digit.',
      'Write texts in double quotes; numbers, true, false and null without.',
    ],
    ['{} {}', 3, 'The text goes on after its end.', 'Remove what follows the last bracket.'],
  ];
  for (const [text, offset, problem, suggestion] of mistakes) {
    it(`says of ${JSON.stringify(text)}: ${problem}`, () => {
      assert.throws(
        () => parseJson(text),
        (error) => {
          assert.ok(error instanceof JsonSyntaxError);
          assert.deepEqual([error.offset, error.message, error.suggestion], [offset, problem, suggestion]);
          return true;
        },
      );
    });
  }
});
