import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DeliveryControl } from '../../../src/core/envelope.ts';
import { decodeMessage, messageWith } from './recorder.ts';

const ours = 'urn:x-switchyard:delivery:0';

/** Of each message a form for the scanner and one that only the parser reads. */
function forms(children: string): string[] {
  return [messageWith(children), messageWith(children, " a='&amp;'")];
}

function escaped(text: string): string {
  return text.replace(/[&<>'"\n\t\r]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

function controlsOf(children: string): readonly DeliveryControl[] | undefined {
  const [first, second] = forms(children).map((text) => decodeMessage(text));
  assert.deepEqual(first?.controls, second?.controls);
  return first?.controls;
}

function kinds(children: string): string[] | undefined {
  return controlsOf(children)?.map((control) => control.do);
}

describe('what a worker says of his deliveries', () => {
  it('is read and cut out, and no work', () => {
    const text = `<ack xmlns='${ours}' token='a:1'/><nack xmlns='${ours}' token='b:2' requeue='false' delay='1.5'/><extend xmlns='${ours}' token='c:3' seconds='60'/>`;
    for (const form of forms(text)) {
      const { controls, tail, signal } = decodeMessage(form);
      assert.deepEqual(controls, [
        { do: 'ack', token: 'a:1' },
        { do: 'nack', token: 'b:2', requeue: false, delay: 1_500, error: undefined },
        { do: 'extend', token: 'c:3', by: 60_000 },
      ]);
      assert.deepEqual([tail, signal], ['', true]);
    }
  });

  it('is a signal beside receipts, chat states and hints, and none beside content', () => {
    const ack = `<ack xmlns='${ours}' token='1'/>`;
    const beside = "<received xmlns='urn:xmpp:receipts' id='1'/><store xmlns='urn:xmpp:hints'/>";
    for (const form of forms(ack + beside)) assert.equal(decodeMessage(form).signal, true);
    for (const form of forms(`${ack}<body>done</body>`)) {
      const { signal, controls, tail } = decodeMessage(form);
      assert.deepEqual([signal, controls?.length, tail], [false, 1, '<body>done</body>']);
    }
  });

  it('has a token', () => {
    for (const name of ['ack', 'nack', "extend seconds='5'"]) {
      assert.deepEqual(kinds(`<${name} xmlns='${ours}'/>`), ['unreadable']);
      assert.deepEqual(kinds(`<${name} xmlns='${ours}' token=''/>`), ['unreadable']);
      assert.deepEqual(kinds(`<${name} xmlns='${ours}' token='${'t'.repeat(201)}'/>`), ['unreadable']);
      assert.notDeepEqual(kinds(`<${name} xmlns='${ours}' token='${'t'.repeat(200)}'/>`), ['unreadable']);
    }
    assert.deepEqual(controlsOf(`<ack xmlns='${ours}' token='&lt;&#128512;'/>`), [{ do: 'ack', token: '<😀' }]);
  });

  it('goes to another worker unless it says otherwise, at once unless it says when', () => {
    const nack = (attributes: string): unknown => controlsOf(`<nack xmlns='${ours}' token='1'${attributes}/>`)?.[0];
    const rest = { do: 'nack', token: '1', delay: undefined, error: undefined };
    assert.deepEqual(nack(''), { ...rest, requeue: true });
    assert.deepEqual(nack(" requeue='true'"), { ...rest, requeue: true });
    assert.deepEqual(nack(" requeue='0'"), { ...rest, requeue: false });
    assert.deepEqual(nack(" delay='0'"), { ...rest, requeue: true, delay: 0 });
    assert.deepEqual(nack(" delay='86400'"), { ...rest, requeue: true, delay: 86_400_000 });
    assert.deepEqual(nack(" delay='86401'"), { ...rest, requeue: true, delay: 86_400_000 });
    for (const bad of [" requeue='no'", " requeue=''", " delay='-1'", " delay='soon'", " delay='1e3'"]) {
      assert.deepEqual(nack(bad), {
        do: 'unreadable',
        problem: '<nack/> has a requeue other than true and false, or a delay that is no number of seconds.',
      });
    }
  });

  it('may give a reason', () => {
    const error =
      "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>x</text></error>";
    const [control] = controlsOf(`<nack xmlns='${ours}' token='1' requeue='false'>${error}</nack>`) ?? [];
    assert.deepEqual(control?.do === 'nack' && control.error, { condition: 'not-acceptable', type: 'modify' });
    const [none] = controlsOf(`<nack xmlns='${ours}' token='1'>no</nack>`) ?? [];
    assert.deepEqual(none?.do === 'nack' && none.error, undefined);
  });

  it('extends by a second to a day', () => {
    const by = (seconds: string): unknown =>
      controlsOf(`<extend xmlns='${ours}' token='1' seconds='${seconds}'/>`)?.[0];
    assert.deepEqual(by('1'), { do: 'extend', token: '1', by: 1_000 });
    assert.deepEqual(by('86400'), { do: 'extend', token: '1', by: 86_400_000 });
    assert.deepEqual(by('1.2345678'), { do: 'extend', token: '1', by: 1_235 });
    for (const long of ['86400.1', '100000', '9'.repeat(40)]) {
      assert.deepEqual(by(long), { do: 'extend', token: '1', by: 86_400_000 });
    }
    for (const bad of ['0', '0.5', '-60', '', ' 60', '6O', 'NaN', 'Infinity', '0x10', '1e3', '9'.repeat(400)]) {
      assert.deepEqual(by(bad), { do: 'unreadable', problem: '<extend/> needs seconds, 1 or more.' });
    }
    assert.deepEqual(kinds(`<extend xmlns='${ours}' token='1'/>`), ['unreadable']);
  });

  it('is read a hundred times a message', () => {
    const acks = (count: number): string => `<ack xmlns='${ours}' token='1'/>`.repeat(count);
    assert.equal(controlsOf(acks(100))?.filter((control) => control.do === 'ack').length, 100);
    const many = kinds(acks(300)) ?? [];
    assert.deepEqual([many.length, many.indexOf('unreadable')], [101, 100]);
  });

  it('is nothing in an error, which only repeats it, and nothing inside of other elements', () => {
    const children = `<ack xmlns='${ours}' token='1'/><deliver xmlns='${ours}'/>`;
    const bounced = decodeMessage(messageWith(`${children}<error type='cancel'/>`, " type='error'"));
    assert.ok(!('controls' in bounced) && !('terms' in bounced));
    assert.equal(controlsOf(`<x xmlns='urn:x'>${children}</x>`), undefined);
  });
});

describe('what a sender asks of a delivery', () => {
  const terms = (attributes: string): unknown => {
    const [first, second] = forms(`<deliver xmlns='${ours}'${attributes}/><body>b</body>`).map((text) =>
      decodeMessage(text),
    );
    assert.deepEqual(first?.terms, second?.terms);
    assert.deepEqual([first?.tail, first?.signal], ['<body>b</body>', false]);
    return first?.terms;
  };
  const none = { guarantee: undefined, ttl: undefined, queued: false, problem: undefined };

  it('is read and cut out', () => {
    assert.deepEqual(terms(''), none);
    assert.deepEqual(terms(" guarantee='at-least-once' ttl='120' queued='true'"), {
      guarantee: 'at-least-once',
      ttl: 120_000,
      queued: true,
      problem: undefined,
    });
    assert.deepEqual(terms(" guarantee='plain' ttl='0.0015' queued='0'"), { ...none, guarantee: 'plain', ttl: 2 });
  });

  it('is a problem where it cannot be read, and never another guarantee', () => {
    const problem = 'ttl of <deliver/> is seconds, more than 0 and at most 31536000.';
    for (const ttl of ['', '0', '0.0001', '-1', '31536001', '1e9', '12 s', '9'.repeat(500), '.5', '5.']) {
      assert.deepEqual(terms(` ttl='${ttl}'`), { ...none, problem });
    }
    assert.deepEqual(terms(" guarantee='exactly-once'"), {
      ...none,
      problem: 'guarantee of <deliver/> is plain or at-least-once.',
    });
    assert.deepEqual(terms(" queued='please'"), { ...none, problem: 'queued of <deliver/> is true or false.' });
    assert.deepEqual(terms(` ttl='5'/><deliver xmlns='${ours}' ttl='9'`), {
      ...none,
      ttl: 5_000,
      problem: 'There is more than one <deliver/>.',
    });
  });
});

describe('a message with a request for a receipt', () => {
  it('says so, and keeps one', () => {
    const request = "<request xmlns='urn:xmpp:receipts'/>";
    for (const form of forms(`<body>b</body>${request}<x xmlns='urn:x'/>${request}`)) {
      const { wantsReceipt, tail, signal } = decodeMessage(form);
      assert.deepEqual([wantsReceipt, signal], [true, false]);
      assert.equal(tail, `<body>b</body>${request}<x xmlns='urn:x'/>`);
    }
  });
});

describe('a message with rules of XEP-0079', () => {
  const expiry = (rules: string, attributes = ''): unknown => {
    const amp = `<amp xmlns='http://jabber.org/protocol/amp'${attributes}>${rules}</amp>`;
    const { expireAt, tail } = decodeMessage(messageWith(`<body>b</body>${amp}`));
    assert.equal(tail, `<body>b</body>${amp}`);
    return expireAt;
  };
  const rule = (value: string, action = 'drop'): string =>
    `<rule condition='expire-at' action='${action}' value='${value}'/>`;
  const noon = Date.UTC(2026, 10, 21, 12);

  it('expires when the first of them says', () => {
    assert.equal(expiry(rule('2026-11-21T12:00:00Z')), noon);
    assert.equal(expiry(rule('2026-11-21T14:00:00.250+02:00', 'error')), noon + 250);
    assert.equal(expiry(rule('2026-11-22T12:00:00Z') + rule('2026-11-21T12:00:00Z', 'alert')), noon);
    assert.equal(expiry("<rule condition='deliver' action='drop' value='stored'/>"), undefined);
  });

  it('expires never by a rule that forbids nothing, or that is none', () => {
    assert.equal(expiry(rule('2026-11-21T12:00:00Z', 'notify')), undefined);
    assert.equal(expiry(rule('2026-11-21T12:00:00Z'), " status='alert'"), undefined);
    for (const bad of [
      '',
      'soon',
      '2026',
      '2026-13-01T00:00:00Z',
      '2026-11-21T12:00:00',
      '+99999-01-01T00:00:00Z',
      '9'.repeat(400),
    ]) {
      assert.equal(expiry(rule(bad)), undefined, bad);
    }
  });
});

describe('an ordinary message', () => {
  it('has the same fields as ever', () => {
    for (const form of forms(
      "<body>b</body><thread>t</thread><active xmlns='http://jabber.org/protocol/chatstates'/>",
    )) {
      const fields = Object.keys(decodeMessage(form));
      for (const name of ['wantsReceipt', 'terms', 'expireAt', 'controls']) assert.ok(!fields.includes(name), name);
    }
  });
});

describe('garbage in place of what deliveries need', () => {
  it('is a problem in words, and the same to scanner and parser', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.double().map(String),
      fc.bigInt().map(String),
    );
    const attribute = fc.tuple(
      fc.constantFrom('token', 'requeue', 'delay', 'seconds', 'ttl', 'guarantee', 'queued'),
      value,
    );
    const element = fc
      .tuple(
        fc.constantFrom('ack', 'nack', 'extend', 'deliver', 'delivery'),
        fc.uniqueArray(attribute, { selector: ([name]) => name }),
      )
      .map(
        ([name, all]) => `<${name} xmlns='${ours}'${all.map(([key, text]) => ` ${key}='${escaped(text)}'`).join('')}/>`,
      );
    fc.assert(
      fc.property(fc.array(element, { maxLength: 4 }), (elements) => {
        const [first, second] = forms(elements.join('')).map((text) => decodeMessage(text));
        assert.deepEqual([first?.controls, first?.terms, first?.tail], [second?.controls, second?.terms, '']);
      }),
      { numRuns: 300 },
    );
  });
});
