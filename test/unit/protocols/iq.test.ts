import assert from 'node:assert/strict';
import type { Inbound, IqRequest } from '../../../src/core/envelope.ts';
import { decode } from '../codec/recorder.ts';

function iq(attributes: string, children: string): Inbound | undefined {
  return decode(`<iq from='a@b/c' to='jobs@s'${attributes}>${children}</iq>`).stanzas[0];
}

function asked(type: 'get' | 'set', children: string): IqRequest {
  const stanza = iq(` type='${type}' id='1'`, children);
  assert.ok(stanza?.kind === 'iq-request');
  return stanza.request;
}

const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';

describe('iq', () => {
  it('reads each request that we know', () => {
    assert.deepEqual(asked('get', "<ping xmlns='urn:xmpp:ping'/>"), { name: 'ping' });
    assert.deepEqual(asked('get', "<query xmlns='jabber:iq:version'/>"), { name: 'version' });
    assert.deepEqual(asked('get', `<query xmlns='${info}'/>`), { name: 'disco-info', node: undefined });
    assert.deepEqual(asked('get', `<query xmlns='${info}' node='n&amp;'/>`), { name: 'disco-info', node: 'n&' });
    assert.deepEqual(asked('get', `<query xmlns='${items}' node=''/>`), {
      name: 'disco-items',
      node: '',
      page: undefined,
    });
    assert.deepEqual(asked('get', "<query xmlns='urn:xmpp:cmr:0'/>"), { name: 'cmr-query' });
    assert.deepEqual(asked('get', "<query xmlns='jabber:iq:last'/>"), { name: 'last' });
    assert.deepEqual(asked('get', "<time xmlns='urn:xmpp:time'/>"), { name: 'time' });
    assert.deepEqual(asked('set', "<cmr xmlns='urn:xmpp:cmr:0' algorithm='urn:a'/>"), {
      name: 'cmr-set',
      algorithm: 'urn:a',
    });
  });

  it('reads which part of a list is wanted', () => {
    const page = (set: string) => {
      const read = asked('get', `<query xmlns='${items}'>${set}</query>`);
      return read.name === 'disco-items' ? read.page : undefined;
    };
    const rsm = (inner: string) => `<set xmlns='http://jabber.org/protocol/rsm'>${inner}</set>`;
    const nothing = { max: undefined, after: undefined, before: undefined, index: undefined };
    assert.deepEqual(page(rsm('')), nothing);
    assert.deepEqual(page(rsm('<max>10</max><after>j@s</after>')), { ...nothing, max: 10, after: 'j@s' });
    assert.deepEqual(page(rsm('<before/>')), { ...nothing, before: '' });
    assert.deepEqual(page(rsm('<index>3</index><max>0</max>')), { ...nothing, index: 3, max: 0 });
    for (const wrong of ['<max/>', '<max>-1</max>', '<max>1e3</max>', '<index>x</index>', '<after/>']) {
      assert.equal(page(rsm(wrong)), 'malformed', wrong);
    }
    assert.equal(page(rsm('<before/><index>1</index>')), 'malformed');
    assert.equal(page(rsm('') + rsm('')), 'malformed');
    assert.equal(page("<set xmlns='urn:odd'/>"), undefined);
  });

  it('reads CMR liberally', () => {
    assert.deepEqual(asked('set', "<c:cmr xmlns:c='urn:xmpp:cmr:0' odd='1' algorithm='a'><x/></c:cmr>"), {
      name: 'cmr-set',
      algorithm: 'a',
    });
    assert.deepEqual(asked('set', "<cmr xmlns='urn:xmpp:cmr:0'/>"), { name: 'cmr-set', algorithm: '' });
    assert.deepEqual(asked('get', "<query xmlns='urn:xmpp:cmr:0' x='1'><y xmlns='urn:z'/></query>"), {
      name: 'cmr-query',
    });
  });

  it('tells a known namespace with a wrong element from an unknown one', () => {
    const wrong = (namespace: string) => ({ name: 'wrong-element', namespace });
    assert.deepEqual(asked('set', "<query xmlns='urn:xmpp:cmr:0'/>"), wrong('urn:xmpp:cmr:0'));
    assert.deepEqual(asked('get', "<cmr xmlns='urn:xmpp:cmr:0' algorithm='a'/>"), wrong('urn:xmpp:cmr:0'));
    assert.deepEqual(asked('set', "<ping xmlns='urn:xmpp:ping'/>"), wrong('urn:xmpp:ping'));
    assert.deepEqual(asked('get', `<x xmlns='${info}'/>`), wrong(info));
    assert.deepEqual(asked('get', "<x xmlns='urn:odd'/>"), { name: 'unknown', namespace: 'urn:odd' });
    assert.deepEqual(asked('get', '<x/>'), { name: 'unknown', namespace: '' });
  });

  it('calls malformed what has no answer of its own', () => {
    const ping = "<ping xmlns='urn:xmpp:ping'/>";
    for (const [attributes, children] of [
      [" id='1'", ping],
      [" id='1' type='odd'", ping],
      [" type='get'", ping],
      [" type='get' id=''", ping],
      [" type='get' id='1'", ''],
      [" type='get' id='1'", ping + ping],
    ] as const) {
      const stanza = iq(attributes, children);
      assert.equal(stanza?.kind === 'iq-request' ? stanza.request.name : undefined, 'malformed', attributes + children);
    }
  });

  it('keeps the payload as it stands, and every attribute', () => {
    const stanza = iq(" type='get' id='1' xmlns:p='urn:p'", ' <p:x a="1"><![CDATA[y]]></p:x> ');
    assert.equal(
      stanza?.kind === 'iq-request' ? stanza.payload : undefined,
      `<p:x xmlns:p='urn:p' a="1"><![CDATA[y]]></p:x>`,
    );
    const long = iq(" type='get' id='1'", `<x>${'x'.repeat(5000)}</x>`);
    assert.equal(long?.kind === 'iq-request' ? long.payload.length : undefined, 5007);
    const odd = iq(" type='get' id='1' xml:lang='de' odd='a&lt;' xmlns:p='urn:p' p:x='1'", '<x/>');
    assert.ok(odd?.kind === 'iq-request');
    assert.deepEqual([odd.lang, odd.attributes], ['de', " odd='a&lt;' xmlns:p='urn:p' p:x='1'"]);
  });

  it('reads results and errors', () => {
    const head = { kind: 'iq-response', from: 'a@b/c', to: 'jobs@s', id: '1' };
    assert.deepEqual(iq(" type='result' id='1'", '<x/>'), { ...head, error: undefined, payload: '<x/>' });
    assert.deepEqual(iq(" type='result' id='1' xml:lang='de'", ''), { ...head, error: undefined, lang: 'de' });
    const error =
      "<error type='auth'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    assert.deepEqual(iq(" type='error' id='1'", error), {
      ...head,
      error: { condition: 'forbidden', type: 'auth' },
      payload: error,
    });
    assert.deepEqual(iq(" type='error' id='1'", "<error type='odd'/>"), {
      ...head,
      error: { condition: 'undefined-condition', type: 'cancel' },
      payload: "<error type='odd'/>",
    });
  });
});
