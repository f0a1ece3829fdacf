import { deepEqual, equal, match, ok, rejects, throws } from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { Connection } from '../../../client/src/connection.ts';
import { xml } from '../../../client/src/element.ts';
import { NotConnected } from '../../../client/src/not-connected.ts';
import { FakeServer, result } from './fake-server.ts';

const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });

describe('Connection of the client library', () => {
  let server: FakeServer;
  let connection: Connection;

  beforeEach(() => {
    server = new FakeServer();
    connection = server.connection();
  });
  afterEach(async () => {
    await connection.stop();
  });

  it('wants an address with a user, at once', () => {
    for (const address of ['', 'example.org', 'a b@example.org', 'w@', 'w@exa mple', 'w@example.org/']) {
      throws(() => server.connection({ address }), TypeError, address);
    }
  });

  it('fails when the first login fails, and does not try again', async () => {
    server.beforeLogin = () => {
      throw new Error('not-authorized');
    };
    await rejects(connection.start(), /not-authorized/);
    equal(server.logins.length, 1);
  });

  it('comes back after an end, also when the next logins fail', async () => {
    equal(await connection.start(), 'w@example.org/n1');
    server.beforeLogin = () => {
      if (server.logins.length < 4) throw new Error('refused');
    };
    server.cut('line is down');
    equal(connection.jid, undefined);
    match((await server.told('offline')).text, /line is down/);
    await server.session(4);
    await server.told('online');
    await server.told('online');
    equal(connection.jid, 'w@example.org/n1');
  });

  it('asks for TLS unless the server is on loopback', async () => {
    const wants = async (service: string | undefined, tls?: 'required' | 'offered'): Promise<boolean | undefined> => {
      const fresh = new FakeServer();
      const given = { ...(service === undefined ? {} : { service }), ...(tls === undefined ? {} : { tls }) };
      const other = fresh.connection(given);
      await other.start();
      await other.stop();
      return fresh.logins[0]?.requireTls;
    };
    equal(await wants(undefined), true);
    equal(await wants('xmpp://example.org:5222'), true);
    equal(await wants('xmpp://127.0.0.1:5222'), false);
    equal(await wants('xmpp://[::1]:5222'), false);
    equal(await wants('xmpp://127.0.0.1:5222', 'required'), true);
    equal(await wants('xmpp://example.org', 'offered'), false);
  });

  it('takes an answer from whom it asked, and from nobody else', async () => {
    await connection.start();
    const answer = connection.request('service@example.net/r', ping);
    const { id } = (await server.wrote(({ name }) => name === 'iq')).attrs;
    server.deliver(`<iq type='result' from='evil@example.net/r' id='${id}'><forged xmlns='a'/></iq>`);
    server.deliver(`<iq type='result' id='${id}'><forged xmlns='a'/></iq>`);
    server.deliver(`<iq type='result' from='service@EXAMPLE.net/r' id='${id}'><real xmlns='a'/></iq>`);
    equal((await answer)?.name, 'real');
    match((await server.told('problem')).text, /evil@example\.net/);
    // A second one finds nothing waiting.
    server.deliver(`<iq type='result' from='service@example.net/r' id='${id}'/>`);
  });

  it('takes answers of its own account without an address', async () => {
    await connection.start();
    server.reply = (stanza) => `<iq type='result' id='${stanza.attrs['id']}'/>`;
    equal(await connection.request('w@example.org', ping), undefined);
  });

  it('fails a request that is answered by an error, by nothing, or by the end of the session', async () => {
    await connection.start();
    server.reply = (stanza) =>
      `<iq type='error' from='a@b' id='${stanza.attrs['id']}'><error type='wait'>
        <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
        <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>later</text></error></iq>`;
    await rejects(connection.request('a@b', ping), {
      name: 'StanzaError',
      type: 'wait',
      condition: 'resource-constraint',
      message: 'resource-constraint: later',
    });
    server.reply = () => undefined;
    await rejects(connection.request('a@b', ping, 'get', 5), /did not answer/);
    const open = connection.request('a@b', ping);
    server.cut();
    await rejects(open, NotConnected);
    await rejects(connection.send(ping), NotConnected);
  });

  it('reads errors of any shape', async () => {
    await connection.start();
    for (const [error, condition] of [
      ['', 'undefined-condition'],
      [`<error code='302'/>`, 'redirect'],
      [`<error type='odd'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'> xmpp:a@b </gone></error>`, 'gone'],
    ] as const) {
      server.reply = (stanza) => `<iq type='error' from='a@b' id='${stanza.attrs['id']}'>${error}</iq>`;
      await rejects(connection.request('a@b', ping), { condition, type: 'cancel' });
    }
  });

  it('notices a line that died without a word', async () => {
    connection = server.connection({ keepalive: 5 });
    await connection.start();
    server.reply = (stanza) => result(stanza);
    equal((await server.wrote(({ name }) => name === 'iq')).attrs['to'], 'example.org');
    equal(server.logins.length, 1);
  });

  it('tells what it can do, to the session and to its capabilities only', async () => {
    await connection.start();
    const info = (node: string): Promise<string | true | undefined> =>
      server.ask(
        `<iq type='get' from='a@b/c' id='1'><query xmlns='http://jabber.org/protocol/disco#info'${node}/></iq>`,
      );
    match(String(await info('')), /identity category="client" type="bot"/);
    equal(await info(` node='other'`), undefined);
    ok(!connection.features.includes('urn:xmpp:cxfr'));
    ok(server.connection({ transfersFrom: ['pools.example.org'] }).features.includes('urn:xmpp:cxfr'));
  });

  it('stops while it waits to try again', async () => {
    connection = server.connection({ reconnect: { min: 3_600_000, max: 3_600_000 } });
    await connection.start();
    server.cut();
    await server.told('offline');
    const waiting = connection.sendOnceOnline(ping);
    await connection.stop();
    await rejects(waiting, /stopped/);
    await rejects(connection.sendOnceOnline(ping), /stopped/);
    equal(server.logins.length, 1);
  });

  it('says nothing of an end that it was told to make', async () => {
    await connection.start();
    await connection.stop();
    deepEqual(
      server.notices.map(({ event }) => event),
      ['online'],
    );
  });
});

describe('transfers of the client library', () => {
  let server: FakeServer;
  let connection: Connection;

  beforeEach(() => {
    server = new FakeServer();
    server.secure = true;
    connection = server.connection({ service: 'xmpp://node1.example.org:5222', transfersFrom: ['pools.example.org'] });
  });
  afterEach(async () => {
    await connection.stop();
  });

  const transfer = (to: string, from = 'pools.example.org', domain = '<domain>example.org</domain>'): string =>
    `<iq type='set' from='${from}' to='w@example.org/n1' id='x1'><query xmlns='urn:xmpp:cxfr'>${domain}<server>${to}</server></query></iq>`;

  it('obeys those it trusts: leaves, closes, and goes where it is told, with TLS as before', async () => {
    let left = 0;
    connection.add({
      stanza: () => false,
      leave() {
        left += 1;
        return Promise.resolve();
      },
    });
    await connection.start();
    equal(await server.ask(transfer('node2.example.org:6222')), true);
    match(
      (await server.told('moved')).text,
      /pools\.example\.org moves the session to xmpp:\/\/node2\.example\.org:6222/,
    );
    await server.session(2);
    deepEqual([left, server.closed], [1, 1]);
    const [, second] = server.logins;
    deepEqual(
      [second?.service, second?.domain, second?.requireTls],
      ['xmpp://node2.example.org:6222', 'example.org', true],
    );
  });

  it('goes on to the new host after a cut, and back to the configured one when it does not get in', async () => {
    await connection.start();
    await server.ask(transfer('node2.example.org'));
    await server.told('moved');
    await server.session(2);
    server.beforeLogin = ({ service }) => {
      if (service?.includes('node2') === true && server.logins.length > 3)
        throw new Error('certificate is not for example.org');
    };
    server.cut();
    await server.session(3);
    server.cut();
    match((await server.told('not-moved')).text, /certificate.*back to the configured address/);
    await server.session(5);
    const node2 = 'xmpp://node2.example.org:5222';
    const node1 = 'xmpp://node1.example.org:5222';
    deepEqual(
      server.logins.map(({ service }) => service),
      [node1, node2, node2, node2, node1],
    );
  });

  it('simply reconnects when told its own domain', async () => {
    await connection.start();
    equal(await server.ask(transfer('example.org', 'example.org')), true);
    await server.told('moved');
    await server.session(2);
    equal(server.logins[1]?.service, 'xmpp://node1.example.org:5222');
  });

  it('obeys three in a row, and no fourth', async () => {
    await connection.start();
    for (const n of [2, 3, 4]) {
      equal(await server.ask(transfer(`node${n}.example.org`)), true);
      await server.session(n);
      // The session is the connection's a moment after the server has opened it.
      while (connection.jid === undefined) await setImmediate();
    }
    match(String(await server.ask(transfer('node5.example.org'))), /not-allowed.*3 times/);
    match((await server.told('not-moved')).text, /pools\.example\.org/);
    equal(server.logins.length, 4);
  });

  it('refuses strangers, other domains and nonsense, says so, and stays', async () => {
    await connection.start();
    for (const [request, condition] of [
      [transfer('evil.example', 'evil.example'), 'not-allowed'],
      [transfer('evil.example', 'someone@pools.example.org'), 'not-allowed'],
      [transfer('evil.example', 'pools.example.org/x'), 'not-allowed'],
      [transfer('evil.example', 'w@example.org'), 'not-allowed'],
      [transfer('a', '').replace(`from=''`, ''), 'not-allowed'],
      [transfer('evil.example', 'pools.example.org', '<domain>evil.example</domain>'), 'not-allowed'],
      [transfer(''), 'bad-request'],
      [transfer('a b'), 'bad-request'],
      [transfer('a:0'), 'bad-request'],
      [transfer('a:65536'), 'bad-request'],
      [transfer('1.2.3'), 'bad-request'],
      [transfer('[1.2.3.4]'), 'bad-request'],
      [transfer('[::1'), 'bad-request'],
      [transfer('user@host'), 'bad-request'],
      [transfer('xmpp://host'), 'bad-request'],
      [transfer('a/b'), 'bad-request'],
      [transfer('a').replace(/<server>.*<\/server>/, ''), 'bad-request'],
    ] as const) {
      match(String(await server.ask(request)), new RegExp(condition), request);
      await server.told('not-moved');
    }
    equal(server.logins.length, 1);
    equal(server.closed, 0);
  });

  it('follows see-other-host of its server by the same rules', async () => {
    await connection.start();
    server.seeOtherHost('[2001:41D0:1:A49b::1]:9222');
    await server.told('moved');
    await server.session(2);
    deepEqual(server.logins[1]?.service, 'xmpp://[2001:41D0:1:A49b::1]:9222');
    equal(server.logins[1]?.requireTls, true);
    server.seeOtherHost('not a host');
    match((await server.told('not-moved')).text, /not a host/);
  });

  it('follows see-other-host of the first login too, and no circle', async () => {
    server.beforeLogin = (_, events) => {
      events.seeOtherHost('other.example.org');
      throw new Error('see-other-host');
    };
    await rejects(connection.start(), /see-other-host/);
    equal(server.logins.length, 4);
    match((await server.told('not-moved')).text, /3 times/);
  });
});
