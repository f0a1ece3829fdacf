import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, makeFolder } from '../servers/daemon.ts';

const patience = 30_000;

/** Profanity on a terminal of its own, driven by keys. */
export interface Profanity {
  /** Types a line and ends it. */
  type(line: string): void;
  /** Waits until the screen shows this; returns all that it shows. */
  sees(pattern: RegExp): Promise<string>;
  /** Ends it and removes what it wrote. */
  end(): Promise<void>;
}

/** Why Profanity cannot be used here, or `undefined`. */
export function profanityMissing(): string | undefined {
  const missing = ['profanity', 'tmux'].filter((name) => findProgram(name) === undefined);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}

/** Starts Profanity in tmux, with folders of its own, and logs in to a plain server on loopback. */
export async function startProfanity(login: { readonly port: number; readonly user: string }): Promise<Profanity> {
  const folder = makeFolder('profanity');
  const socket = join(folder, 'tmux');
  const account = `${login.user}@localhost`;
  const [config, data] = [join(folder, 'config'), join(folder, 'data')];
  mkdirSync(join(data, 'profanity'), { recursive: true });
  mkdirSync(join(config, 'profanity'), { recursive: true });
  const settings = { enabled: 'true', jid: account, server: '127.0.0.1', port: login.port, password: 'pw' };
  const lines = Object.entries({ ...settings, resource: 'profanity', 'tls.policy': 'disable' });
  writeFileSync(
    join(data, 'profanity', 'accounts'),
    `[${account}]\n${lines.map(([key, value]) => `${key}=${value}\n`).join('')}`,
  );
  writeFileSync(join(config, 'profanity', 'profrc'), '[ui]\nroster=false\n');
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_CONFIG_HOME: config,
    XDG_DATA_HOME: data,
    LANG: 'C.UTF-8',
    TERM: 'screen',
  };
  // tmux stays our child, and the kernel ends it with us, however we end; Profanity ends with its terminal.
  const command = ['--pdeathsig=KILL', 'tmux', '-D', '-S', socket, '-f', '/dev/null'];
  const server = spawn('setpriv', command, { env, stdio: 'ignore' });
  // -N: a client that comes before the server listens must not start another.
  const tmux = (...words: readonly string[]): string =>
    execFileSync('tmux', ['-N', '-S', socket, ...words], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  await sessionStarted(server, () => tmux('new-session', '-d', '-x', '160', '-y', '90', 'profanity', '-a', account));
  const screen = (): string => tmux('capture-pane', '-p', '-J').replaceAll(/ +$/gm, '');
  const profanity: Profanity = {
    type(line) {
      tmux('send-keys', '-l', line);
      tmux('send-keys', 'Enter');
    },
    async sees(pattern) {
      for (const deadline = Date.now() + patience; ; await sleep(50)) {
        const shown = screen();
        if (pattern.test(shown)) return shown;
        if (Date.now() > deadline) throw new Error(`Profanity does not show ${pattern}, but:\n${shown.trim()}`);
      }
    },
    async end() {
      const ended = once(server, 'exit');
      process.kill(Number(tmux('display-message', '-p', '#{pane_pid}')), 'SIGKILL');
      server.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await profanity.sees(/logged in successfully/);
  } catch (error) {
    await profanity.end();
    throw error;
  }
  return profanity;
}

/** The server of tmux opens its socket in its own time. */
async function sessionStarted(server: ChildProcess, open: () => void): Promise<void> {
  for (const deadline = Date.now() + patience; ; await sleep(50)) {
    try {
      open();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error;
    }
  }
}
