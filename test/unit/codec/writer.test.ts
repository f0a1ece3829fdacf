import assert from 'node:assert/strict';
import { parse } from 'ltx';
import type { IqRequestEnvelope, RefusedStanza } from '../../../src/core/envelope.ts';
import { type ErrorCode, errors } from '../../../src/core/errors/errors.ts';
import { escapeAttribute, escapeText } from '../../../src/xmpp/codec/escape.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decode, decodeMessage, domain, messageWith } from './recorder.ts';

const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
const passage = { jid: `jobs@${domain}`, hidesSenders: false };
const additions = "<private xmlns='urn:xmpp:carbons:2'/>";

function ofrom(jid: string): string {
  return `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='${jid}'/></addresses>`;
}

function request(payload: string, attributes = " id='q1'"): IqRequestEnvelope {
  const [stanza] = decode(`<iq type='get' from='a@b/c' to='jobs@${domain}'${attributes}>${payload}</iq>`).stanzas;
  assert.ok(stanza?.kind === 'iq-request');
  return stanza;
}

describe('Writer', () => {
  it('adds a second note of addresses where the sender wrote one', () => {
    const note = (inner: string): string =>
      `<addresses xmlns='http://jabber.org/protocol/address'>${inner}</addresses>`;
    const to = "<address type='to' jid='a@h'/>";
    const message = decodeMessage(messageWith(note(`<address type='ofrom' jid='boss@h'/>${to}`)));
    assert.ok(writer.forward(message, 'p', 'w', passage)?.includes(`>${note(to)}${ofrom(message.from)}<`));
  });

  it('forwards a message with what is added', () => {
    const message = decodeMessage(messageWith('<body>a &lt; 😀</body>', " id='1' type='chat' xml:lang='de'"));
    assert.equal(
      writer.forward(message, `jobs@${domain}/s@example.net/r`, 'w@h/1', passage),
      `<message type='chat' from='jobs@${domain}/s@example.net/r' to='w@h/1' id='1' xml:lang='de'>` +
        `<body>a &lt; 😀</body>${additions}</message>`,
    );
  });

  it('adds nothing to what no server copies', () => {
    const reading = "<reading xmlns='urn:example:sensor'>21.5</reading>";
    const message = decodeMessage(messageWith(reading));
    assert.equal(
      writer.forward(message, `jobs@${domain}/s@example.net/r`, 'w@h/1', passage),
      writer.relay(message, `jobs@${domain}/s@example.net/r`, 'w@h/1'),
    );
  });

  it('names the sender where the address does not, unless the pool hides him', () => {
    const message = decodeMessage(messageWith('<body/>'));
    const told = (from: string, sender = message.from, hidesSenders = false): boolean =>
      writer.forward({ ...message, from: sender }, from, 'w', { ...passage, hidesSenders })?.includes(ofrom(sender)) ===
      true;
    assert.deepEqual(
      [
        told(`jobs@${domain}/s@example.net/r`),
        told(`jobs@${domain}/!key`),
        told(`jobs+key@${domain}`),
        told(`jobs+key@${domain}`, domain),
        told(`jobs@${domain}/${domain}`, domain),
        told('s', 's'),
        told(`jobs@${domain}/!key`, message.from, true),
      ],
      [false, true, true, true, false, true, false],
    );
  });

  it('relays a message with nothing added, its type as it was sent', () => {
    assert.equal(writer.relay(decodeMessage(messageWith('')), 'a@b', 'c@d'), "<message from='a@b' to='c@d'/>");
    assert.equal(
      writer.relay(decodeMessage(messageWith('<body/>', " type='normal'")), 'a@b', 'c@d'),
      "<message type='normal' from='a@b' to='c@d'><body/></message>",
    );
  });

  it('escapes addresses and ids', () => {
    const message = decodeMessage(messageWith('', " id='&lt;&apos;&quot;&#10;&amp;'"));
    const text = writer.forward({ ...message, from: "o'n@h/<&>" }, "p@s/!'<&>", 'w@h/"', passage) ?? '';
    const { attrs } = parse(text);
    assert.deepEqual([attrs['from'], attrs['to'], attrs['id']], ["p@s/!'<&>", 'w@h/"', '<\'"\n&']);
    assert.ok(text.includes("jid='o&apos;n@h/&lt;&amp;&gt;'"));
  });

  it('writes nothing over the size limit, which counts bytes', () => {
    const message = decodeMessage(messageWith(`<body>${'€'.repeat(100)}</body>`));
    const text = new Writer({ domain, stanzaLimit: 10_000 }).relay(message, 'a', 'b') ?? '';
    const size = Buffer.byteLength(text);
    assert.equal(new Writer({ domain, stanzaLimit: size }).relay(message, 'a', 'b'), text);
    assert.equal(new Writer({ domain, stanzaLimit: size - 1 }).relay(message, 'a', 'b'), undefined);
    assert.equal(new Writer({ domain, stanzaLimit: size }).forward(message, 'a', 'b', passage), undefined);
  });

  it('answers a message with each error of the table', () => {
    const message = decodeMessage(messageWith('<body>secret</body>', " id='1'"));
    for (const code of Object.keys(errors) as ErrorCode[]) {
      const row = errors[code];
      const element = parse(writer.error(message, code) ?? '');
      const [error, ...rest] = element.getChildElements();
      assert.deepEqual(element.attrs, { type: 'error', from: message.to, to: message.from, id: '1' });
      assert.deepEqual([rest.length, error?.attrs], [0, { type: row.type, by: domain }]);
      const [condition, text] = error?.getChildElements() ?? [];
      assert.ok(condition?.is(row.condition, 'urn:ietf:params:xml:ns:xmpp-stanzas'));
      assert.deepEqual([text?.getName(), text?.getText(), text?.attrs['xml:lang']], ['text', row.text, 'en']);
    }
  });

  it('says when to come back', () => {
    const text = (seconds: number) =>
      /<text[^>]*>(.*)<\/text>/.exec(writer.error(decodeMessage(messageWith('')), 'rate-sender', seconds) ?? '')?.[1];
    assert.equal(text(1), 'You send faster than this pool takes from one sender. Try again in 1 second.');
    assert.equal(text(90), 'You send faster than this pool takes from one sender. Try again in 90 seconds.');
  });

  it('sends the payload of a request back up to 4 KiB, and no id where there was none', () => {
    const ping = "<ping xmlns='urn:xmpp:ping'/>";
    assert.ok(writer.error(request(ping), 'unreachable')?.includes(`id='q1'>${ping}<error`));
    assert.ok(!writer.error(request(ping, ''), 'malformed-request')?.includes(' id='));
    const long = `<x xmlns='urn:long'>${'x'.repeat(5000)}</x>`;
    assert.ok(!writer.error(request(long), 'unreachable')?.includes('urn:long'));
  });

  it('answers what was refused, where there is somebody to answer', () => {
    const refused: RefusedStanza = {
      kind: 'refused',
      stanza: 'iq',
      type: 'set',
      from: 'a@b/c',
      to: 'd',
      id: '1',
      why: 'too-deep',
    };
    assert.ok(writer.error(refused, 'too-deep')?.startsWith("<iq type='error' from='d' to='a@b/c' id='1'><error"));
    assert.equal(writer.error({ ...refused, from: undefined }, 'too-deep'), undefined);
    assert.equal(writer.error({ ...refused, stanza: 'other' }, 'too-deep'), undefined);
  });

  it('writes presence', () => {
    const base = { from: 'p@s', to: 'a@b/c', id: undefined, status: undefined, error: undefined };
    assert.equal(writer.presence({ ...base, type: 'available' }), "<presence from='p@s' to='a@b/c'/>");
    assert.equal(
      writer.presence({ ...base, type: 'unavailable', id: '1', status: 'a<b' }),
      "<presence type='unavailable' from='p@s' to='a@b/c' id='1'><status>a&lt;b</status></presence>",
    );
    assert.equal(
      writer.presence({ ...base, type: 'available', show: 'away', priority: 95 }),
      "<presence from='p@s' to='a@b/c'><show>away</show><priority>95</priority></presence>",
    );
    const online = writer.presence({ ...base, type: 'available', show: 'online', priority: 0 });
    assert.equal(online, "<presence from='p@s' to='a@b/c'><priority>0</priority></presence>");
    const since = Date.UTC(2026, 10, 21, 7, 0, 0, 999);
    assert.equal(
      writer.presence({ ...base, type: 'unavailable', id: '1', since }),
      "<presence type='unavailable' from='p@s' to='a@b/c' id='1'><delay xmlns='urn:xmpp:delay' stamp='2026-11-21T07:00:00Z'/></presence>",
    );
    const error = writer.presence({ ...base, type: 'error', error: 'join-forbidden' });
    assert.match(error, /^<presence type='error' .*<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'\/>/);
  });

  it('writes no presence over the size limit: an id that is too long is left out', () => {
    const base = { from: 'p@s', to: 'a@b/c', status: undefined, error: undefined, type: 'available' } as const;
    const small = new Writer({ domain: 's', stanzaLimit: 100 });
    const empty = small.presence({ ...base, id: '' }).length;
    const fits = 'i'.repeat(100 - empty);
    assert.equal(small.presence({ ...base, id: fits }).length, 100);
    assert.equal(small.presence({ ...base, id: `${fits}i` }), "<presence from='p@s' to='a@b/c'/>");
    assert.equal(small.presence({ ...base, id: "'".repeat(20) }), "<presence from='p@s' to='a@b/c'/>");
  });

  it('writes an announcement whatever is in it', () => {
    assert.equal(
      new Writer({ domain: 'p', stanzaLimit: 10_000 }).announce('jobs@p', "o'b@c", '</body><x a="1">&\u0000\n'),
      "<message type='headline' from='jobs@p' to='o&apos;b@c'><body>&lt;/body&gt;&lt;x a=\"1\"&gt;&amp;\ufffd\n</body></message>",
    );
    assert.equal(new Writer({ domain: 'p', stanzaLimit: 50 }).announce('jobs@p', 'b@c', 'hello'), undefined);
  });

  it('writes a ping', () => {
    assert.equal(
      writer.ping('p@s', 'a@b/c', 'x'),
      "<iq type='get' from='p@s' to='a@b/c' id='x'><ping xmlns='urn:xmpp:ping'/></iq>",
    );
  });

  it('writes results', () => {
    const asked = request("<query xmlns='urn:xmpp:cmr:0'/>");
    const head = `<iq type='result' from='jobs@${domain}' to='a@b/c' id='q1'`;
    assert.equal(writer.answer(asked, { name: 'empty' }), `${head}/>`);
    assert.equal(
      writer.answer(asked, { name: 'cmr', active: 'urn:a', available: ['urn:a', 'urn:b'] }),
      `${head}><query xmlns='urn:xmpp:cmr:0'><active algorithm='urn:a'/><available algorithm='urn:a'/>` +
        "<available algorithm='urn:b'/></query></iq>",
    );
    assert.equal(
      writer.answer(asked, { name: 'version', title: 'A & B', version: '1' }),
      `${head}><query xmlns='jabber:iq:version'><name>A &amp; B</name><version>1</version></query></iq>`,
    );
    assert.equal(
      writer.answer(asked, {
        name: 'disco-info',
        node: 'n',
        identities: [{ category: 'component', type: 'load', name: "it's" }],
        features: ['urn:f'],
        forms: [
          {
            type: 'urn:t',
            fields: [
              { name: 'a', values: ['1 < 2'] },
              { name: 'b', values: ['x', 'y'] },
            ],
          },
        ],
      }),
      `${head}><query xmlns='http://jabber.org/protocol/disco#info' node='n'>` +
        "<identity category='component' type='load' name='it&apos;s'/><feature var='urn:f'/>" +
        "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>urn:t</value></field>" +
        "<field var='a'><value>1 &lt; 2</value></field>" +
        "<field var='b' type='text-multi'><value>x</value><value>y</value></field></x></query></iq>",
    );
    assert.equal(
      writer.answer(asked, { name: 'disco-items', node: undefined, page: undefined, items: [] }),
      `${head}><query xmlns='http://jabber.org/protocol/disco#items'/></iq>`,
    );
    assert.equal(
      writer.answer(asked, {
        name: 'disco-items',
        node: undefined,
        page: undefined,
        items: [{ jid: 'j@s', name: 'J' }],
      }),
      `${head}><query xmlns='http://jabber.org/protocol/disco#items'><item jid='j@s' name='J'/></query></iq>`,
    );
    const page = { first: { id: 'j@s', index: 7 }, last: 'j@s', count: 8 };
    assert.equal(
      writer.answer(asked, { name: 'disco-items', node: 'n', page, items: [{ jid: 'j@s', node: 'm', name: 'J' }] }),
      `${head}><query xmlns='http://jabber.org/protocol/disco#items' node='n'><item jid='j@s' node='m' name='J'/>` +
        "<set xmlns='http://jabber.org/protocol/rsm'><first index='7'>j@s</first><last>j@s</last><count>8</count></set></query></iq>",
    );
    assert.equal(
      writer.answer(asked, { name: 'last', seconds: 5 }),
      `${head}><query xmlns='jabber:iq:last' seconds='5'/></iq>`,
    );
    assert.equal(
      writer.answer(asked, { name: 'time', now: Date.UTC(2026, 10, 21, 9, 5, 7, 89) }),
      `${head}><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2026-11-21T09:05:07Z</utc></time></iq>`,
    );
  });
});

describe('escape', () => {
  it('keeps every character that XML can hold, and replaces the others', () => {
    const value = 'a\t\n\r<>&\'" 😀';
    assert.equal(escapeAttribute(value), 'a&#9;&#10;&#13;&lt;&gt;&amp;&apos;&quot; 😀');
    assert.equal(escapeText(value), 'a\t\n&#13;&lt;&gt;&amp;\'" 😀');
    assert.equal(escapeText('a\u0000\uffff'), 'a\ufffd\ufffd');
    assert.equal(escapeAttribute('\u0008'), '\ufffd');
  });
});
