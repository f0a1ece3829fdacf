import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program, programEnvironment } from './program.ts';

/** What a command came to. */
export interface CommandOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `switchyard` as an operator does, in this folder, without a terminal. */
export async function runSwitchyard(folder: string, ...words: readonly string[]): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [...program, ...words], {
    cwd: folder,
    env: programEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}
