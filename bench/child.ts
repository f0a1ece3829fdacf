import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const keptOutput = 4000;

/** A component under test: a process that is ended for certain, and whose last words are kept. */
export class Child {
  readonly #process: ChildProcess;
  readonly #name: string;
  #output = '';

  constructor(name: string, command: string, args: readonly string[]) {
    this.#name = name;
    this.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-keptOutput);
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
    this.#process.on('error', (error) => {
      this.#output += error.message;
    });
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error(`${this.#name} did not start: ${this.#output}`);
    return pid;
  }

  /** What it wrote last, for an error report. */
  get output(): string {
    return this.#output.trim();
  }

  /**
   * Gives `work`'s value; rejects, with what the process wrote, if it ends or `seconds` pass first.
   * The signal that `work` is given is aborted then.
   */
  async during<T>(what: string, seconds: number, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let onExit: (() => void) | undefined;
    const failure = new Promise<never>((_resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${this.#name} ${why} ${what}: ${this.output}`));
      onExit = () => fail('ended while');
      if (this.#ended) onExit();
      this.#process.once('exit', onExit);
      timer = setTimeout(() => fail(`took over ${seconds} s at`), seconds * 1000);
    });
    try {
      return await Promise.race([work(stop.signal), failure]);
    } finally {
      stop.abort();
      clearTimeout(timer);
      if (onExit !== undefined) this.#process.off('exit', onExit);
    }
  }

  /** Asks it to end, and ends it after five seconds. */
  async stop(): Promise<void> {
    if (this.#ended || this.#process.pid === undefined) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(force);
  }

  /** Ends it at once; for the end of this process. */
  kill(): void {
    if (!this.#ended) this.#process.kill('SIGKILL');
  }

  get #ended(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

/** Runs a component under test for as long as `use` takes; it has ended then, however this process ends. */
export async function withChild<T>(
  name: string,
  { command, args }: { readonly command: string; readonly args: readonly string[] },
  use: (child: Child) => Promise<T>,
): Promise<T> {
  const child = new Child(name, command, args);
  const kill = (): void => child.kill();
  process.once('exit', kill);
  try {
    return await use(child);
  } finally {
    await child.stop();
    process.off('exit', kill);
  }
}
