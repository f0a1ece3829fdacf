/** `npm run bench:takeover`: how long a pair of instances is without an active one after kill -9 of that. */
import { writeFileSync } from 'node:fs';
import { ejabberdMissing, startEjabberd } from '../../test/support/servers/ejabberd.ts';
import { postgresMissing } from '../../test/support/servers/postgres.ts';
import { prosodyMissing, startProsody } from '../../test/support/servers/prosody.ts';
import { type Conditions, machine, packageVersion } from '../conditions.ts';
import { alignedTable } from '../report.ts';
import { type Options, readOptions, usage } from './options.ts';
import { standbyPage, takeoverTable } from './page.ts';
import { takeovers } from './scene.ts';

const page = new URL('../../docs/benchmarks-standby.md', import.meta.url);
const servers = [
  { name: 'prosody', title: 'Prosody, kick_old', missing: prosodyMissing, start: startProsody },
  { name: 'ejabberd', title: 'ejabberd', missing: ejabberdMissing, start: startEjabberd },
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else await runAll(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

async function runAll({ runs, only, write }: Options): Promise<void> {
  const without = postgresMissing();
  if (without !== undefined) throw new Error(without);
  const chosen = servers.filter(({ name }) => only === undefined || only === name);
  const circumstances = conditions(runs);
  const results = new Map<string, readonly number[]>();
  for (const { title, missing, start } of chosen) {
    const reason = missing();
    if (reason !== undefined) throw new Error(reason);
    let count = 0;
    const told = (milliseconds: number): void => {
      count += 1;
      console.log(`${title} ${count}/${runs}: ${(milliseconds / 1_000).toFixed(2)} s`);
    };
    results.set(title, await takeovers(start, runs, told));
  }
  console.log(`\n${alignedTable(takeoverTable(results))}\n`);
  console.log(circumstances.map(([name, value]) => `${name}: ${value}`).join('\n'));
  if (write) writeFileSync(page, standbyPage(circumstances, results));
}

function conditions(runs: number): Conditions {
  return [
    ...machine(),
    ['Prosody', packageVersion('prosody')],
    ['ejabberd', packageVersion('ejabberd')],
    ['PostgreSQL', packageVersion('postgresql-15')],
    ['Takeovers', `${runs} on each server, alternating between the two instances`],
    ['Lease', '5 s, the default'],
  ];
}
