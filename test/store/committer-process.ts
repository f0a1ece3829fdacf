import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StoreTarget } from './store-target.ts';

/** A running `committer.ts`. */
export interface Committer {
  /** Numbers of the changes that were reported to it as stored. */
  readonly reported: readonly number[];
  /** Resolves when that many changes were reported. */
  until(count: number): Promise<void>;
  /** kill -9; resolves when the process is gone and all it said is read. */
  kill(): Promise<void>;
}

/** Starts a process that commits without end; resolves when it has the store open. */
export async function startCommitter(target: StoreTarget): Promise<Committer> {
  const script = fileURLToPath(new URL('./committer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', script, JSON.stringify(target)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const reported: number[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve();
      else if (line !== '') reported.push(Number(line));
      for (const one of waiting) if (reported.length >= one.count) one.resolve();
    });
    void closed.then(() => reject(new Error('the committer ended before it was ready')));
  });
  await ready;
  return {
    reported,
    until: (count) =>
      new Promise((resolve) => {
        if (reported.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
