import assert from 'node:assert/strict';
import { AccessList, parsePattern } from '../../../src/core/pool/rules/access.ts';
import { PatternMap } from '../../../src/core/pool/rules/pattern-map.ts';

describe('parsePattern', () => {
  const prepared: readonly [string, string][] = [
    ['*', '*'],
    ['Example.org', 'example.org'],
    ['example.org/R', 'example.org/R'],
    ['User@Example.org', 'user@example.org'],
    ['User@Example.org/R', 'user@example.org/R'],
    ['*@Example.org.', '*@example.org'],
    ['**@Example.org', '**@example.org'],
  ];
  for (const [text, pattern] of prepared) {
    it(`prepares ${text}`, () => {
      assert.deepEqual(parsePattern(text), { ok: true, pattern });
    });
  }

  const refused = [
    '',
    '**',
    '***@h',
    '*h',
    'user*@h',
    'user@*',
    '*@*',
    'user@*.h',
    '*@h/r',
    '*@a@b',
    'a b@h',
    '*@',
    'a@h/*',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)} and says what to write`, () => {
      const result = parsePattern(text);
      assert.ok(!result.ok);
      assert.match(result.problem, /write user@host, user@host\/resource, host/);
    });
  }
});

describe('AccessList', () => {
  const cases: readonly [pattern: string, allows: readonly string[], refuses: readonly string[]][] = [
    ['h', ['h', 'h/r'], ['a@h', 'a@h/r', 'x.h', 'i']],
    ['h/r', ['h/r'], ['h', 'h/s', 'a@h/r']],
    ['a@h', ['a@h', 'a@h/r', 'A@H/r'], ['h', 'b@h', 'a@i', 'h/a@h']],
    ['a@h/r', ['a@h/r'], ['a@h', 'a@h/s', 'a@h/R']],
    ['*@h', ['a@h', 'a@h/r', 'b@h'], ['h', 'h/r', 'a@x.h', 'h/a@h']],
    ['**@h', ['a@h', 'a@h/r', 'h', 'h/r'], ['x.h', 'a@x.h', 'i/a@h']],
    ['*', ['h', 'a@h', 'a@h/r'], []],
  ];
  for (const [pattern, allows, refuses] of cases) {
    it(`matches ${pattern}`, () => {
      const list = new AccessList([pattern]);
      for (const jid of allows) assert.equal(list.allows(jid), true, jid);
      for (const jid of refuses) assert.equal(list.allows(jid), false, jid);
    });
  }

  it('without patterns lets nobody in', () => {
    assert.equal(new AccessList([]).allows('a@h'), false);
  });

  it('takes an address that PRECIS does not know as it is written', () => {
    assert.equal(new AccessList(['*@h']).allows('\u265a@h/r'), true);
    assert.equal(new AccessList(['a@h']).allows('\u265a@h/r'), false);
  });
});

describe('PatternMap', () => {
  it('prefers the most specific pattern, in whatever order they stand', () => {
    const entries: readonly [string, string][] = [
      ['*', 'any'],
      ['**@h', 'host and accounts'],
      ['*@h', 'accounts'],
      ['a@h', 'account'],
      ['a@h/r', 'resource'],
    ];
    for (const order of [entries, entries.toReversed()]) {
      const map = new PatternMap(order);
      assert.equal(map.get('a@h/r'), 'resource');
      assert.equal(map.get('a@h/s'), 'account');
      assert.equal(map.get('b@h/r'), 'accounts');
      assert.equal(map.get('h/r'), 'host and accounts');
      assert.equal(map.get('a@i'), 'any');
    }
    assert.equal(new PatternMap(entries.slice(1)).get('a@i'), undefined);
  });
});
