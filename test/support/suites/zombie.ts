import { match } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const secret = 's3cret';

/**
 * Another connection of our domain that is attached and never reads again: what a router leaves
 * behind whose machine froze. `how`: what the server does with a second one.
 */
export function describeZombie(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  how: 'shares the domain' | 'refuses the second',
): void {
  describe(`a frozen connection of our domain on ${name}, which ${how}`, function () {
    // Rounds of a self-test that goes on failing are ever further apart.
    this.timeout(90_000);
    let server: XmppServer;
    let router: RouterProcess;
    let zombie: Socket;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({ components: { [domain]: secret } });
      zombie = await attachAndFreeze(server.componentPort);
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret,
        pools: { jobs: { workers: ['worker@localhost'] } },
        config: {
          component: {
            service: `xmpp://127.0.0.1:${server.componentPort}`,
            domain,
            secret,
            reconnect: { min: '50ms', max: '200ms' },
            // Short only where the pings shall not come back.
            ...(how === 'shares the domain' ? { pingTimeout: '1s', keepalive: '1s' } : {}),
          },
        },
      });
      await router.start('listening');
    });

    after(async () => {
      zombie?.destroy();
      await router?.remove();
      await server?.remove();
    });

    it('keeps the router from being ready, and is named in the log', async () => {
      const code = how === 'shares the domain' ? 'link-suspect' : 'link-down';
      const reason = await reasonOf(router, code);
      const words =
        how === 'shares the domain'
          ? /another or dead connection.*\d+ of 20 pings came back/
          : /conflict|holds|already/i;
      match(reason, words);
      // The log comes through a pipe of its own, perhaps after the answer.
      await until(() =>
        Promise.resolve(router.log.some(({ level, msg }) => level === 'error' && words.test(String(msg)))),
      );
    });

    if (how === 'shares the domain') {
      it('shows as a metric', async () => {
        await until(async () => (await router.metric('switchyard_link_suspect')) === 1);
      });
    }

    it('is no matter any more once it has gone', async () => {
      zombie.destroy();
      await until(async () => (await router.get('/readyz')).status === 200);
    });

    if (how === 'shares the domain') {
      it('is noticed also when it comes while the router works', async () => {
        zombie = await attachAndFreeze(server.componentPort);
        await reasonOf(router, 'link-suspect');
        zombie.destroy();
        await until(async () => (await router.get('/readyz')).status === 200);
      });
    }
  });
}

/** Makes the handshake of XEP-0114, and then does nothing. */
async function attachAndFreeze(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('utf8');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.write(
    `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
  );
  await until(() => Promise.resolve(/<stream:stream[^>]*>/.test(text)));
  const id = /<stream:stream[^>]* id=["']([^"']+)/.exec(text)?.[1] ?? '';
  socket.write(
    `<handshake>${createHash('sha1')
      .update(id + secret)
      .digest('hex')}</handshake>`,
  );
  await until(() => Promise.resolve(text.includes('<handshake')));
  socket.pause();
  return socket;
}

async function reasonOf(router: RouterProcess, code: string): Promise<string> {
  let found = '';
  await until(async () => {
    const body: unknown = JSON.parse((await router.get('/readyz')).body);
    const reasons = typeof body === 'object' && body !== null && 'reasons' in body ? body.reasons : [];
    for (const reason of Array.isArray(reasons) ? reasons : []) {
      if (reason.code === code) found = String(reason.text);
    }
    return found !== '' && (code !== 'link-down' || /conflict|holds|already/i.test(found));
  });
  return found;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come true');
    await sleep(20);
  }
}
