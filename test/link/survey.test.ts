import assert from 'node:assert/strict';
import { type HostReport, survey } from '../../src/xmpp/link/survey.ts';
import type { FakeServerConnection } from '../support/servers/fake-server-connection.ts';
import { FakeClock } from './fake-clock.ts';
import { Harness, settingsFor } from './harness.ts';

const host = 'example.org';
const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';
const unknown = { software: undefined, features: undefined, items: undefined };

describe('link: survey of the hosts around', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
  });
  afterEach(async () => {
    await harness.stop();
  });

  /** Attaches, and gives the id of each question by its namespace. */
  async function begin(hosts: readonly string[] = [host]) {
    const clock = new FakeClock();
    const result = survey(settingsFor(harness.server.port), { stanza: 20_000, depth: 16 }, hosts, clock);
    const connection = await harness.server.attach({ secret: 'test' });
    const asked = await connection.expect(new RegExp(`(?:<iq .*?</iq>){${3 * hosts.length}}`));
    const ids = new Map<string, string>();
    for (const [, id = '', to = '', query = ''] of asked.matchAll(/id='([^']+)'.*?to='([^']+)'.*?xmlns='([^']+)'/g)) {
      ids.set(`${to} ${query}`, id);
    }
    const answer = (
      query: string,
      content: string,
      from: { readonly to?: string; readonly from?: string; readonly type?: string } = {},
    ): string => {
      const to = from.to ?? host;
      const id = ids.get(`${to} ${query}`);
      return `<iq type='${from.type ?? 'result'}' to='pools.example.org' from='${from.from ?? to}' id='${id}'>${content}</iq>`;
    };
    return { clock, result, connection, answer };
  }

  async function end(connection: FakeServerConnection, result: Promise<readonly HostReport[]>) {
    await connection.expect(/<\/stream:stream>/);
    connection.halfClose();
    const reports = await result;
    assert.equal(harness.server.connections, 1);
    return reports;
  }

  it('reads software, features and items, however they come, and detaches at the last', async () => {
    const { clock, result, connection, answer } = await begin();
    await connection.sendChunks([
      '<message from="a@example.org" to="jobs@pools.example.org"><body>not for us</body></message>',
      answer(
        info,
        `<d:query xmlns:d='${info}'><d:identity category='server' type='im' name='X'/><d:feature var='a&amp;b'/></d:query>`,
      ),
      answer(items, `<query xmlns='${items}'><item jid='pools.example.org'/><item/></query>`).slice(0, 40),
      answer(items, `<query xmlns='${items}'><item jid='pools.example.org'/><item/></query>`).slice(40),
      answer(
        'jabber:iq:version',
        `<query xmlns='jabber:iq:version'><name>Pro\nsody</name><version>0.12</version></query>`,
      ),
    ]);
    assert.deepEqual(await end(connection, result), [
      {
        host,
        software: 'Pro sody 0.12',
        features: new Set(['a&b']),
        items: new Set(['pools.example.org']),
        silence: '',
      },
    ]);
    assert.equal(clock.pending, 0);
  });

  it('takes the name of the server from its identity when it has no version', async () => {
    const { result, connection, answer } = await begin();
    const query = `<query xmlns='${info}'><identity category='server' name='ejabberd'/></query>`;
    for (const none of ['jabber:iq:version', items]) connection.send(answer(none, '<error/>', { type: 'error' }));
    connection.send(answer(info, query));
    const [report] = await end(connection, result);
    assert.equal(report?.software, 'ejabberd');
    assert.equal(report?.items, undefined);
  });

  it('knows nothing of a host that is silent, and of one that refuses, and says why', async () => {
    const { clock, result, connection, answer } = await begin([host, 'far.example']);
    const error = "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    connection.send(answer(info, error, { to: 'far.example', type: 'error' }));
    // Somebody else, with the right id, is nobody who was asked.
    const features = `<query xmlns='${info}'><feature var='msgoffline'/></query>`;
    await connection.sendChunks([answer(info, features, { from: 'user@example.org' })]);
    clock.advance(10_000);
    assert.deepEqual(await end(connection, result), [
      { host, ...unknown, silence: 'no answer' },
      { host: 'far.example', ...unknown, silence: 'remote-server-not-found' },
    ]);
  });

  it('survives answers without content, answers that are too large, and an end in the midst of one', async () => {
    const { result, connection, answer } = await begin([host, 'b.example', 'c.example']);
    const many = `<feature var='${'x'.repeat(90)}'/>`.repeat(1_000);
    connection.send(answer(info, `<query xmlns='${info}'>${many}</query>`));
    connection.send(answer(info, '<query xmlns="jabber:iq:roster"/>', { to: 'b.example' }));
    await connection.sendChunks([
      answer(info, `<query xmlns='${info}'><feat`, { to: 'c.example' }).replace('</iq>', ''),
    ]);
    connection.reset();
    assert.deepEqual(
      (await result).map(({ silence }) => silence),
      ['an answer that is too large', 'an answer without content', 'no answer'],
    );
  });

  it('ends at rubbish, and at a server that does not let it in', async () => {
    const { result, connection } = await begin();
    connection.send('\u0000\u0001</nothing>&&&');
    connection.halfClose();
    assert.deepEqual(await result, [{ host, ...unknown, silence: 'no answer' }]);
    await harness.server.refuse();
    const refused = survey(settingsFor(harness.server.port), { stanza: 20_000, depth: 16 }, [host], new FakeClock());
    assert.deepEqual(await refused, [{ host, ...unknown, silence: 'no answer' }]);
    assert.deepEqual(await survey(settingsFor(harness.server.port), { stanza: 20_000, depth: 16 }, []), []);
  });
});
