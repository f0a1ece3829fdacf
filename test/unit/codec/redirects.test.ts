import assert from 'node:assert/strict';
import { type Element, parse } from 'ltx';
import type { Inbound, IqRequestEnvelope } from '../../../src/core/envelope.ts';
import { serialise } from '../../../src/xmpp/codec/serialise.ts';
import { uriOf } from '../../../src/xmpp/codec/uri.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decode } from './recorder.ts';

function writerOf(domain: string): Writer {
  return new Writer({ domain, stanzaLimit: 480 * 1024 });
}

function read(text: string): Inbound {
  const [stanza, ...others] = decode(text).stanzas;
  assert.ok(stanza !== undefined && others.length === 0, text);
  return stanza;
}

function request(text: string): IqRequestEnvelope {
  const stanza = read(text);
  assert.ok(stanza.kind === 'iq-request', text);
  return stanza;
}

/** An element as plain values. */
function treeOf(element: Element): unknown {
  const children = element.children.map((child) => (typeof child === 'string' ? child : treeOf(child)));
  return { name: element.name, attrs: { ...element.attrs }, children };
}

function childOf(element: Element | undefined, name: string): Element | undefined {
  return element?.getChildElements().find((child) => child.getName() === name);
}

/** Whatever the order of attributes, and the white space between elements. */
function sameXml(found: string | undefined, wanted: string): void {
  const plain = (text: string): unknown => treeOf(parse(text.replace(/>\s+</g, '><').trim()));
  assert.deepEqual(plain(found ?? ''), plain(wanted));
}

const stanzas = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

/** The form that we send: one error that is right by RFC 6120 and by JEP-0051. */
const hybrid = `
<iq from='ingest@pools.example.org' to='sensor@example.net/r' id='5' type='error'>
  <query xmlns='urn:example:status'/>
  <error type='modify' code='302' by='pools.example.org'>
    <redirect xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:w@example.org/n2</redirect>
    <iq xmlns='jabber:client' id='5' type='get' to='w@example.org/n2'>
      <query xmlns='urn:example:status'/>
    </iq>
  </error>
</iq>`;

/** XEP-0051 version 0.1, examples 4 and 5, with the ids and quotes that they lack: query, answer, redirected query. */
const simple = {
  query: "<iq id='5' type='get' from='user@server-A' to='user@server-B'><query xmlns='jabber:iq:browse'/></iq>",
  answer: `<iq type='error' from='user@server-B' to='user@server-A'>
    <query xmlns='jabber:iq:browse'/>
    <error code='302'>
      <iq id='5' type='get' to='user@server-C'>
        <query xmlns='jabber:iq:browse'/>
      </iq>
    </error>
  </iq>`,
  redirected: "<iq id='5' type='get' from='user@server-A' to='user@server-C'><query xmlns='jabber:iq:browse'/></iq>",
};
const changed = {
  query:
    "<iq id='5' type='get' from='user@server-A' to='user@server-B/work'><query xmlns='jabber:iq:app-specific'/></iq>",
  answer: `<iq type='error' from='user@server-B/work' to='user@server-A'>
    <query xmlns='jabber:iq:app-specific'/>
    <error code='302'>
      <iq id='5' type='get' to='user@server-B'>
        <query xmlns='storage:client:app-specific'/>
      </iq>
    </error>
  </iq>`,
  redirected:
    "<iq id='5' type='get' from='user@server-A' to='user@server-B'><query xmlns='storage:client:app-specific'/></iq>",
};

/** What a client that knows JEP-0051 alone sends next, once it has looked into the error. */
function followed(answer: string, from: string): string {
  const embedded = childOf(childOf(parse(answer), 'error'), 'iq');
  assert.ok(embedded !== undefined);
  Object.assign(embedded.attrs, { from, xmlns: undefined });
  return serialise(embedded);
}

describe('redirects as they are written', () => {
  it('are the hybrid error, to the letter', () => {
    const asked = request(
      "<iq from='sensor@example.net/r' to='ingest@pools.example.org' id='5' type='get'><query xmlns='urn:example:status'/></iq>",
    );
    sameXml(writerOf('pools.example.org').redirect(asked, { to: 'w@example.org/n2', query: undefined }), hybrid);
  });

  for (const [name, example, to, query] of [
    ['example 4: another address', simple, 'user@server-C', undefined],
    [
      'example 5: another query',
      changed,
      'user@server-B',
      { namespace: 'storage:client:app-specific', attributes: {} },
    ],
  ] as const) {
    it(`hold what XEP-0051 0.1 has, ${name}`, () => {
      const asked = request(example.query);
      const written = writerOf('server-B').redirect(asked, { to, query }) ?? '';
      const [outer, wanted] = [parse(written), parse(example.answer)];
      assert.deepEqual({ ...wanted.attrs, id: '5' }, outer.attrs);
      assert.deepEqual(outer.getChildElements().map(treeOf)[0], wanted.getChildElements().map(treeOf)[0]);
      const error = childOf(outer, 'error');
      assert.equal(error?.attrs['code'], '302');
      const embedded = childOf(error, 'iq');
      assert.deepEqual(embedded?.attrs, { xmlns: 'jabber:client', id: '5', type: 'get', to });
      sameXml(followed(written, asked.from), example.redirected);
      sameXml(followed(example.answer, asked.from), example.redirected);
    });
  }

  it('tell no address where the query is another: it would be sent there as it was', () => {
    const query = { namespace: 'urn:other', attributes: { node: "a'b" } };
    const asked = request(
      "<iq id='5' type='get' from='a@b/c' to='jobs@pools.example.org'><x:q xmlns:x='urn:x' old='1'><x:y/></x:q></iq>",
    );
    const written = writerOf('pools.example.org').redirect(asked, { to: 'c@d', query }) ?? '';
    assert.ok(written.includes(`<redirect ${stanzas}/>`));
    assert.ok(written.includes("<x:q xmlns:x='urn:other' old='1' node='a&apos;b'><x:y/></x:q></iq></error></iq>"));
  });

  it('keep every attribute but to', () => {
    const asked = request(
      "<iq id='&lt;5' type='get' from='a@b/c' to='jobs@pools.example.org' xml:lang='de' odd='&amp;'><q xmlns='urn:q'/></iq>",
    );
    const written = writerOf('pools.example.org').redirect(asked, { to: 'c@d/e', query: undefined }) ?? '';
    const { attrs } = childOf(childOf(parse(written), 'error'), 'iq') ?? {};
    assert.deepEqual(attrs, {
      xmlns: 'jabber:client',
      id: '<5',
      type: 'get',
      to: 'c@d/e',
      'xml:lang': 'de',
      odd: '&',
    });
  });

  it('are not written when they are too long', () => {
    const asked = request(
      `<iq id='5' type='get' from='a@b/c' to='jobs@pools.example.org'><q xmlns='urn:q'>${'x'.repeat(600)}</q></iq>`,
    );
    const small = new Writer({ domain: 'pools.example.org', stanzaLimit: 1_000 });
    assert.equal(small.redirect(asked, { to: 'c@d', query: undefined }), undefined);
  });
});

describe('redirects as they are read', () => {
  const condition = (text: string): unknown => {
    const stanza = read(text);
    return 'error' in stanza && stanza.error;
  };

  it('are errors with the condition redirect, whether it is there or only the code 302', () => {
    assert.deepEqual(condition(hybrid), { by: 'pools.example.org', condition: 'redirect', type: 'modify' });
    assert.deepEqual(condition(simple.answer), { condition: 'redirect', type: 'cancel' });
    assert.deepEqual(condition(changed.answer), { condition: 'redirect', type: 'cancel' });
  });

  it('are read in the outline of XEP-0051 0.1 too, examples 1 to 3, as far as it is XMPP', () => {
    // Words stand for the payload there, and ids are missing: no query that could be answered or redirected.
    for (const text of [
      "<iq type='get' from='jid-A' to='jid-B'>\n      original query\n    </iq>",
      "<iq type='get' from='jid-A' to='jid-C'>\n      redirected query\n    </iq>",
    ]) {
      assert.deepEqual(request(text).request, { name: 'malformed', problem: 'id is missing' });
      const named = request(text.replace('<iq ', "<iq id='1' ")).request;
      assert.equal(named.name, 'malformed', JSON.stringify(named));
    }
    const answer = `<iq type='error' from='jid-B' to='jid-A'>
      original query
      <error code='302'>redirection message</error> 
    </iq>`;
    assert.deepEqual(condition(answer), { condition: 'redirect', type: 'cancel' });
  });

  it('are read on presence and messages (RFC 6120 8.3.3.5 and 8.3.3.14)', () => {
    const presence = `<presence from='characters@muc.example.com/JulieC' id='y2bs71v4'
          to='juliet@im.example.com/balcony' type='error'>
        <error type='modify'>
          <redirect ${stanzas}>
            xmpp:characters@conference.example.org
          </redirect>
        </error>
      </presence>`;
    const message = `<message from='romeo@example.net' id='sj2b371v' to='juliet@im.example.com/churchyard' type='error'>
        <error by='example.net' type='cancel'>
          <gone ${stanzas}>
            xmpp:romeo@afterlife.example.net
          </gone>
        </error>
      </message>`;
    assert.deepEqual(condition(presence), { condition: 'redirect', type: 'modify' });
    assert.deepEqual(condition(message), { by: 'example.net', condition: 'gone', type: 'cancel' });
  });
});

describe('the new address of a pool', () => {
  it('is told as RFC 6120 has it, for good and for now', () => {
    const writer = writerOf('example.net');
    const message = read(
      "<message from='juliet@im.example.com/churchyard' id='sj2b371v' to='romeo@example.net' type='chat'><body>Thy lips are warm.</body></message>",
    );
    assert.ok(message.kind === 'message');
    const text = (words: string): string => `<text ${stanzas} xml:lang='en'>${words}</text>`;
    sameXml(
      writer.moved(message, { to: 'romeo@afterlife.example.net', permanent: true }),
      `<message from='romeo@example.net' id='sj2b371v' to='juliet@im.example.com/churchyard' type='error'>
        <error by='example.net' type='cancel'><gone ${stanzas}>xmpp:romeo@afterlife.example.net</gone>
        ${text('This pool has another address from now on, the one given here.')}</error></message>`,
    );
    const presence = read("<presence from='juliet@im.example.com/b' id='y2' to='c@example.net/JulieC'/>");
    assert.ok(presence.kind === 'presence');
    sameXml(
      writer.moved(presence, { to: 'c@conference.example.org', permanent: false }),
      `<presence from='c@example.net/JulieC' id='y2' to='juliet@im.example.com/b' type='error'>
        <error by='example.net' type='modify'><redirect ${stanzas}>xmpp:c@conference.example.org</redirect>
        ${text('This pool is at another address for now, the one given here.')}</error></presence>`,
    );
    const set = request("<iq id='1' type='set' from='a@b/c' to='jobs@example.net'><q xmlns='urn:q'/></iq>");
    assert.match(writer.moved(set, { to: 'x@y', permanent: false }) ?? '', /^<iq type='error' .*>xmpp:x@y<\/redirect>/);
  });

  it('is a URI, with what a URI cannot hold in numbers (RFC 5122)', () => {
    for (const [jid, uri] of [
      ['w@example.org/n2', 'xmpp:w@example.org/n2'],
      ['example.org', 'xmpp:example.org'],
      ['jobs@pools.example.org/~one', 'xmpp:jobs@pools.example.org/~one'],
      ['jobs@s/a@b/c?x#y%', 'xmpp:jobs@s/a%40b%2Fc%3Fx%23y%25'],
      ['a!$()*+,;=b@s/a b:&', 'xmpp:a!$()*+,;=b@s/a%20b:&'],
      ['zoë@münchen.example/é', 'xmpp:zo%C3%AB@münchen.example/%C3%A9'],
      ['[::1]/x', 'xmpp:[::1]/x'],
    ] as const) {
      assert.equal(uriOf(jid), uri);
    }
  });
});

describe('requests as they are passed on', () => {
  const writer = writerOf('pools.example.org');
  const passage = { jid: 'jobs@pools.example.org', hidesSenders: false };
  const asked = request(
    "<iq id='5' type='set' from='s@h/r' to='jobs@pools.example.org' xml:lang='de' odd='1'><q xmlns='urn:q' who='s@h/r'>&lt;</q></iq>",
  );

  it('go to the worker under another id, and otherwise as they came', () => {
    assert.equal(
      writer.ask(asked, 'jobs@pools.example.org/s@h/r', 'w@h/1', 'own', passage),
      "<iq type='set' from='jobs@pools.example.org/s@h/r' to='w@h/1' id='own' xml:lang='de' odd='1'><q xmlns='urn:q' who='s@h/r'>&lt;</q></iq>",
    );
  });

  it('name nobody where the pool hides its senders', () => {
    const hidden = writer.ask(asked, 'jobs@pools.example.org', 'w@h/1', 'own', { ...passage, hidesSenders: true });
    assert.equal(
      hidden,
      "<iq type='set' from='jobs@pools.example.org' to='w@h/1' id='own' xml:lang='de'><q xmlns='urn:q' who='jobs@pools.example.org'>&lt;</q></iq>",
    );
  });

  it('are answered from where they were sent, with their own id', () => {
    const result = read("<iq id='own' type='result' from='w@h/1' to='x@pools.example.org'><a xmlns='urn:a'/></iq>");
    const error = read(
      `<iq id='own' type='error' from='w@h/1' to='x@pools.example.org'><error type='cancel'><conflict ${stanzas}/></error></iq>`,
    );
    const empty = read("<iq id='own' type='result' from='w@h/1' to='x@pools.example.org'/>");
    const wordless = read("<iq id='own' type='error' from='w@h/1' to='x@pools.example.org'/>");
    const texts = [result, error, empty, wordless].map((stanza) =>
      stanza.kind === 'iq-response' ? writer.reply(asked, stanza) : undefined,
    );
    assert.deepEqual(texts, [
      "<iq type='result' from='jobs@pools.example.org' to='s@h/r' id='5'><a xmlns='urn:a'/></iq>",
      `<iq type='error' from='jobs@pools.example.org' to='s@h/r' id='5'><error type='cancel'><conflict ${stanzas}/></error></iq>`,
      "<iq type='result' from='jobs@pools.example.org' to='s@h/r' id='5'/>",
      `<iq type='error' from='jobs@pools.example.org' to='s@h/r' id='5'><error type='cancel'><undefined-condition ${stanzas}/></error></iq>`,
    ]);
  });
});
