import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a program of its own measures: what a choice costs, what workers take of the heap, requests. */
export interface Part {
  readonly title: string;
  /** Markdown: a sentence and a table, with the verdicts that it has. */
  readonly text: string;
  /** Whether every bar that it has was reached. */
  readonly reached: boolean;
}

const programs = [
  { title: 'Cost of a choice', file: 'select.ts' },
  { title: 'Memory of 10 000 workers', file: 'heap.ts' },
  { title: 'At least once', file: 'durable/run.ts' },
  { title: 'Requests through a real server', file: 'requests/run.ts' },
] as const;

/** Runs them, one after the other, each in a process of its own. */
export function measureParts(): readonly Part[] {
  return programs.map(({ title, file }) => {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--import=tsx', path], { encoding: 'utf8' });
    const text = stdout.trim();
    if (text === '') throw new Error(`bench/${file} measured nothing: ${stderr}`);
    return { title, text: text.includes('|') ? text : `\`\`\`text\n${text}\n\`\`\``, reached: status === 0 };
  });
}
