import { setTimeout as sleep } from 'node:timers/promises';
import { connectClient } from '../../test/support/clients/xmpp-client.ts';
import { jobs, pairDomain, prepareInstance, untilReasons } from '../../test/support/pair.ts';
import { startPostgres } from '../../test/support/servers/postgres.ts';
import type { ServerOptions, XmppServer } from '../../test/support/servers/xmpp-server.ts';

/** Milliseconds between two messages. */
const every = 5;
/** Milliseconds between two beats of an instance. */
const beat = 1_000;
/** Milliseconds that a takeover may take at most. */
const limit = 60_000;

/**
 * Milliseconds from each of `runs` kills of the active instance to the first message that the other routed.
 * @param told Called after each.
 */
export async function takeovers(
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  runs: number,
  told: (milliseconds: number) => void,
): Promise<readonly number[]> {
  const accounts = { sensor: 'pw', worker: 'pw' };
  const server = await startServer({ accounts, components: { [pairDomain]: 's3cret' }, kickOld: true });
  const cluster = await startPostgres();
  const more = { built: true, lease: '5s' };
  let [active, other] = [
    prepareInstance('alpha', server, cluster, more),
    prepareInstance('beta', server, cluster, more),
  ];
  try {
    await active.start();
    await other.start('listening');
    await untilReasons(other, 'standby');
    const traffic = await startTraffic(server.c2sPort);
    const times: number[] = [];
    while (times.length < runs) {
      await sleep(2 * beat + Math.random() * beat);
      const killed = performance.now();
      const first = traffic.next();
      await active.kill9();
      times.push((await first) - killed);
      told(times.at(-1) ?? Number.NaN);
      [active, other] = [other, active];
      await other.start('listening');
      await untilReasons(active);
      await untilReasons(other, 'standby');
    }
    await traffic.end();
    return times;
  } finally {
    await Promise.all([active.remove(), other.remove()]);
    await cluster.remove();
    await server.remove();
  }
}

interface Traffic {
  /** When the first message was with the worker that is sent from now on. */
  next(): Promise<number>;
  end(): Promise<void>;
}

async function startTraffic(port: number): Promise<Traffic> {
  const [sender, worker] = await Promise.all([
    connectClient({ port, user: 'sensor', password: 'pw', resource: 'r' }),
    connectClient({ port, user: 'worker', password: 'pw', resource: 'r' }),
  ]);
  await worker.send(`<presence to='${jobs}'/>`);
  await worker.waitFor((s) => s.name === 'presence' && s.attrs['from'] === jobs, 'the pool’s presence');
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    void sender.send(`<message to='${jobs}' type='chat' id='${sent}'><body>${sent}</body></message>`);
  }, every);
  // Bounces while nobody is attached are of no interest; what is kept of both would only grow.
  const sweeping = setInterval(() => {
    void sender.waitFor(() => true, 'anything', 1).catch(() => undefined);
  }, every);
  return {
    async next() {
      const after = sent;
      await worker.waitFor((s) => s.name === 'message' && Number(s.attrs['id']) > after, 'a message', limit);
      return performance.now();
    },
    async end() {
      clearInterval(timer);
      clearInterval(sweeping);
      await Promise.all([sender.end(), worker.end()]);
    },
  };
}
