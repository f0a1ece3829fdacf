import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { decideTransfer, isLoopback, isTransfer, readHost, type TransferPolicy } from '../../../client/src/transfer.ts';
import { parsed } from './fake-server.ts';

const policy: TransferPolicy = { domain: 'jabber.org', trusted: [], service: undefined, secure: true, count: 0 };

describe('the examples of XEP-0051, as the client library takes them', () => {
  for (const xmlns of ['urn:xmpp:cxfr', 'jabber:iq:srvxfr']) {
    for (const [server, service] of [
      ['123.123.123.122', 'xmpp://123.123.123.122:5222'],
      ['server2.jabber.org', 'xmpp://server2.jabber.org:5222'],
      ['server3.jabber.org:6222', 'xmpp://server3.jabber.org:6222'],
      ['jabber.org', undefined],
    ] as const) {
      it(`${xmlns}: ${server}`, () => {
        const iq = parsed(
          `<iq type='set' from='jabber.org' to='user@jabber.org'>
            <query xmlns='${xmlns}'>
              <domain>jabber.org</domain>
              <server>${server}</server>
            </query>
          </iq>`,
        );
        ok(isTransfer(iq));
        deepEqual(decideTransfer(iq, policy), { service, requireTls: true });
      });
    }
  }

  const move = (server: string, changes: Partial<TransferPolicy> = {}) =>
    decideTransfer(
      parsed(
        `<iq type='set' from='jabber.org' id='1'><query xmlns='urn:xmpp:cxfr'><server> ${server} </server></query></iq>`,
      ),
      { ...policy, ...changes },
    );

  it('keep the way in which TLS is made, and never give it up', () => {
    deepEqual(move('a.b', { service: 'xmpps://jabber.org' }), { service: 'xmpps://a.b:5223', requireTls: true });
    deepEqual(move('127.0.0.2:6222', { secure: false }), { service: 'xmpp://127.0.0.2:6222', requireTls: false });
    deepEqual(move('127.0.0.2:6222'), { service: 'xmpp://127.0.0.2:6222', requireTls: true });
    deepEqual(move('a.b', { secure: false }), { service: 'xmpp://a.b:5222', requireTls: true });
    throws(() => move('a.b', { service: 'wss://jabber.org/ws' }), { condition: 'feature-not-implemented' });
  });

  it('name IPv6 addresses in brackets or bare', () => {
    deepEqual(readHost('[2001:db8::1]:6222'), { name: '2001:db8::1', port: 6222 });
    deepEqual(readHost('2001:db8::1'), { name: '2001:db8::1', port: undefined });
    equal(move('2001:db8::1').service, 'xmpp://[2001:db8::1]:5222');
    for (const bad of ['', '[a]', '1.2.3.4.5', '256.1.1.1', '-a.b', 'a..b', 'a:b', 'a:123456', '::1:x']) {
      equal(readHost(bad), undefined, bad);
    }
  });

  it('are on loopback or not', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) ok(isLoopback(host), host);
    for (const host of ['127.0.0.1.example.org', 'localhost.example.org', '10.0.0.1', '']) ok(!isLoopback(host), host);
  });

  it('are sets of one of two namespaces', () => {
    ok(!isTransfer(parsed(`<iq type='get' id='1'><query xmlns='urn:xmpp:cxfr'/></iq>`)));
    ok(!isTransfer(parsed(`<iq type='set' id='1'><query xmlns='urn:xmpp:other'/></iq>`)));
  });
});
