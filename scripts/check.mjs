// `npm run check`: everything that can be said about the code without running it.
import { argv, exit } from 'node:process';
import { run, seconds, tool } from './command.mjs';

const budget = 60;

/** Each step: what it is called, what runs, and optionally what else its output must show. */
const steps = [
  { name: 'types', file: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the core, alone', file: 'tsc', args: ['--noEmit', '-p', 'src/core/tsconfig.json'] },
  { name: 'types of the client library, alone', file: 'tsc', args: ['--noEmit', '-p', 'client/tsconfig.json'] },
  { name: 'types of the console, alone', file: 'tsc', args: ['--noEmit', '-p', 'console/tsconfig.json'] },
  { name: 'format and lint', file: 'biome', args: ['ci', '--colors=off', '--error-on-warnings', '.'] },
  {
    name: 'lint by type',
    file: 'oxlint',
    args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  },
  {
    name: 'layers',
    file: 'depcruise',
    args: ['--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', 'src', 'client/src'],
    refuse: emptyCruise,
  },
  { name: 'dead code', file: 'knip', args: ['--no-progress'] },
];

/** dependency-cruiser calls it a success when it found nothing to read. */
function emptyCruise(output) {
  const cruised = /(\d+) modules/.exec(output)?.[1];
  return Number(cruised ?? 0) > 0 ? undefined : 'No module was cruised, so nothing was checked.';
}

async function perform(step) {
  const start = performance.now();
  const { code, output } = await run(tool(step.file), step.args, { env: { NO_COLOR: '1', FORCE_COLOR: '0' } });
  const refusal = code === 0 ? step.refuse?.(output) : undefined;
  const passed = code === 0 && refusal === undefined;
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${step.name} (${seconds(start)})`);
  if (!passed) {
    console.log(`\n${output.trim()}\n${refusal ?? ''}`);
  }
  return passed;
}

const wanted = argv.slice(2);
const chosen = wanted.length === 0 ? steps : steps.filter((step) => wanted.includes(step.file));
if (chosen.length === 0) {
  console.error(`No such step. There are: ${[...new Set(steps.map((step) => step.file))].join(', ')}`);
  exit(2);
}

const start = performance.now();
const failed = [];
for (const step of chosen) {
  if (!(await perform(step))) {
    failed.push(step.name);
  }
}
const spent = (performance.now() - start) / 1000;
console.log(`check: ${spent.toFixed(1)} s of ${budget} s${spent > budget ? ' - over budget' : ''}`);
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(', ')}`);
}
exit(failed.length > 0 ? 1 : 0);
