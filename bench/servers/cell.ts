import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { XmppServer } from '../../test/support/servers/xmpp-server.ts';
import { type Child, withChild } from '../child.ts';
import { attribute } from '../mock/frame.ts';
import type { Latency } from '../mock/protocol.ts';
import { cpuSeconds } from '../usage.ts';
import { prepareRouter } from '../variants/router.ts';
import { type Launch, type Site, silent } from '../variants/variant.ts';
import { LoadClient } from './client.ts';
import { type Clients, Load } from './load.ts';
import { type Kind, password, secret, senderUsers, type Way, workerUsers } from './scene.ts';

/** Messages under way at once in the timed phase. */
export const inFlight = 400;

const startSeconds = 30;

/** How long a phase takes, in seconds, and the fixed rate of the latency, in messages a second. */
export interface Pace {
  readonly seconds: number;
  readonly rate: number;
}

/** What one way did in one round on one server. */
export interface ServerCell {
  readonly perSecond: number;
  /** CPU seconds for a million messages; `undefined` where there is none, or no /proc. */
  readonly serverCpu: number | undefined;
  readonly componentCpu: number | undefined;
  readonly latency: Latency | undefined;
  /** Whatever was not as it must be; empty in a good run. */
  readonly problems: readonly string[];
}

/** Measures one way with one kind of messages once, with fresh clients and, save for the direct way, a component of its own. */
export async function measure(way: Way, { write }: Kind, server: XmppServer, pace: Pace): Promise<ServerCell> {
  const login = (user: string): Promise<LoadClient> => LoadClient.login(server.c2sPort, server.domain, user, password);
  const senders = await Promise.all(senderUsers.map(login));
  const workers = await Promise.all(workerUsers.map(login));
  try {
    const clients = { senders, workers };
    if (way.domain !== undefined) return await through(way, way.domain, write, server, clients, pace);
    const load = new Load(clients, (n) => workers[n % workers.length]?.jid ?? '', write);
    return await run(load, server, undefined, pace);
  } finally {
    for (const client of [...senders, ...workers]) client.close();
  }
}

async function through(
  way: Way,
  domain: string,
  write: Kind['write'],
  server: XmppServer,
  clients: Clients,
  pace: Pace,
): Promise<ServerCell> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const service = { domain, secret, pool: `jobs@${domain}`, workers: clients.workers.map(({ jid }) => jid) };
  const site: Site = { port: server.componentPort, service, folder };
  const hosts = { workers: server.domain, senders: server.domain };
  const launch = way.name === 'router' ? await prepareRouter(site, hosts) : naiveLaunch(way, site);
  const measured = withChild(way.title, launch, async (child) => {
    await child.during('getting ready', startSeconds, (stop) => launch.ready(stop));
    await child.during('taking in the workers', startSeconds, (stop) =>
      way.name === 'router' ? joinAll(clients, service.pool) : attached(clients, service.pool, stop),
    );
    const load = new Load(clients, () => service.pool, write);
    const cell = await run(load, server, child, pace);
    return { ...cell, problems: [...cell.problems, ...(await launch.audit(load.sent))] };
  });
  return measured.finally(() => rmSync(folder, { recursive: true, force: true }));
}

function naiveLaunch({ name }: Way, { port, service }: Site): Launch {
  const plain = new URL('../programs/naive.mjs', import.meta.url);
  const annotating = new URL('../programs/annotating.mjs', import.meta.url);
  const program = fileURLToPath(name === 'annotating' ? annotating : plain);
  return silent(process.execPath, [program, String(port), service.domain, service.secret, ...service.workers]);
}

async function run(load: Load, server: XmppServer, child: Child | undefined, pace: Pace): Promise<ServerCell> {
  const warm = await load.window(inFlight, Math.min(1, pace.seconds));
  const used = (pid: number | undefined): number | undefined => (pid === undefined ? undefined : cpuSeconds(pid));
  const before = [used(server.pid), used(child?.pid)];
  const timed = await load.window(inFlight, pace.seconds);
  const after = [used(server.pid), used(child?.pid)];
  const [serverCpu, componentCpu] = after.map((seconds, index) => {
    const began = before[index];
    return seconds === undefined || began === undefined ? undefined : ((seconds - began) / timed.received) * 1e6;
  });
  const steady = await load.rate(pace.rate, pace.seconds);
  return {
    perSecond: timed.received / timed.seconds,
    serverCpu,
    componentCpu,
    latency: steady.latency,
    problems: [warm, timed, steady].flatMap(({ problems }) => problems),
  };
}

/** Every worker sends its presence and waits for the pool's. */
async function joinAll({ workers }: Clients, pool: string): Promise<void> {
  const isPool = ({ name, text }: { name: string; text: string }): boolean =>
    name === 'presence' && attribute(text, 'from') === pool;
  for (const worker of workers) {
    const { text } = await worker.ask(`<presence to='${pool}'/>`, isPool);
    if (attribute(text, 'type') !== undefined) throw new Error(`${worker.jid} may not join: ${text}`);
  }
}

/** A component that tells nothing of itself is there once a message comes through. */
async function attached({ senders, workers }: Clients, pool: string, stop: AbortSignal): Promise<void> {
  const arrival = new Promise<true>((resolve) => {
    for (const worker of workers) worker.take = () => resolve(true);
  });
  for (let tries = 0; !stop.aborted; tries += 1) {
    senders[0]?.send(`<message to='${pool}' type='chat' id='try${tries}'><body>x</body></message>`);
    if (await Promise.race([arrival, sleep(100, false)])) break;
  }
  // Those that are still on their way are none of the load's.
  await sleep(200);
}
