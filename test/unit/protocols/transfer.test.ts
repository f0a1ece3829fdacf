import assert from 'node:assert/strict';
import { parse } from 'ltx';
import type { IqRequestEnvelope } from '../../../src/core/envelope.ts';
import { parseDestination } from '../../../src/core/transfer/destination.ts';
import type { TransferForm, TransferOrder } from '../../../src/core/transfer/order.ts';
import { serialise } from '../../../src/xmpp/codec/serialise.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decode, domain } from '../codec/recorder.ts';

const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });

/** The examples of XEP-0051 as they stand there: to bare JIDs, without an id. 0.1 has 6 to 9, 0.2 has 1 to 4. */
const cases = [
  { what: 'by IP address', server: '123.123.123.122', host: '123.123.123.122', port: undefined },
  { what: 'by domain name', server: 'server2.jabber.org', host: 'server2.jabber.org', port: undefined },
  { what: 'with another port', server: 'server3.jabber.org:6222', host: 'server3.jabber.org', port: 6222 },
  { what: 'simply reconnect', server: 'jabber.org', host: 'jabber.org', port: undefined },
] as const;
const versions: readonly { form: TransferForm; namespace: string }[] = [
  { form: 'srvxfr', namespace: 'jabber:iq:srvxfr' },
  { form: 'cxfr', namespace: 'urn:xmpp:cxfr' },
];

function example(namespace: string, server: string): string {
  return `<iq type='set' from='jabber.org' to='user@jabber.org'>
  <query xmlns='${namespace}'>
    <domain>jabber.org</domain>
    <server>${server}</server>
  </query>
</iq>`;
}

function read(text: string): IqRequestEnvelope {
  const [stanza] = decode(text).stanzas;
  assert.ok(stanza?.kind === 'iq-request');
  return stanza;
}

/** What a query with these children asks, sent to us with an id. */
function asked(children: string, type = 'set', name = 'query'): IqRequestEnvelope['request'] {
  return read(
    `<iq type='${type}' from='jabber.org' to='${domain}' id='1'><${name} xmlns='urn:xmpp:cxfr'>${children}</${name}></iq>`,
  ).request;
}

describe('connection transfer (XEP-0051)', () => {
  for (const { form, namespace } of versions) {
    for (const { what, server, host, port } of cases) {
      it(`reads the example ${what} of ${namespace}, once it has the id that RFC 6120 wants`, () => {
        const text = example(namespace, server);
        assert.deepEqual(read(text).request, { name: 'malformed', problem: 'id is missing' });
        const order: TransferOrder = { form, domain: 'jabber.org', server: { host, port } };
        assert.deepEqual(read(text.replace('<iq ', "<iq id='1' ")).request, { name: 'transfer', order });
      });

      it(`writes the example ${what} of ${namespace}, to a full JID and with an id`, () => {
        const written = writer.transfer('jabber.org', 'user@jabber.org/r', 'x1', {
          form,
          domain: 'jabber.org',
          server: { host, port },
        });
        const expected = example(namespace, server).replaceAll(/\n\s*/g, '');
        assert.equal(
          serialise(parse(written)),
          serialise(parse(expected.replace("to='user@jabber.org'", "to='user@jabber.org/r' id='x1'"))),
        );
      });
    }
  }

  it('writes the form of specs 2.2', () => {
    const server = parseDestination('node2.example.org:5222');
    assert.ok(server !== undefined);
    assert.equal(
      writer.transfer('pools.example.org', 'w@example.org/n1', 'x1', { form: 'cxfr', domain: 'example.org', server }),
      "<iq type='set' from='pools.example.org' to='w@example.org/n1' id='x1'><query xmlns='urn:xmpp:cxfr'><domain>example.org</domain><server>node2.example.org:5222</server></query></iq>",
    );
  });

  it('reads what it has written, for every kind of destination', () => {
    for (const text of ['10.0.0.1:5222', 'h', '[2001:db8::1]', '[2001:db8::1]:9222', 'bücher.example:1']) {
      const server = parseDestination(text);
      assert.ok(server !== undefined);
      for (const { form } of versions) {
        const order: TransferOrder = { form, domain: 'jabber.org', server };
        const written = writer.transfer('jabber.org', `${domain}/x`, "i'<&d", order);
        assert.deepEqual(read(written).request, { name: 'transfer', order }, text);
      }
    }
  });

  it('is read by clients as genesys-cloud-streaming-client 19.4 reads it', () => {
    // Its stanza-definitions/xep0051.js: path iq.query, namespace urn:xmpp:cxfr, and the texts of two
    // children of that namespace; fired for an IQ of type set.
    const server = parseDestination('node2.example.org:5222');
    assert.ok(server !== undefined);
    const iq = parse(writer.transfer('s', 'w@example.org/n1', 'x1', { form: 'cxfr', domain: 'example.org', server }));
    const [query, ...others] = iq.getChildElements();
    assert.ok(iq.getName() === 'iq' && iq.attrs['type'] === 'set' && others.length === 0);
    assert.ok(query?.is('query', 'urn:xmpp:cxfr'));
    const textOf = (name: string) =>
      query
        ?.getChildElements()
        .find((child) => child.is(name, 'urn:xmpp:cxfr'))
        ?.getText();
    assert.deepEqual([textOf('domain'), textOf('server')], ['example.org', 'node2.example.org:5222']);
  });

  it('reads a transfer that leaves the domain out, or holds what we do not know', () => {
    const server = { host: 'h', port: undefined };
    const order = { form: 'cxfr', domain: undefined, server };
    assert.deepEqual(asked('<server>\n h </server>'), { name: 'transfer', order });
    assert.deepEqual(asked("<server>h</server><server xmlns='urn:odd'>g</server><odd/>"), { name: 'transfer', order });
    assert.deepEqual(asked('<domain> Jabber.ORG </domain><server>h</server>'), {
      name: 'transfer',
      order: { form: 'cxfr', domain: 'jabber.org', server },
    });
  });

  it('reads nothing out of a malformed one', () => {
    const nothing = { name: 'transfer', order: undefined };
    for (const children of [
      '',
      '<server/>',
      '<server></server>',
      '<server>host:0</server>',
      '<server>not a host</server>',
      '<server>h</server><server>g</server>',
      '<server>h<x/></server>',
      "<server xmlns='urn:odd'>h</server>",
      '<domain>a</domain><domain>b</domain><server>h</server>',
      '<domain>not a domain</domain><server>h</server>',
      '<domain/><server>h</server>',
      '<domain>jabber.org</domain>',
      'h',
    ]) {
      assert.deepEqual(asked(children), nothing, children);
    }
  });

  it('is a set of a query, and nothing else', () => {
    const wrong = { name: 'wrong-element', namespace: 'urn:xmpp:cxfr' };
    assert.deepEqual(asked('<server>h</server>', 'get'), wrong);
    assert.deepEqual(asked('<server>h</server>', 'set', 'transfer'), wrong);
  });
});
