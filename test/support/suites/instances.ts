import { equal, match, notEqual, ok } from 'node:assert/strict';
import { capsVersion } from '../../../src/xmpp/protocols/caps.ts';
import { connectForeign, type ForeignClient, slixmppMissing } from '../clients/slixmpp-client.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const ingest = `ingest@${domain}`;
const dix = 'urn:x-switchyard:dix:0';
const disco = 'http://jabber.org/protocol/disco#info';

/** Clients that know a service's bare JID only: they find an instance, and hear when it goes (DIX). */
export function describeInstances(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`instances of a service on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let client: TestClient;
    const plain = new Map<string, ForeignClient>();
    /** The label of the instance in use. */
    let used = '';

    const login = (user: string, resource: string): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource });

    const find = async (from: TestClient, id: string): Promise<string> => {
      await from.send(
        `<message to='${ingest}' id='${id}'><ping xmlns='${dix}'/><no-store xmlns='urn:xmpp:hints'/></message>`,
      );
      const pong = await from.waitFor((s) => s.name === 'message' && s.attrs['id'] === id, `the pong ${id}`);
      ok(pong.getChild('pong', dix) !== undefined, String(pong));
      return pong.attrs['from'] ?? '';
    };

    const hears = (who: TestClient, from: string, type: string | undefined) =>
      who.waitFor(
        (s) => s.name === 'presence' && s.attrs['from'] === from && s.attrs['type'] === type,
        `${from}, ${type ?? 'available'}`,
      );

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: { ingest: { workers: ['worker@localhost'], senders: ['sensor@localhost'] } },
      });
      await router.start();
      client = await login('sensor', 'r');
      await client.send('<presence/>');
      for (const resource of ['n1', 'n2']) {
        const worker = await connectForeign({ port: server.c2sPort, user: 'worker', password: 'pw', resource });
        plain.set(`${ingest}/~${resource}`, worker);
        worker.presence();
        worker.presence({ to: ingest, priority: 95 });
        await worker.waitFor((s) => s.name === 'presence' && s.from === ingest, 'the answer of the pool');
      }
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('are found by a message to the bare JID, and show their presence first', async () => {
      used = await find(client, 'p1');
      const shown = client.received.find((s) => s.name === 'presence' && s.attrs['from'] === used);
      equal(shown?.getChildText('priority'), '95');
      match(used, /~n[12]$/);
    });

    it('are told of the client that shows itself, by the address that stands for it', async () => {
      await client.send(`<presence to='${used}'/>`);
      const worker = plain.get(used);
      await worker?.waitFor((s) => s.name === 'presence' && s.from === `${ingest}/${client.jid}`, 'the client');
    });

    it('tell what they can do at their own address', async () => {
      await client.send(`<iq type='get' id='d' to='${used}'><query xmlns='${disco}'/></iq>`);
      const answer = await client.waitFor((s) => s.attrs['id'] === 'd', 'disco#info');
      equal(answer.attrs['type'], 'result');
    });

    it('show a new priority while they are used', async () => {
      plain.get(used)?.presence({ to: ingest, priority: 5 });
      const shown = await client.waitFor(
        (s) => s.name === 'presence' && s.attrs['from'] === used && s.getChildText('priority') === '5',
        'the new priority',
      );
      equal(shown.attrs['type'], undefined);
    });

    it('are missed when they die: the client hears of it and finds the next', async () => {
      const dead = used;
      const killed = performance.now();
      await plain.get(dead)?.kill();
      await hears(client, dead, 'unavailable');
      used = await find(client, 'p2');
      process.stdout.write(`      from kill to the next answer: ${(performance.now() - killed).toFixed(0)} ms\n`);
      notEqual(used, dead);
      await client.send(`<message to='${dead}' type='chat' id='m1'><body>to the dead</body></message>`);
      await plain.get(used)?.waitFor((s) => s.name === 'message' && s.id === 'm1', 'what was for the dead');
    });

    it('are told when the client is gone', async () => {
      await client.send(`<presence to='${used}'/>`);
      const worker = plain.get(used);
      const stands = `${ingest}/${client.jid}`;
      await worker?.waitFor(
        (s) => s.name === 'presence' && s.from === stands && s.type !== 'unavailable',
        'the client',
      );
      client.kill();
      await worker?.waitFor((s) => s.name === 'presence' && s.from === stands && s.type === 'unavailable', 'its end');
    });

    it('may answer for themselves', async () => {
      const aware = await login('worker', 'aware');
      const version = capsVersion({ identities: [], features: [disco, dix], forms: [] });
      const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='${version}'/>`;
      await aware.send(`<presence to='${ingest}'>${caps}</presence>`);
      const asked = await aware.waitFor((s) => s.getChild('query', disco) !== undefined, 'what it can do');
      await aware.send(
        `<iq type='result' to='${asked.attrs['from']}' id='${asked.attrs['id']}'><query xmlns='${disco}' node='urn:test#${version}'>` +
          `<feature var='${disco}'/><feature var='${dix}'/></query></iq>`,
      );
      for (const worker of plain.values()) worker.presence({ to: ingest, type: 'unavailable' });
      const other = await login('sensor', 'other');
      await other.send('<presence/>');
      // The router takes in what the worker can do before it gives it the next message.
      const seen = aware.waitFor((s) => s.getChild('ping', dix) !== undefined, 'the ping');
      await other.send(`<message to='${ingest}' id='p3'><ping xmlns='${dix}'/></message>`);
      const ping = await seen;
      await aware.send(`<message to='${ping.attrs['from']}' id='p3'><pong xmlns='${dix}'/></message>`);
      const pong = await other.waitFor((s) => s.getChild('pong', dix) !== undefined, 'the pong');
      equal(pong.attrs['from'], `${ingest}/~aware`);
      ok(other.received.some((s) => s.name === 'presence' && s.attrs['from'] === pong.attrs['from']));
      await aware.end();
      await hears(other, `${ingest}/~aware`, 'unavailable');
      await other.end();
    });

    it('leaves every stanza accounted for', async () => {
      equal(await router.metric('switchyard_stanza_balance'), 0);
    });
  });
}
