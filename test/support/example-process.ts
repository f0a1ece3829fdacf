import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A program of examples/ that runs as its reader runs it. */
export interface ExampleProcess {
  readonly child: ChildProcess;
  output(): string;
  /** The exit code. */
  ended(): Promise<number | null>;
  /** Waits until it has written this. */
  wrote(text: string | RegExp): Promise<void>;
}

/** `name` is a path under examples/; what ends in .py runs in Python. */
export function startExample(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ExampleProcess {
  const file = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const program = name.endsWith('.py') ? '/usr/bin/python3' : process.execPath;
  const child = spawn(program, [file, ...args], {
    env: { ...process.env, NODE_V8_COVERAGE: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = once(child, 'close');
  return {
    child,
    output: () => output,
    async ended() {
      await closed;
      return child.exitCode;
    },
    async wrote(text) {
      while (output.search(text) < 0) {
        if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}:\n${output}`);
        await sleep(20);
      }
    },
  };
}
