/** `npm run bench:console`: messages a second with five consoles open, beside none. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inFlight } from '../cell.ts';
import { machine } from '../conditions.ts';
import { messageLength } from '../mock/source.ts';
import { alignedTable } from '../report.ts';
import { leastRounds } from '../verdict.ts';
import { houses } from './houses.ts';
import { measure, type Pair } from './measure.ts';
import { consolePage, figureTable, problemsOf, ratioTable, reached } from './page.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
process.exitCode = await runAll(Number(values.pairs), Number(values.seconds), values.write);

/** Gives the exit code: 1 when a run proves nothing, or a bar was missed. */
async function runAll(pairs: number, seconds: number, write: boolean): Promise<number> {
  if (write && pairs < leastRounds) throw new Error(`--write wants ${leastRounds} pairs or more`);
  const circumstances = [
    ...machine(),
    ['Pairs', `${pairs}, every other the other way round`],
    ['Timed phase', `${seconds} s`],
    ['Messages', `${messageLength} bytes each`],
    ['Under way at once', String(inFlight)],
  ] as const;
  const results = new Map<string, readonly Pair[]>();
  for (const house of houses) results.set(house.title, await measure(house, pairs, seconds));
  for (const table of [ratioTable(results), figureTable(results)]) console.log(`\n${alignedTable(table)}`);
  for (const problem of problemsOf(results)) console.log(`VOID: ${problem}`);
  if (write) {
    const page = new URL('../../docs/benchmarks-console.md', import.meta.url);
    writeFileSync(page, consolePage(circumstances, results));
  }
  return problemsOf(results).length === 0 && reached(results) ? 0 : 1;
}
