import assert from 'node:assert/strict';
import type { Inbound } from '../../../src/core/envelope.ts';
import { Decoder } from '../../../src/xmpp/codec/decoder.ts';
import { FramingError } from '../../../src/xmpp/codec/framing-error.ts';
import { decode, decodeMessage, domain, messageWith, recorded } from './recorder.ts';

describe('Decoder', () => {
  it('reads a message whole', () => {
    const children = "<body>Käse &amp; 😀</body><thread>t1</thread><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>";
    const text = messageWith(children, " id='m1' type='chat' xml:lang='de'");
    assert.deepEqual(decodeMessage(text), {
      kind: 'message',
      type: 'chat',
      typeAttr: 'chat',
      from: 's@example.net/r',
      to: `jobs@${domain}`,
      id: 'm1',
      lang: 'de',
      hint: undefined,
      thread: 't1',
      originId: 'o1',
      receipt: undefined,
      refersTo: undefined,
      hops: undefined,
      signal: false,
      machine: false,
      error: undefined,
      tail: children,
      size: text.length,
    });
  });

  it('takes a type that is missing or unknown for normal, and remembers what was written', () => {
    for (const [written, type, typeAttr] of [
      ['', 'normal', undefined],
      [" type='odd'", 'normal', undefined],
      [" type='normal'", 'normal', 'normal'],
      [" type='headline'", 'headline', 'headline'],
    ]) {
      const message = decodeMessage(messageWith('<body/>', written));
      assert.deepEqual([message.type, message.typeAttr], [type, typeAttr]);
    }
  });

  it('knows a message that no server takes for instant messaging', () => {
    const reading = "<reading xmlns='urn:example:sensor'>21.5</reading>";
    const besides =
      "<thread>t</thread><origin-id xmlns='urn:xmpp:sid:0' id='o'/><delay xmlns='urn:xmpp:delay' stamp='x'/>";
    const cases: [string, string, boolean][] = [
      ['', reading, true],
      [" type='normal'", reading + besides, true],
      [" type='headline'", reading, true],
      [" type='odd'", '', true],
      [" type='chat'", reading, false],
      ['', `<p:reading xmlns:p='urn:example:sensor'/>`, true],
      ['', `${reading}<body/>`, false],
      ['', `${reading}<body>21.5</body>`, false],
      ['', `${reading}<body xmlns='jabber:client'>21.5</body>`, false],
      ['', `${reading}<p:body xmlns:p='jabber:component:accept'>21.5</p:body>`, false],
      ['', `${reading}<subject>a</subject>`, false],
      ['', `${reading}<request xmlns='urn:xmpp:receipts'/>`, false],
      ['', `${reading}<received xmlns='urn:xmpp:receipts' id='1'/>`, false],
      ['', `${reading}<markable xmlns='urn:xmpp:chat-markers:0'/>`, false],
      ['', `${reading}<active xmlns='http://jabber.org/protocol/chatstates'/>`, false],
      ['', `${reading}<store xmlns='urn:xmpp:hints'/>`, false],
      ['', `${reading}<x xmlns='jabber:x:conference' jid='r@h'/>`, false],
      ['', `${reading}<x xmlns='http://jabber.org/protocol/muc#user'><invite/></x>`, false],
      ['', `${reading}<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>`, false],
      ['', `${reading}<stanza-id xmlns='urn:xmpp:sid:0' by='w@h' id='1'/>`, false],
      ['', `${reading}<p:store xmlns:p='urn:xmpp:hints'/>`, false],
      [" type='error'", reading, false],
    ];
    for (const [attributes, children, machine] of cases) {
      assert.equal(decodeMessage(messageWith(children, attributes)).machine, machine, attributes + children);
    }
  });

  it('resolves references in addresses and ids', () => {
    const message = decodeMessage(`<message from='o&apos;neil@h/a&#x20;b' to="jobs@${domain}" id='&lt;&quot;'/>`);
    assert.deepEqual([message.from, message.id], ["o'neil@h/a b", '<"']);
  });

  it('cuts control elements and keeps the rest as it stands', () => {
    const kept = "<body>a</body> <x xmlns='urn:odd'/><stanza-id xmlns='urn:xmpp:sid:0' by='example.net' id='1'/>";
    const message = decodeMessage(
      messageWith(
        "<cmr xmlns='urn:xmpp:cmr:0' algorithm='urn:xmpp:cmr:all'/>" +
          "<body>a</body><private xmlns='urn:xmpp:carbons:2'/> <hop xmlns='urn:x-switchyard:pool:0'><in/></hop>" +
          `<x xmlns='urn:odd'/><stanza-id xmlns='urn:xmpp:sid:0' by='jobs@${domain}' id='1'/>` +
          "<stanza-id xmlns='urn:xmpp:sid:0' by='example.net' id='1'/>" +
          `<delay xmlns='urn:xmpp:delay' from='${domain}' stamp='x'/>`,
      ),
    );
    assert.equal(message.hint, 'urn:xmpp:cmr:all');
    assert.equal(message.tail, kept);
  });

  it('cuts an ofrom that a sender claims, and no other address', () => {
    const addresses = (inner: string): string =>
      `<addresses xmlns='http://jabber.org/protocol/address'>${inner}</addresses>`;
    const ofrom = "<address type='ofrom' jid='boss@h'/>";
    assert.equal(decodeMessage(messageWith(`<body/>${addresses(ofrom)}`)).tail, '<body/>');
    assert.equal(
      decodeMessage(messageWith(addresses(`${ofrom}<address type='to' jid='a'/>`))).tail,
      addresses("<address type='to' jid='a'/>"),
    );
    assert.equal(decodeMessage(messageWith(addresses('<address a="1"/>'))).tail, addresses('<address a="1"/>'));
  });

  it('declares prefixes of the stanza on its children', () => {
    const text = `<message xmlns:p="urn:p" xmlns:q='urn:q' from='a@b' to='c@d'><p:x/><y xmlns:p='urn:z'/></message>`;
    assert.equal(
      decodeMessage(text).tail,
      `<p:x xmlns:p="urn:p" xmlns:q='urn:q'/><y xmlns:q='urn:q' xmlns:p='urn:z'/>`,
    );
  });

  it('keeps CDATA, 200 KB and odd namespaces as they came', () => {
    const children = `<body><![CDATA[<a>&]]]]><![CDATA[>]]></body><b xmlns=''><c xmlns="urn:é:😀"/></b><d>${'漢'.repeat(70_000)}</d>`;
    const text = messageWith(children);
    assert.equal(decodeMessage(text).tail, children);
    const [stanza] = decode(text, 1448).stanzas;
    assert.equal(stanza?.kind === 'message' ? stanza.tail : undefined, children);
  });

  it('tells a signal from work', () => {
    const state = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
    const cases: readonly (readonly [string, boolean])[] = [
      [state, true],
      [`${state}<thread>t</thread><origin-id xmlns='urn:xmpp:sid:0' id='1'/><cmr xmlns='urn:xmpp:cmr:0'/>`, true],
      ["<received xmlns='urn:xmpp:receipts' id='r'/>", true],
      ["<displayed xmlns='urn:xmpp:chat-markers:0' id='r'/>", true],
      ["<store xmlns='urn:xmpp:hints'/>", true],
      [`${state}<body>x</body>`, false],
      [`${state}<markable xmlns='urn:xmpp:chat-markers:0'/>`, false],
      [`${state}<request xmlns='urn:xmpp:receipts'/>`, false],
      [`${state}text`, false],
      [`${state}<![CDATA[text]]>`, false],
      ['<thread>t</thread>', false],
      ['', false],
    ];
    for (const [children, signal] of cases) {
      assert.equal(decodeMessage(messageWith(children)).signal, signal, children);
    }
    assert.equal(decodeMessage(messageWith("<received xmlns='urn:xmpp:receipts' id='r'/>")).receipt, 'r');
  });

  it('reads the error of a message of type error', () => {
    const conditions = "<error type='wait'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    const message = decodeMessage(messageWith(conditions, " type='error'"));
    assert.deepEqual([message.error, message.signal], [{ condition: 'gone', type: 'wait' }, false]);
    assert.deepEqual(decodeMessage(messageWith('', " type='error'")).error, {
      condition: 'undefined-condition',
      type: 'cancel',
    });
  });

  it('refuses what is no stanza, has no addresses, or has an undeclared prefix', () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ["<message to='a'/>", 'message', 'no-address'],
      ["<iq from='' to='a'/>", 'iq', 'no-address'],
      ["<handshake from='a' to='b'/>", 'other', 'unknown-element'],
      ["<message xmlns='urn:odd' from='a' to='b'/>", 'message', 'unknown-element'],
      ["<message from='a' to='b'><p:x/></message>", 'message', 'unknown-element'],
      ["<message from='a' to='b'><x p:a='1'/></message>", 'message', 'unknown-element'],
      ["<message from='a' to='b'><x xmlns:p=''/></message>", 'message', 'unknown-element'],
      ["<message from='a' to='b'><x xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/></message>", 'message', 'unknown-element'],
    ];
    for (const [text, name, why] of cases) {
      const [stanza] = decode(text).stanzas;
      assert.ok(stanza?.kind === 'refused', text);
      assert.deepEqual([stanza.stanza, stanza.why], [name, why], text);
    }
  });

  it('tells whose stanza was too large or too deep', () => {
    const head = "<message from='o&apos;n@h/r' to='jobs@s' id='7' type='chat'>";
    const refused = { kind: 'refused', stanza: 'message', type: 'chat', from: "o'n@h/r", to: 'jobs@s', id: '7' };
    for (const size of [10, 100, 10_000]) {
      const large = decode(`${head}${'x'.repeat(1000)}</message><presence from='a' to='b'/>`, size, {
        stanzaLimit: 500,
      });
      assert.deepEqual(large.stanzas[0], { ...refused, why: 'too-large' });
      assert.equal(large.stanzas[1]?.kind, 'presence');
      const deep = decode(`${head}<a><b><c/></b></a></message><presence from='a' to='b'/>`, size, { depthLimit: 3 });
      assert.deepEqual(deep.stanzas[0], { ...refused, why: 'too-deep' });
      assert.equal(deep.stanzas[1]?.kind, 'presence');
    }
  });

  it('reports stream errors and the end of the stream', () => {
    const conflict = "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
    const text = "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>who?</text>";
    assert.deepEqual(decode(`<stream:error>${conflict}${text}</stream:error></stream:stream>`, 3).events, [
      'error conflict who?',
      'end',
    ]);
    assert.deepEqual(decode('<stream:error/>').events, ['error undefined-condition -']);
    assert.deepEqual(decode('<stream:error><see-other-host>h:1</see-other-host></stream:error>').events, [
      'error see-other-host h:1',
    ]);
  });

  it('gives on every stanza, then throws what the sink threw first', () => {
    const given: Inbound[] = [];
    const sink = {
      inbound(stanza: Inbound): void {
        given.push(stanza);
        if (stanza.from !== 'c') throw new Error(`of ${stanza.from}`);
      },
      streamError: () => {},
      streamEnd: () => {},
    };
    const decoder = new Decoder({ domain, stanzaLimit: 1000, depthLimit: 9 }, sink);
    const of = (from: string): string => `<presence from='${from}' to='x'/>`;
    assert.throws(() => decoder.push(Buffer.from(`${of('a')}${of('b')}${of('c')}<presence fr`)), /of a/);
    decoder.push(Buffer.from("om='c' to='x'/>"));
    assert.deepEqual(
      given.map((stanza) => stanza.from),
      ['a', 'b', 'c', 'c'],
    );
  });

  it('throws for bytes that are no stream, and gives nothing after', () => {
    const { decoder, recorder } = recorded();
    assert.throws(() => decoder.push(Buffer.from("<presence from='a' to='b'/><!-- -->")), FramingError);
    assert.deepEqual(recorder.events, ['presence']);
  });
});
