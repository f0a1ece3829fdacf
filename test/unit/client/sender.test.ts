import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Connection } from '../../../client/src/connection.ts';
import { type Element, xml } from '../../../client/src/element.ts';
import { Sender } from '../../../client/src/sender.ts';
import { FakeServer, isMessage, result } from './fake-server.ts';

const pool = 'jobs@pools.example.org';
const status = xml('query', { xmlns: 'urn:example:status' });
const conditions = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('Sender of the client library', () => {
  let server: FakeServer;
  let connection: Connection;

  beforeEach(async () => {
    server = new FakeServer();
    connection = server.connection();
    await connection.start();
  });
  afterEach(async () => {
    await connection.stop();
  });

  it('sends text or elements, with a hint if asked', async () => {
    const sender = new Sender(connection);
    const id = await sender.send(pool, [xml('body', {}, 'a'), xml('t', { xmlns: 'b' })], {
      algorithm: 'urn:xmpp:cmr:all',
    });
    const sent = await server.wrote(isMessage(pool));
    equal(sent.attrs['id'], id);
    equal(sent.getChild('t', 'b')?.name, 't');
    equal(sent.getChild('cmr', 'urn:xmpp:cmr:0')?.attrs['algorithm'], 'urn:xmpp:cmr:all');
  });

  it('gets the answer of its thread, from the pool or a worker seen through it', async () => {
    const sender = new Sender(connection);
    const answer = sender.ask(pool, 'question');
    const { id } = (await server.wrote(isMessage(pool))).attrs;
    const reply = (from: string, body: string): string =>
      `<message from='${from}' type='chat'><body>${body}</body><thread>${id}</thread></message>`;
    server.deliver(reply('evil@example.net/r', 'forged'));
    server.deliver(reply('jobs@evil.example/~a', 'forged'));
    server.deliver(`<message from='${pool}/~a'><body>other</body><thread>other</thread></message>`);
    server.deliver(reply(`${pool}/~a`, 'real'));
    const { from, body } = await answer;
    deepEqual([from, body], [`${pool}/~a`, 'real']);
  });

  it('fails when an error comes back, nothing comes, or nothing can be sent', async () => {
    const sender = new Sender(connection, { timeout: 20 });
    const answer = sender.ask(pool, 'question');
    const { id } = (await server.wrote(isMessage(pool))).attrs;
    server.deliver(
      `<message from='${pool}' type='error' id='${id}'><error type='wait'><recipient-unavailable xmlns='${conditions}'/></error></message>`,
    );
    await rejects(answer, { condition: 'recipient-unavailable', type: 'wait', from: pool });
    await rejects(sender.ask(pool, 'b'), /no answer/);
    await rejects(sender.ask('not an address@', 'b'), TypeError);
    await connection.stop();
    await rejects(sender.ask(pool, 'b'), { name: 'NotConnected' });
  });

  /** Each address answers by a redirect to the next of the list, the last one by a result. */
  function chain(addresses: readonly string[]): void {
    server.reply = (iq: Element) => {
      const { to = '', id } = iq.attrs;
      const next = addresses[addresses.indexOf(to) + 1];
      if (next === undefined) return result(iq, `<done xmlns='urn:example:status' by='${to}'/>`);
      return `<iq type='error' from='${to}' id='${id}'><error type='modify' code='302'><redirect xmlns='${conditions}'>xmpp:${next}</redirect>
        <iq xmlns='jabber:client' type='get' id='${id}' to='${next}'><query xmlns='urn:example:status' hop='1'/></iq></error></iq>`;
    };
  }

  it('follows three redirects of a get, within the allowed domains, with the same id', async () => {
    const sender = new Sender(connection, { redirectsTo: ['example.org'] });
    chain([pool, 'a@example.org/1', 'b@example.org/1', 'c@example.org/1']);
    equal((await sender.request(pool, status))?.attrs['by'], 'c@example.org/1');
    const asked = server.written.filter(({ name }) => name === 'iq');
    equal(asked.length, 4);
    equal(new Set(asked.map(({ attrs }) => attrs['id'])).size, 1);
    equal(asked[3]?.getChildElements()[0]?.attrs['hop'], '1');
  });

  it('refuses the fourth, a domain that is not allowed, a circle, and the redirect of a set', async () => {
    const sender = new Sender(connection, { redirectsTo: ['example.org'] });
    chain([pool, 'a@example.org/1', 'b@example.org/1', 'c@example.org/1', 'd@example.org/1']);
    await rejects(sender.request(pool, status), { condition: 'redirect', message: /number 4/ });
    equal(server.written.length, 4);
    chain([pool, 'w@evil.example/1']);
    await rejects(sender.request(pool, status), {
      condition: 'redirect',
      alternative: 'xmpp:w@evil.example/1',
      message: /not among/,
    });
    chain([pool, 'a@example.org/1', pool]);
    await rejects(sender.request(pool, status), /asked before/);
    chain([pool, 'a@example.org/1']);
    await rejects(sender.request(pool, status, 'set'), /only a request of type get/);
    ok(server.written.every(({ attrs }) => attrs['to'] !== 'w@evil.example/1'));
  });

  it('without a list follows within the domain that it asked', async () => {
    const sender = new Sender(connection);
    chain([pool, `${pool}/~a`]);
    equal((await sender.request(pool, status))?.attrs['by'], `${pool}/~a`);
    chain([pool, 'w@example.org/n2']);
    await rejects(sender.request(pool, status), /not among the allowed/);
  });

  it('discovers services and pools, over pages, and picks by feature', async () => {
    const sender = new Sender(connection);
    const info = (name: string, ...features: string[]): string =>
      `<query xmlns='http://jabber.org/protocol/disco#info'><identity category='component' type='load' name='${name}'/>
        ${features.map((feature) => `<feature var='${feature}'/>`).join('')}</query>`;
    const items = (list: readonly string[], last?: string): string =>
      `<query xmlns='http://jabber.org/protocol/disco#items'>${list.map((jid) => `<item jid='${jid}'/>`).join('')}
        ${last === undefined ? '' : `<set xmlns='http://jabber.org/protocol/rsm'><last>${last}</last></set>`}</query>`;
    server.reply = (iq) => {
      const { to = '' } = iq.attrs;
      if (iq.getChild('query', 'http://jabber.org/protocol/disco#info') !== undefined) {
        if (to === 'dead.example.org') return result(iq).replace('result', 'error');
        return result(iq, info(to, to.startsWith('b@') ? 'urn:example:load' : 'urn:example:other'));
      }
      const after = iq.getChild('query')?.getChild('set')?.getChildText('after');
      if (to === 'example.org') return result(iq, items(['pools.example.org', 'dead.example.org']));
      if (to !== 'pools.example.org') return result(iq, items([]));
      return result(iq, after === 'a' ? items(['b@pools.example.org']) : items(['a@pools.example.org'], 'a'));
    };
    const found = await sender.discover('example.org');
    deepEqual(
      found.map(({ jid }) => jid),
      ['example.org', 'pools.example.org', 'a@pools.example.org', 'b@pools.example.org'],
    );
    deepEqual(found[1], {
      jid: 'pools.example.org',
      name: 'pools.example.org',
      identities: ['component/load'],
      features: ['urn:example:other'],
    });
    const [one, ...rest] = await sender.discover('pools.example.org', { feature: 'urn:example:load' });
    deepEqual([one?.jid, rest], ['b@pools.example.org', []]);
    await rejects(sender.discover('dead.example.org'), { name: 'StanzaError' });
    equal((await sender.discover('example.org', { limit: 2 })).length, 2);
  });
});
