import { deepEqual, equal } from 'node:assert/strict';
import { childText, parse, Registry } from 'stanza/jxt/index.js';
import { parseDestination } from '../../../src/core/transfer/destination.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';

const writer = new Writer({ domain: 'pools.example.org', stanzaLimit: 480 * 1024 });

/**
 * The reader of a client in production: the definition of `urn:xmpp:cxfr` in
 * genesys-cloud-streaming-client 19.4.1 (MIT), on stanza, the library that it is written for.
 */
function foreignReader(): Registry {
  const registry = new Registry();
  registry.define({ element: 'iq', namespace: 'jabber:client', path: 'iq' });
  registry.define({
    path: 'iq.query',
    aliases: ['iq.connectionTransfer'],
    namespace: 'urn:xmpp:cxfr',
    element: 'query',
    fields: { domain: childText(null, 'domain'), server: childText(null, 'server') },
  });
  return registry;
}

describe('a connection transfer as a client in production reads it', () => {
  for (const text of ['node2.example.org:5222', '123.123.123.122', '[2001:db8::1]:6222', 'example.org']) {
    it(`has the domain, and the server ${text}`, () => {
      const server = parseDestination(text);
      if (server === undefined) throw new Error(`${text} is no destination`);
      const written = writer.transfer('pools.example.org', 'w@example.org/n1', 'x1', {
        form: 'cxfr',
        domain: 'example.org',
        server,
      });
      // The worker's server makes a stanza of its own stream of it.
      const received = written?.replace('<iq ', "<iq xmlns='jabber:client' ") ?? '';
      const read = foreignReader().import(parse(received));
      deepEqual(read?.['connectionTransfer'], { domain: 'example.org', server: text });
    });
  }

  it('is nothing to it in the form of 0.1, which is sent to those only who ask for that', () => {
    const server = parseDestination('example.org');
    if (server === undefined) throw new Error('no destination');
    const written = writer.transfer('s', 'w@h/r', 'x1', { form: 'srvxfr', domain: undefined, server });
    const read = foreignReader().import(parse(written?.replace('<iq ', "<iq xmlns='jabber:client' ") ?? ''));
    equal(read?.['connectionTransfer'], undefined);
  });
});
