import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectForeign, type ForeignClient, slixmppMissing } from '../clients/slixmpp-client.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const cmr = 'urn:xmpp:cmr:0';

/** Body texts that have broken routers. */
const bodies = [
  'plain',
  'grüß 🐝🧵 文字',
  '&lt;not&gt; &amp; &quot;markup&quot;',
  '<![CDATA[<raw> & ]] >]]>',
  'x'.repeat(200 * 1024),
];

/** The main job, the same on every server: a message to a pool reaches the right worker, and its reply the sender. */
export function describeMainJob(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  /** Whether workers must be available to their server before it gives them the pool's presence. */
  availableFirst = false,
  /** Whether it may still hold for a while what its clients have sent, because several processes have a part in it. */
  handsOnLate = false,
): void {
  describe(`the main job on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let sender: TestClient;
    let one: ForeignClient;
    let two: TestClient;

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', worker: 'pw', stranger: 'pw' },
        components: { [domain]: 's3cret' },
        clientStanzaLimit: 1_000_000,
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: { name: 'Jobs', workers: ['worker@localhost'], senders: ['sensor@localhost'] },
        },
      });
      await router.start();
      const port = server.c2sPort;
      [sender, one, two] = await Promise.all([
        connectClient({ port, user: 'sensor', password: 'pw', resource: 'r' }),
        connectForeign({ port, user: 'worker', password: 'pw', resource: 'one', receipts: true, reply: 'done: ' }),
        connectClient({ port, user: 'worker', password: 'pw', resource: 'two' }),
      ]);
      if (availableFirst) {
        one.presence({ priority: -1 });
        await two.send('<presence><priority>-1</priority></presence>');
      }
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    it('lets two workers of different libraries join by presence', async () => {
      one.presence({ to: jobs, priority: 1 });
      await one.waitFor((s) => s.name === 'presence' && s.from === jobs, 'the pool’s presence');
      await two.send(`<presence to='${jobs}'><priority>1</priority></presence>`);
      await two.waitFor((s) => s.name === 'presence' && s.attrs['from'] === jobs, 'the pool’s presence');
    });

    it('gives messages to them in turn, whole, and brings the reply back', async () => {
      for (const [n, body] of bodies.entries()) {
        const id = `m${n}`;
        await sender.send(
          `<message to='${jobs}' type='chat' id='${id}-a' xml:lang='de'><body>${body}</body><odd xmlns='urn:odd' a="'"/></message>`,
        );
        const atOne = await one.waitFor((s) => s.name === 'message' && s.body !== null, 'work');
        equal(atOne.id, `${id}-a`);
        equal(atOne.from, `${jobs}/${sender.jid}`);
        const reply = await sender.waitFor((s) => s.getChild('body') !== undefined, 'the reply');
        equal(reply.attrs['from'], `${jobs}/~one`);
        equal(reply.getChildText('body'), `done: ${atOne.body}`);
        await sender.send(
          `<message to='${jobs}' type='chat' id='${id}-b'><body>${body}</body><odd xmlns='urn:odd' a="'"/></message>`,
        );
        const atTwo = await two.waitFor((s) => s.attrs['id'] === `${id}-b`, 'work');
        equal(atTwo.getChildText('body'), atOne.body);
        equal(atTwo.getChild('odd', 'urn:odd')?.attrs['a'], "'");
        equal(atTwo.attrs['from'], `${jobs}/${sender.jid}`);
        equal(atTwo.getChild('addresses', 'http://jabber.org/protocol/address'), undefined);
      }
    });

    it('answers XEP-0354 queries and changes the algorithm for good', async () => {
      const ask = `<iq type='get' to='${jobs}' id='q1'><query xmlns='${cmr}'/></iq>`;
      await sender.send(ask);
      const before = await sender.waitFor((s) => s.attrs['id'] === 'q1', 'the algorithms');
      equal(before.getChild('query', cmr)?.getChild('active')?.attrs['algorithm'], 'urn:xmpp:cmr:roundrobin');
      equal(before.getChild('query', cmr)?.getChildren('available').length, 6);
      await two.send(
        `<iq type='set' to='${jobs}' id='s1'><cmr xmlns='${cmr}' algorithm='urn:xmpp:cmr:mostactive'/></iq>`,
      );
      equal((await two.waitFor((s) => s.attrs['id'] === 's1', 'the result')).attrs['type'], 'result');
      await router.stored();
      await router.kill9();
      await router.start();
      await sender.send(ask.replace('q1', 'q2'));
      const after = await sender.waitFor((s) => s.attrs['id'] === 'q2', 'the algorithms');
      equal(after.getChild('query', cmr)?.getChild('active')?.attrs['algorithm'], 'urn:xmpp:cmr:mostactive');
    });

    it('remembers its workers across kill -9: the very next message finds one', async () => {
      await router.stored();
      await router.kill9();
      await router.start();
      await sender.send(`<message to='${jobs}' type='chat' id='after'><body>after</body></message>`);
      const reply = sender.waitFor((s) => s.getChildText('body') === 'done: after', 'the reply of one');
      const atTwo = two.waitFor((s) => s.attrs['id'] === 'after', 'the message at two');
      await Promise.any([reply, atTwo]);
      reply.catch(() => undefined);
      atTwo.catch(() => undefined);
    });

    it('stops using a worker that is killed, and gives its work to the other', async () => {
      await one.kill();
      await waitUntil(async () => (await router.metric('switchyard_pool_members')) === 1);
      for (let n = 0; n < 5; n += 1) {
        await sender.send(`<message to='${jobs}' type='chat' id='k${n}'><body>x</body></message>`);
        await two.waitFor((s) => s.attrs['id'] === `k${n}`, 'work');
      }
    });

    it('refuses a stranger and relays nothing for him', async () => {
      const stranger = await connectClient({ port: server.c2sPort, user: 'stranger', password: 'pw', resource: 'x' });
      for (const to of [jobs, `nothing@${domain}`, `${jobs}/${sender.jid}`, `${jobs}/~two`, domain]) {
        await stranger.send(`<message to='${to}' type='chat' id='${to}'><body>x</body></message>`);
        const error = await stranger.waitFor((s) => s.attrs['id'] === to, `the error from ${to}`);
        equal(error.attrs['type'], 'error');
        ok(error.getChild('error')?.getChild('service-unavailable') !== undefined, String(error));
      }
      await stranger.end();
    });

    it('answers each request once, and ends every stanza in one outcome', async () => {
      for (const [to, payload, type] of [
        [domain, "<query xmlns='http://jabber.org/protocol/disco#info'/>", 'result'],
        [domain, "<query xmlns='http://jabber.org/protocol/disco#items'/>", 'result'],
        [jobs, "<ping xmlns='urn:xmpp:ping'/>", 'result'],
        [domain, "<query xmlns='jabber:iq:version'/>", 'result'],
        [jobs, "<vCard xmlns='vcard-temp'/>", 'error'],
        [`nothing@${domain}`, "<ping xmlns='urn:xmpp:ping'/>", 'error'],
      ] as const) {
        await sender.send(`<iq type='get' to='${to}' id='iq'>${payload}</iq>`);
        equal((await sender.waitFor((s) => s.attrs['id'] === 'iq', payload)).attrs['type'], type);
      }
      equal(await router.balance(), 0);
    });

    it('says that nobody works here, once nobody does', async () => {
      await two.send(`<presence to='${jobs}' type='unavailable'/>`);
      await waitUntil(async () => (await router.metric('switchyard_pool_members')) === 0);
      await sender.send(`<message to='${jobs}' type='chat' id='none'><body>x</body></message>`);
      const error = await sender.waitFor((s) => s.attrs['id'] === 'none', 'the error');
      ok(error.getChild('error')?.getChild('recipient-unavailable') !== undefined, String(error));
    });

    it('on SIGTERM answers whoever wrote before it closes, and ends cleanly', async () => {
      await two.send(`<presence to='${jobs}'/>`);
      await waitUntil(async () => (await router.metric('switchyard_pool_members')) === 1);
      const sent = Array.from({ length: 200 }, (_, n) => `last-${n}`);
      await sender.send(
        sent.map((id) => `<message to='${jobs}' type='chat' id='${id}'><body>x</body></message>`).join(''),
      );
      // What the server still holds is not with the router yet, and may be on the wire as that is closed.
      if (handsOnLate) {
        await sender.send(`<iq type='get' to='${jobs}' id='fence'><ping xmlns='urn:xmpp:ping'/></iq>`);
        await sender.waitFor((s) => s.attrs['id'] === 'fence', 'the answer to a ping');
      }
      equal(await router.stop(), 0);
      const heard = (): number =>
        new Set(
          [...sender.received, ...two.received]
            .map((s) => String(s.attrs['id']))
            .filter((id) => id.startsWith('last-')),
        ).size;
      await waitUntil(() => Promise.resolve(heard() === sent.length));
    });
  });
}

/** Waits for what a server tells us in its own time. */
async function waitUntil(holds: () => Promise<boolean>, limit = 30_000): Promise<void> {
  const deadline = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await sleep(20);
  }
}
