import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { program, programEnvironment } from '../support/router/program.ts';

/** How a command ended, and what it said. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** A folder with a configuration, and the command line of Switchyard in it. */
export class SwitchyardFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'switchyard-command-'));

  /** The configuration's file. */
  get config(): string {
    return join(this.path, 'component.config.json');
  }

  /** Writes a good configuration for this port, with `changes` in its sections. */
  configure(
    port: number,
    changes: Readonly<Record<string, unknown>> = {},
    component: Readonly<Record<string, unknown>> = {},
  ): void {
    const settings = {
      component: { service: `xmpp://127.0.0.1:${port}`, domain: 'pools.localhost', secret: 's3cret', ...component },
      store: { file: 'switchyard.db' },
      http: { listen: '127.0.0.1:0' },
      log: { format: 'json' },
      pools: { jobs: { workers: ['worker@localhost'] } },
      ...changes,
    };
    this.write('component.config.json', JSON.stringify(settings));
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.path, name), content, { mode: 0o600 });
  }

  /** Runs `switchyard` to its end; `command` may be of several words. */
  async run(command: string, ...args: readonly string[]): Promise<CommandResult> {
    const child = spawn(process.execPath, [...program, ...command.split(' '), '--config', this.config, ...args], {
      env: programEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: child.exitCode, output, errors };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
