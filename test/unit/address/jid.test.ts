import assert from 'node:assert/strict';
import {
  isPlausibleJid,
  prepareJid,
  prepareLocal,
  prepareResource,
  utf8Length,
} from '../../../src/core/address/jid.ts';

describe('prepareJid', () => {
  const prepared: readonly [string, string][] = [
    ['worker@example.org/r', 'worker@example.org/r'],
    ['Worker@Example.ORG/Res', 'worker@example.org/Res'],
    ['example.org.', 'example.org'],
    ['\uff37orker@example.org', 'worker@example.org'],
    ['Gru\u0308n@example.org', 'gr\u00fcn@example.org'],
    ['\u03a3\u03b1\u03a3@example.org', '\u03c3\u03b1\u03c2@example.org'],
    ['a@b\u00fccher.example\u3002org', 'a@b\u00fccher.example.org'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['a@[2001:DB8::1]/x', 'a@[2001:db8::1]/x'],
    ['a@127.0.0.1', 'a@127.0.0.1'],
    ['a@h/b\u00a0c', 'a@h/b c'],
    ['a@h/x/y@z', 'a@h/x/y@z'],
    ['h/\u{1f600}', 'h/\u{1f600}'],
    ['a@h/e\u0301', 'a@h/\u00e9'],
    ['a@my_host/r', 'a@my_host/r'],
  ];
  for (const [text, jid] of prepared) {
    it(`makes ${jid} of ${text}`, () => {
      assert.deepEqual(prepareJid(text), { ok: true, jid });
    });
  }

  const refused: readonly [string, RegExp][] = [
    ['', /domain "" is empty/],
    ['@h', /localpart "" is empty/],
    ['a@', /domain "" is empty/],
    ['a@h/', /resource "" is empty/],
    ['a b@h', /localpart "a b" holds a space/],
    ["o'brien@h", /localpart/],
    ['a:b@h', /holds one of/],
    ['\u265a@h', /symbol/],
    ['a\u2163@h', /localpart/],
    ['\ufb01@h', /localpart/],
    ['a\u0640@h', /localpart/],
    ['a@b@c', /domain "b@c"/],
    ['a@h..org', /empty label/],
    ['a@-h', /hyphens/],
    ['a@h h', /domain/],
    ['a@[1.2.3]', /IPv6/],
    ['a@[::1', /IPv6/],
    ['a@h/\u0000', /control/],
    ['a@h/\ud800', /half a character/],
    [`${'a'.repeat(1024)}@h`, /longer than 1023 bytes/],
    [`a@h/${'\u00e9'.repeat(512)}`, /longer than 1023 bytes/],
    [`a@${'h'.repeat(64)}`, /63 bytes/],
    [`a@${'h.'.repeat(512)}h`, /longer than 1023 bytes/],
  ];
  for (const [text, problem] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}: ${problem.source}`, () => {
      const result = prepareJid(text);
      assert.ok(!result.ok);
      assert.match(result.problem, problem);
    });
  }

  it('takes parts of exactly 1023 bytes', () => {
    assert.ok(prepareLocal('a'.repeat(1023)).ok);
    assert.ok(prepareResource('\u00e9'.repeat(511)).ok);
  });
});

describe('isPlausibleJid', () => {
  for (const jid of ['h', 'h/r', 'a@h', 'a@h/r', 'h/a@', 'a@h/x/', '\u265a@h', `a@h/${'\u20ac'.repeat(1022)}`]) {
    it(`accepts ${jid.slice(0, 12)}`, () => {
      assert.equal(isPlausibleJid(jid), true);
    });
  }
  const refused = ['', '/', '/r', '@', '@h', 'a@', 'a@/r', 'h/', 'a@h/', 'a@h/\u0001', 'a\u007f@h', 'a\n@h'];
  for (const jid of [...refused, `a@h/${'\u20ac'.repeat(1023)}`]) {
    it(`refuses ${JSON.stringify(jid.slice(0, 12))}`, () => {
      assert.equal(isPlausibleJid(jid), false);
    });
  }
});

describe('utf8Length', () => {
  it('counts bytes', () => {
    const text = 'a\u00e9\u20ac\u{1f600}';
    assert.equal(utf8Length(text), Buffer.byteLength(text));
  });
});
