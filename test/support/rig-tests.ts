import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { connectForeign, type ForeignClient, slixmppMissing } from './clients/slixmpp-client.ts';
import { connectClient, type TestClient } from './clients/xmpp-client.ts';
import type { ServerOptions, XmppServer } from './servers/xmpp-server.ts';
import { skip } from './skip.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => {
      resolve(true);
    });
  });
}

/** The same tests of the rig for each server: what every other end-to-end test stands on. */
export function describeRig(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`the test rig on ${name}`, () => {
    const text = 'grüß 🐝🧵 <&> "quoted" 文字';
    let server: XmppServer;
    let alice: TestClient;
    let bob: ForeignClient;

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) {
        skip(this, reason);
      }
      server = await startServer({
        accounts: { alice: 'a "quoted" pass\\word', bob: 'bob-pw', 'carol.x-y': 'carol-pw' },
        components: { 'pools.localhost': 's3cret', 'other.localhost': 'other' },
      });
      const { c2sPort: port } = server;
      [alice, bob] = await Promise.all([
        connectClient({ port, user: 'alice', password: 'a "quoted" pass\\word', resource: 'desk' }),
        connectForeign({ port, user: 'bob', password: 'bob-pw', resource: 'lab', receipts: true, reply: 'echo: ' }),
      ]);
    });

    after(async () => {
      await server?.remove();
    });

    it('passes a message from @xmpp/client to slixmpp, and the reply and receipt back', async () => {
      const body = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      await alice.send(
        `<message to='${bob.jid}' type='chat' id='m1'><body>${body}</body><request xmlns='urn:xmpp:receipts'/></message>`,
      );
      const got = await bob.waitFor(({ name: kind }) => kind === 'message', 'the message');
      assert.deepEqual([got.from, got.id, got.type, got.body], [alice.jid, 'm1', 'chat', text]);
      const reply = await alice.waitFor((stanza) => stanza.getChild('body') !== undefined, 'the reply');
      assert.equal(reply.getChildText('body'), `echo: ${text}`);
      assert.equal(reply.attrs['from'], bob.jid);
      const receipt = await alice.waitFor(
        (s) => s.getChild('received', 'urn:xmpp:receipts') !== undefined,
        'the receipt',
      );
      assert.equal(receipt.getChild('received')?.attrs['id'], 'm1');
    });

    it('passes directed presence with show, priority and extra elements', async () => {
      // jabberd2 gives presence to a session only once it has sent its own.
      await alice.send('<presence/>');
      bob.presence({ to: alice.jid, show: 'away', priority: -3, extra: `<x xmlns='urn:example:1' a='b'/>` });
      const presence = await alice.waitFor(
        ({ name, attrs }) => name === 'presence' && attrs['from'] === bob.jid,
        'the presence',
      );
      assert.equal(presence.getChildText('show'), 'away');
      assert.equal(presence.getChildText('priority'), '-3');
      assert.equal(presence.getChild('x', 'urn:example:1')?.attrs['a'], 'b');
    });

    it('gets its pings answered both ways', async () => {
      assert.equal(await bob.ping(alice.jid), undefined);
      assert.notEqual(await bob.ping('nobody@localhost/nowhere'), undefined);
    });

    it('reports that a login was refused', async () => {
      const { c2sPort: port } = server;
      await assert.rejects(connectForeign({ port, user: 'bob', password: 'wrong', resource: 'x' }), /not-authorized/);
    });

    it('takes a new account while it runs', async () => {
      await server.register('dave', 'dave-pw');
      const dave = await connectClient({ port: server.c2sPort, user: 'dave', password: 'dave-pw', resource: 'r' });
      assert.equal(dave.jid, 'dave@localhost/r');
      await dave.end();
    });

    it('reports to a wait that the client was killed', async () => {
      const { c2sPort: port } = server;
      const carol = await connectClient({ port, user: 'carol.x-y', password: 'carol-pw', resource: 'r' });
      const wait = carol.waitFor(() => true);
      carol.kill();
      await assert.rejects(wait, /disconnected/);
    });

    it('comes back after an orderly restart and after SIGKILL, with its accounts', async () => {
      for (const again of [() => server.restart(), () => server.kill9().then(() => server.start())]) {
        await again();
        const { c2sPort: port } = server;
        const client = await connectClient({ port, user: 'bob', password: 'bob-pw', resource: 'again' });
        await client.end();
      }
    });

    it('leaves nothing behind', async () => {
      const { pid, folder, c2sPort, componentPort } = server;
      assert.ok(pid !== undefined);
      await bob.end().catch(() => undefined);
      await server.remove();
      assert.equal(isAlive(pid), false);
      assert.equal(existsSync(folder), false);
      assert.deepEqual(await Promise.all([refuses(c2sPort), refuses(componentPort)]), [true, true]);
    });
  });
}
