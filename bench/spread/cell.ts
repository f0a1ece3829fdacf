import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import { program, serviceFlags } from '../program.ts';
import { cpuSeconds } from '../usage.ts';
import type { HubReply, HubRequest, Phase } from './protocol.ts';

const hubFile = fileURLToPath(new URL('hub.ts', import.meta.url));
const front = 'front.example';
/** Messages under way at once. */
export const inFlight = 1_000;
/** Messages a second at which latencies are taken: what a single core can do in all scenes. */
export const latencyRate = 1_000;
/**
 * Messages that each router with workers has had before anything is timed. A router is a program that is compiled while it
 * runs: of its first thousands each message costs several times as much, and of four routers each gets a quarter.
 */
export const warmMessages = 15_000;
/** Bound of that, in seconds. */
const warmSeconds = 30;

/** One pool with workers of its own, or a front over so many pools. */
export interface Scene {
  readonly title: string;
  /** 0 for a pool without a hop. */
  readonly behind: number;
  readonly durable: boolean;
}

/** What one scene did in one round. */
export interface Cell {
  readonly perSecond: number;
  /** CPU microseconds a message: of the front, or of the only router; and of all behind it together. */
  readonly frontCpu: number;
  readonly behindCpu: number;
  readonly hubCpu: number;
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
}

/** Where processes run: each on a core of its own where there are enough. */
export function pinning(routers: number): {
  readonly hub: string;
  readonly router: (at: number) => string;
  readonly apart: boolean;
} {
  const cores = cpus().length;
  const apart = cores >= routers + 1;
  return { hub: '0', router: (at) => String(apart ? 1 + at : Math.min(1, cores - 1)), apart };
}

/** Measures a scene once, with processes of its own. */
export async function measure(scene: Scene, seconds: number): Promise<Cell> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-spread-'));
  const domains = Array.from({ length: scene.behind }, (_, at) => `p${at + 1}.example`);
  const pins = pinning(1 + domains.length);
  const hub = new Hub(pins.hub);
  const routers: Child[] = [];
  const kill = (): void => {
    for (const router of routers) router.kill();
    hub.kill();
  };
  process.once('exit', kill);
  try {
    const joins = domains.length === 0 ? [front] : domains;
    const listening = await hub.ask({ ask: 'listen', front, joins, others: [] });
    if (listening.tell !== 'ports') throw new Error('the hub does not listen');
    const all = [front, ...domains];
    for (const [at, domain] of all.entries()) {
      const file = configure(folder, domain, listening.ports[domain] ?? 0, poolOf(scene, domain, domains));
      const pinned = ['-c', pins.router(at), process.execPath, ...serviceFlags, program, 'run', '--config', file];
      routers.push(new Child(domain, 'taskset', pinned));
    }
    await hub.ask({ ask: 'join' });
    await warmUp(hub, warmMessages * Math.max(1, scene.behind));
    const before = routers.map(({ pid }) => cpuSeconds(pid) ?? Number.NaN);
    const timed = await hub.phase({ ask: 'window', inFlight, seconds });
    const [frontUsed = 0, ...used] = routers.map(({ pid }, at) => (cpuSeconds(pid) ?? Number.NaN) - (before[at] ?? 0));
    const steady = await hub.phase({ ask: 'rate', perSecond: latencyRate, seconds });
    const each = (cpu: number): number => (cpu * 1e6) / timed.received;
    return {
      perSecond: timed.received / timed.seconds,
      frontCpu: each(frontUsed),
      behindCpu: each(used.reduce((sum, one) => sum + one, 0)),
      hubCpu: each(timed.cpu),
      p50: steady.latency?.p50 ?? Number.NaN,
      p99: steady.latency?.p99 ?? Number.NaN,
      lost: timed.sent - timed.received + steady.sent - steady.received,
    };
  } finally {
    await Promise.all(routers.map((router) => router.stop()));
    hub.kill();
    process.off('exit', kill);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function warmUp(hub: Hub, messages: number): Promise<void> {
  const deadline = performance.now() + warmSeconds * 1_000;
  for (let had = 0; had < messages && performance.now() < deadline; ) {
    had += (await hub.phase({ ask: 'window', inFlight, seconds: 1 })).received;
  }
}

function poolOf({ durable }: Scene, domain: string, domains: readonly string[]): object {
  const spreads = domain === front && domains.length > 0;
  const delivery = durable
    ? { guarantee: 'at-least-once', ack: spreads ? 'auto' : 'receipt', capacity: 1_000, queue: { perSender: '100%' } }
    : {};
  const members = domains.map((each) => ({ jid: `jobs@${each}`, capacity: 10_000 }));
  return { workers: spreads ? [] : ['*@h.example'], ...(spreads ? { members } : {}), delivery };
}

function configure(folder: string, domain: string, port: number, pool: object): string {
  mkdirSync(join(folder, domain));
  const file = join(folder, domain, 'config.json');
  const settings = {
    component: { service: `xmpp://127.0.0.1:${port}`, domain, secret: 'bench-secret' },
    store: { driver: 'sqlite', file: 'switchyard.db' },
    log: { level: 'warn', format: 'json' },
    pools: { jobs: pool },
  };
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  return file;
}

/** The hub's process, as the bench sees it. */
class Hub {
  readonly #process: ChildProcess;

  constructor(core: string) {
    this.#process = fork(hubFile, { execArgv: ['--import=tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    if (this.#process.pid !== undefined)
      execFileSync('taskset', ['-a', '-p', '-c', core, String(this.#process.pid)], { stdio: 'ignore' });
  }

  ask(request: HubRequest): Promise<HubReply> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the hub ended'));
      this.#process.once('exit', ended);
      this.#process.once('message', (reply: HubReply) => {
        this.#process.off('exit', ended);
        if (reply.tell === 'failed') reject(new Error(reply.text));
        else resolve(reply);
      });
      this.#process.send(request);
    });
  }

  async phase(request: HubRequest): Promise<Phase> {
    const reply = await this.ask(request);
    if (reply.tell !== 'phase') throw new Error('the hub did something else');
    return reply.result;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
