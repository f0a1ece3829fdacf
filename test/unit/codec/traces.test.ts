import assert from 'node:assert/strict';
import { parse } from 'ltx';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decodeMessage, domain, messageWith } from './recorder.ts';

const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
const alias = `jobs@${domain}/!abcdefghijklmnopqrstuvwxyz`;
const passage = { jid: `jobs@${domain}`, hidesSenders: true };

function forwarded(children: string): string {
  return writer.forward(decodeMessage(messageWith(children, " id='1'")), alias, 'w@h/1', passage) ?? '';
}

describe('a message of a pool that hides its senders', () => {
  it('tells nothing of the sender that was added on the way', () => {
    const text = forwarded(
      '<body>a &lt; 😀</body>' +
        "<stanza-id xmlns='urn:xmpp:sid:0' by='s@example.net' id='9'/>" +
        "<delay xmlns='urn:xmpp:delay' from='example.net' stamp='x'/>" +
        "<x xmlns='jabber:x:delay' from='s@example.net/r'/>" +
        "<addresses xmlns='http://jabber.org/protocol/address'><address type='replyto' jid='s@example.net/r'/></addresses>" +
        "<p:delay xmlns:p='urn:xmpp:delay' from='s@example.net/r'/>" +
        "<origin-id xmlns='urn:xmpp:sid:0' id='o'/>",
    );
    assert.ok(!text.includes('example.net'), text);
    assert.equal(parse(text).getChildElements()[0]?.getText(), 'a < 😀');
    assert.ok(text.includes("<origin-id xmlns='urn:xmpp:sid:0' id='o'/>"));
  });

  it('has the alias where an attribute named the sender', () => {
    const text = forwarded(
      "<body>x</body><reply xmlns='urn:xmpp:reply:0' id='0' to='s@example.net/r'/><a xmlns='urn:a'><b by='s@example.net'/></a>",
    );
    assert.ok(!text.includes('example.net'), text);
    assert.equal(text.split(alias).length, 4);
  });

  it('is otherwise as it was sent', () => {
    const content = '<body>x &amp; y</body><x xmlns=\'urn:x\' a="1"><![CDATA[<]]></x>';
    assert.ok(forwarded(content).includes(`>${content}<private`));
  });

  it('tells of an error by its condition alone', () => {
    const error = (condition: string): string =>
      `<body>s@example.net/r</body><error type='wait' by='example.net'>${condition}<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no s@example.net</text></error>`;
    const report = (condition: string): string =>
      writer.report(decodeMessage(messageWith(error(condition), " type='error' id='1'")), alias, 'w@h/1') ?? '';
    const head = `<message type='error' from='${alias}' to='w@h/1' id='1'><error type='wait'>`;
    const stanzas = 'urn:ietf:params:xml:ns:xmpp-stanzas';
    assert.equal(
      report(`<gone xmlns='${stanzas}'>xmpp:s@example.net</gone>`),
      `${head}<gone xmlns='${stanzas}'/></error></message>`,
    );
    assert.equal(
      report(`<example.net xmlns='${stanzas}'/>`),
      `${head}<undefined-condition xmlns='${stanzas}'/></error></message>`,
    );
  });
});
