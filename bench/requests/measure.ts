import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { XmppServer } from '../../test/support/servers/xmpp-server.ts';
import { type Child, withChild } from '../child.ts';
import { attribute } from '../mock/frame.ts';
import { LoadClient } from '../servers/client.ts';
import { password, secret, senderUsers, workerUsers } from '../servers/scene.ts';
import { cpuSeconds } from '../usage.ts';
import { prepareRouter } from '../variants/router.ts';
import { namespace, RequestLoad } from './load.ts';

/** Requests open at once. */
export const inFlight = 400;
const startSeconds = 30;

export type WayName = 'direct' | 'redirect' | 'proxy';

/** One way of requests from clients to workers, and of the answers back. */
export interface Way {
  readonly name: WayName;
  /** For the tables. */
  readonly title: string;
}

/** In the order of every round. */
export const ways: readonly Way[] = [
  { name: 'direct', title: 'client to client' },
  { name: 'redirect', title: 'Switchyard, iq: redirect' },
  { name: 'proxy', title: 'Switchyard, iq: proxy' },
];

/** The domain of the component of a way; each has its own, so that no old connection is in the way. */
export function domainOf(name: WayName): string {
  return `${name}.localhost`;
}

/** What one way did in one round on one server. */
export interface RequestCell {
  readonly perSecond: number;
  /** CPU seconds for a million requests; `undefined` where there is none, or no /proc. */
  readonly serverCpu: number | undefined;
  readonly componentCpu: number | undefined;
  /** Whatever was not as it must be; empty in a good run. */
  readonly problems: readonly string[];
}

/** Measures one way once, with fresh clients and, save for the direct way, a router of its own. */
export async function measure(name: WayName, server: XmppServer, seconds: number): Promise<RequestCell> {
  const login = (user: string): Promise<LoadClient> => LoadClient.login(server.c2sPort, server.domain, user, password);
  const askers = await Promise.all(senderUsers.map(login));
  const workers = await Promise.all(workerUsers.map(login));
  try {
    if (name !== 'direct') return await throughPool(name, server, askers, workers, seconds);
    const load = new RequestLoad(askers, workers, (n) => workers[n % workers.length]?.jid ?? '');
    return await run(load, server, undefined, seconds);
  } finally {
    for (const client of [...askers, ...workers]) client.close();
  }
}

async function throughPool(
  iq: 'redirect' | 'proxy',
  server: XmppServer,
  askers: readonly LoadClient[],
  workers: readonly LoadClient[],
  seconds: number,
): Promise<RequestCell> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const pool = `jobs@${domainOf(iq)}`;
  const service = { domain: domainOf(iq), secret, pool, workers: workers.map(({ jid }) => jid) };
  const hosts = { workers: server.domain, senders: server.domain };
  const launch = await prepareRouter({ port: server.componentPort, service, folder }, hosts, {
    iq,
    iqNamespaces: [namespace],
  });
  const measured = withChild(`Switchyard, iq: ${iq}`, launch, async (child) => {
    await child.during('getting ready', startSeconds, (stop) => launch.ready(stop));
    const isPool = ({ name, text }: { name: string; text: string }): boolean =>
      name === 'presence' && attribute(text, 'from') === pool;
    await child.during('taking in the workers', startSeconds, async () => {
      for (const worker of workers) await worker.ask(`<presence to='${pool}'/>`, isPool);
    });
    return run(new RequestLoad(askers, workers, () => pool), server, child, seconds);
  });
  return measured.finally(() => rmSync(folder, { recursive: true, force: true }));
}

async function run(
  load: RequestLoad,
  server: XmppServer,
  child: Child | undefined,
  seconds: number,
): Promise<RequestCell> {
  const warm = await load.window(inFlight, Math.min(1, seconds));
  const used = (pid: number | undefined): number | undefined => (pid === undefined ? undefined : cpuSeconds(pid));
  const before = [used(server.pid), used(child?.pid)];
  const timed = await load.window(inFlight, seconds);
  const [serverCpu, componentCpu] = [used(server.pid), used(child?.pid)].map((after, index) => {
    const began = before[index];
    return after === undefined || began === undefined ? undefined : ((after - began) / timed.answered) * 1e6;
  });
  const problems = [...warm.problems, ...timed.problems];
  return { perSecond: timed.answered / timed.seconds, serverCpu, componentCpu, problems };
}
