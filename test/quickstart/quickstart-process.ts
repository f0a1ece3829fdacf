import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/quickstart.mjs', import.meta.url));

/** The quickstart as a user starts it, not on a terminal, with a temporary folder of its own. */
export class QuickstartProcess {
  /** Where it and all that it starts make their temporary folders. */
  readonly folder: string;
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(args: readonly string[] = []) {
    this.folder = mkdtempSync(join(tmpdir(), 'quickstart-test-'));
    // Prosody runs as an account of its own when the tests run as root.
    chmodSync(this.folder, 0o755);
    this.#child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, TMPDIR: this.folder, NODE_V8_COVERAGE: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const take = (data: Buffer): void => {
      this.output += data.toString();
    };
    this.#child.stdout?.on('data', take);
    this.#child.stderr?.on('data', take);
    this.#ended = once(this.#child, 'close');
  }

  async shows(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`it ended without "${text}":\n${this.output}`);
      await sleep(20);
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Settles with the exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  /** Temporary folders of the demo that are still there. */
  foldersLeft(): string[] {
    return readdirSync(this.folder).filter((name) => name.startsWith('switchyard-'));
  }

  /** Command lines of processes that were started on a file in the temporary folder and still run. */
  processesLeft(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        } catch {
          return '';
        }
      })
      .filter((line) => line.includes(this.folder));
  }

  async remove(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
