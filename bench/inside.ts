import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What is measured inside one process, without a server: what a choice costs, and what workers take of the heap. */
export interface Inside {
  readonly title: string;
  /** Markdown: a sentence, and a table with its verdicts. */
  readonly text: string;
  /** Whether every bar that it has was reached. */
  readonly reached: boolean;
}

const programs = [
  { title: 'Cost of a choice', file: 'select.ts' },
  { title: 'Memory of 10 000 workers', file: 'heap.ts' },
] as const;

/** Runs both, one after the other, each in a process of its own. */
export function measureInside(): readonly Inside[] {
  return programs.map(({ title, file }) => {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', path], { encoding: 'utf8' });
    if (!stdout.includes('|')) throw new Error(`bench/${file} measured nothing: ${stderr}`);
    return { title, text: stdout.trim(), reached: status === 0 };
  });
}
