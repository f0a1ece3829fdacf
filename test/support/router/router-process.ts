import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { built, program, programEnvironment } from './program.ts';

const startLimit = 45_000;
/** What commands over HTTP need, where a test writes it into its configuration. */
export const testToken = 'a-token-for-the-tests';

/** One log line of the router. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface RouterOptions {
  readonly componentPort: number;
  readonly domain: string;
  readonly secret: string;
  readonly pools: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Further sections of the configuration, which win. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Runs dist, as installed, in any case; by default what `program` says. */
  readonly built?: boolean;
  /** Runs this instead: arguments of Node, the last of them a `main`. */
  readonly program?: readonly string[];
  /** Added to the environment at each start; may change between two. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A real router in a process of its own, as an operator runs it, with its own folder. */
export interface RouterProcess {
  readonly folder: string;
  readonly log: readonly LogLine[];
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  /** Starts it and waits until `/readyz` says ready, or `until` is met. */
  start(until?: 'ready' | 'listening'): Promise<void>;
  /**
   * Writes the configuration anew, with these sections or as this text, sends SIGHUP, and returns
   * the log lines about the reload once it is over.
   */
  reload(changes: Readonly<Record<string, unknown>> | string): Promise<readonly LogLine[]>;
  /** SIGTERM; settles with the exit code. */
  stop(): Promise<number | null>;
  /** Waits until the store has written all that it was given: only that survives `kill9`. */
  stored(): Promise<void>;
  /** SIGKILL, as a crash would. */
  kill9(): Promise<void>;
  /** Settles when it is not running any more, for whatever reason, with the signal that ended it. */
  ended(): Promise<NodeJS.Signals | null>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  /** Gives an operator's command, by the token of the configuration. */
  command(name: string, given?: object): Promise<{ readonly status: number; readonly body: string }>;
  /** Sum of all samples of a metric whose labels hold these values. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Stanzas received, less stanzas ended: must be 0. */
  balance(): Promise<number>;
}

/** Writes a configuration for a router on loopback; nothing runs before `start`. */
export function prepareRouter(options: RouterOptions): RouterProcess {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-router-'));
  const file = join(folder, 'component.config.json');
  const { componentPort, domain, secret, pools, config } = options;
  const settings = {
    component: {
      service: `xmpp://127.0.0.1:${componentPort}`,
      domain,
      secret,
      reconnect: { min: '50ms', max: '500ms' },
    },
    store: { driver: 'sqlite', file: 'switchyard.db' },
    http: { listen: '127.0.0.1:0' },
    log: { level: 'debug', format: 'json' },
    pools,
    ...config,
  };
  writeFileSync(file, JSON.stringify(settings, undefined, 2), { mode: 0o600 });
  const runs = options.program ?? (options.built === true ? built : program);
  return new RouterHandle(folder, file, settings, runs, options.environment ?? {});
}

class RouterHandle implements RouterProcess {
  readonly folder: string;
  readonly log: LogLine[] = [];
  readonly #file: string;
  readonly #settings: Readonly<Record<string, unknown>>;
  readonly #program: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #http: string | undefined;
  readonly #cleanUp = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(
    folder: string,
    file: string,
    settings: Readonly<Record<string, unknown>>,
    program: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    this.folder = folder;
    this.#file = file;
    this.#settings = settings;
    this.#program = program;
    this.#environment = environment;
    process.once('exit', this.#cleanUp);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(until: 'ready' | 'listening' = 'ready'): Promise<void> {
    this.#http = undefined;
    const command = [process.execPath, ...this.#program, 'run', '--config', this.#file];
    // Ctrl-C reaches whoever started it alone, and the kernel ends it when that one dies, however it dies.
    const child = spawn('setpriv', ['--pdeathsig=KILL', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...programEnvironment(), ...this.#environment },
      detached: true,
    });
    this.#child = child;
    createInterface(child.stdout).on('line', (line) => this.#take(line));
    const deadline = Date.now() + startLimit;
    while (!(await this.#is(until))) {
      if (!isRunning(child)) {
        throw new Error(`the router ended with ${child.exitCode ?? child.signalCode}:\n${this.#tail()}`);
      }
      if (Date.now() > deadline) throw new Error(`the router is not ${until}:\n${this.#tail()}`);
      await sleep(20);
    }
  }

  async reload(changes: Readonly<Record<string, unknown>> | string): Promise<readonly LogLine[]> {
    const text = typeof changes === 'string' ? changes : JSON.stringify({ ...this.#settings, ...changes });
    writeFileSync(this.#file, text, { mode: 0o600 });
    const before = this.log.length;
    this.#child?.kill('SIGHUP');
    const deadline = Date.now() + startLimit;
    const lines = () => this.log.slice(before).filter(({ event }) => String(event).startsWith('reload'));
    while (!lines().some(({ event }) => event === 'reloaded' || event === 'reload-failed')) {
      if (Date.now() > deadline) throw new Error(`the router did not reload:\n${this.#tail()}`);
      await sleep(10);
    }
    return lines();
  }

  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async stored(): Promise<void> {
    const deadline = Date.now() + startLimit;
    while ((await this.metric('switchyard_store_pending_rows')) > 0) {
      if (Date.now() > deadline) throw new Error(`the router stores without an end:\n${this.#tail()}`);
      await sleep(10);
    }
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async ended(): Promise<NodeJS.Signals | null> {
    const child = this.#child;
    if (child !== undefined && isRunning(child)) await once(child, 'exit');
    return child?.signalCode ?? null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
    process.off('exit', this.#cleanUp);
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    // One connection a request: one that was kept may be closed by the router as the next request leaves.
    const answer = await fetch(`http://${this.#http}${path}`, { headers: { connection: 'close' } });
    return { status: answer.status, body: await answer.text() };
  }

  async command(name: string, given: object = {}): Promise<{ readonly status: number; readonly body: string }> {
    const answer = await fetch(`http://${this.#http}/v1/commands/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${testToken}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(given),
    });
    return { status: answer.status, body: await answer.text() };
  }

  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const { body } = await this.get('/metrics');
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    let sum = 0;
    for (const line of body.split('\n')) {
      if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
      if (wanted.every((label) => line.includes(label))) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
    }
    return sum;
  }

  balance(): Promise<number> {
    return this.metric('switchyard_stanza_balance');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || !isRunning(child)) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  async #is(state: 'ready' | 'listening'): Promise<boolean> {
    if (this.#http === undefined) return false;
    return state === 'listening' || (await this.get('/readyz')).status === 200;
  }

  #take(line: string): void {
    const parsed: unknown = line.startsWith('{') ? JSON.parse(line) : { msg: line };
    if (typeof parsed !== 'object' || parsed === null) return;
    this.log.push({ ...parsed });
    if ('http' in parsed && typeof parsed.http === 'string') this.#http = parsed.http;
  }

  #tail(): string {
    return this.log
      .slice(-10)
      .map((line) => JSON.stringify(line))
      .join('\n');
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
