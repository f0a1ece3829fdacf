/** `npm run report:loss`: what is lost when something dies, with and without a guarantee, and with ejabberd's own balancing. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Conditions, machine, packageVersion } from '../conditions.ts';
import { alignedTable } from '../report.ts';
import type { Outcome } from './outcome.ts';
import { broken, type Cell, lossPage, lossTable } from './page.ts';
import { faults, measure, type Subject, subjects } from './plan.ts';

const page = new URL('../../docs/loss-report.md', import.meta.url);
const usage = `npm run report:loss -- [options]
  --rounds N        3 unless told
  --only TEXT       subjects whose title or server holds this
  --write           rewrites docs/loss-report.md
  --help`;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else process.exitCode = await report(Number(values.rounds), values.only, values.write);
process.exit();

/** Gives the exit code: 1 when a guarantee was broken, 2 when nothing was measured. */
async function report(rounds: number, only: string | undefined, write: boolean): Promise<number> {
  const chosen = subjects.filter(({ title, server }) => only === undefined || `${title} ${server}`.includes(only));
  const here = chosen.filter(({ missing }) => missing() === undefined);
  if (write && here.length < subjects.length) throw new Error('--write wants all subjects, and both servers');
  const circumstances: Conditions = [
    ...machine(),
    ['Prosody', packageVersion('prosody')],
    ['ejabberd', packageVersion('ejabberd')],
    ['Rounds', String(rounds)],
  ];
  const cells: Cell[] = [];
  for (const fault of faults) {
    for (const subject of here) {
      const outcomes: Outcome[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const outcome = await measure(subject, fault);
        if (outcome !== undefined) outcomes.push(outcome);
      }
      if (outcomes.length > 0) cells.push(cellOf(subject, fault.title, outcomes));
    }
    for (const server of new Set(here.map(({ server }) => server))) {
      console.log(`\n${fault.title}, on ${server}\n\n${alignedTable(lossTable(cells, fault.title, server))}`);
    }
  }
  if (write) writeFileSync(page, lossPage(circumstances, cells));
  if (cells.length === 0) return 2;
  return broken(cells).length > 0 ? 1 : 0;
}

function cellOf({ title, server }: Subject, fault: string, rounds: readonly Outcome[]): Cell {
  return { fault, server, subject: title, rounds };
}
