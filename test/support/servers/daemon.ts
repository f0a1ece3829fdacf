import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds a server may take to open its ports, and to end once told to. */
const startLimit = 45_000;
const stopLimit = 10_000;

/** How a daemon is started. */
export interface DaemonPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A temporary folder of its own: removed with the daemon, or when the tests end. */
  readonly folder: string;
  /** Takes this account when the tests run as root; else it runs as whoever runs them. */
  readonly user: string;
  /** On 127.0.0.1; it is ready when all of them accept connections. */
  readonly ports: readonly number[];
  /** Where it writes its log; the end of it is shown when it does not start. */
  readonly logFile: string;
  /** What asks it to end; SIGTERM unless said. */
  readonly stopSignal?: 'SIGINT';
}

/** A real server that belongs to one test suite, and surely ends with it. */
export interface Daemon {
  /** Starts it; settles when its ports accept connections. */
  start(): Promise<void>;
  /** Asks it to end and waits; kills it when it does not. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL), as a crash would. */
  kill9(): Promise<void>;
  /** Ends it at once and removes its folder. */
  remove(): Promise<void>;
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  /** What it wrote to its standard output and error. */
  readonly outputFile: string;
}

/** The full path of a program, also of those in folders for administrators, or `undefined`. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** A folder of its own under the system's temporary one, which other accounts may enter. */
export function makeFolder(purpose: string): string {
  const folder = mkdtempSync(join(tmpdir(), `switchyard-${purpose}-`));
  chmodSync(folder, 0o755);
  return folder;
}

/** Gives a folder and all in it to the account that the daemon runs as. */
export function giveTo(user: string, folder: string): void {
  if (process.getuid?.() === 0) {
    execFileSync('chown', ['-R', `${user}:`, folder]);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/**
 * The command behind `setpriv`, which takes the daemon's account without forking and has the
 * kernel kill the daemon when the tests die, however they die.
 */
function guarded(plan: DaemonPlan): string[] {
  return [...underAccount(plan.user), '--pdeathsig=KILL', plan.command, ...plan.args];
}

/** Arguments of `setpriv` that take an account when the tests run as root. */
export function underAccount(user: string): string[] {
  return process.getuid?.() === 0 ? [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : [];
}

/** Makes a daemon of the plan; it does not run yet. */
export function makeDaemon(plan: DaemonPlan): Daemon {
  let child: ChildProcess | undefined;
  const outputFile = join(plan.folder, 'output.log');
  const cleanUp = (): void => {
    child?.kill('SIGKILL');
    rmSync(plan.folder, { recursive: true, force: true });
  };
  process.once('exit', cleanUp);

  async function ready(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + startLimit;
    for (const port of plan.ports) {
      while (!(await accepts(port))) {
        if (!isRunning(started) || Date.now() > deadline) {
          started.kill('SIGKILL');
          const said = [outputFile, plan.logFile].map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : ''));
          throw new Error(`${plan.name} did not open port ${port}:\n${said.join('\n').slice(-4000)}`);
        }
        await sleep(10);
      }
    }
  }

  async function end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || !isRunning(ending)) {
      return;
    }
    const ended = once(ending, 'exit');
    ending.kill(signal);
    const timer = setTimeout(() => ending.kill('SIGKILL'), stopLimit);
    await ended;
    clearTimeout(timer);
  }

  return {
    outputFile,
    get pid() {
      return child !== undefined && isRunning(child) ? child.pid : undefined;
    },
    async start() {
      const output = openSync(outputFile, 'a');
      child = spawn('setpriv', guarded(plan), {
        cwd: plan.folder,
        env: { ...process.env, NODE_V8_COVERAGE: '', ...plan.env },
        stdio: ['ignore', output, output],
        // A session of its own: Ctrl-C reaches the tests alone, and they end the server.
        detached: true,
      });
      closeSync(output);
      await ready(child);
    },
    stop: () => end(plan.stopSignal ?? 'SIGTERM'),
    kill9: () => end('SIGKILL'),
    async remove() {
      await end('SIGKILL');
      cleanUp();
      process.off('exit', cleanUp);
    },
  };
}
