/** `npm run bench:servers`: the router behind real servers, beside a naive component and none at all. */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ejabberdMissing, startEjabberd } from '../../test/support/ejabberd.ts';
import { prosodyMissing, startProsody } from '../../test/support/prosody.ts';
import type { ServerOptions, XmppServer } from '../../test/support/xmpp-server.ts';
import { alignedTable } from '../report.ts';
import { inFlight, measure, type Pace, type ServerCell } from './cell.ts';
import { comparisonTable, problemsOf, type ServerCells, waysTable } from './report.ts';
import { serverOptions, type WayName, ways } from './scene.ts';

const usage = `npm run bench:servers -- [options]
  --rounds N        interleaved rounds, 5 unless told
  --rate N          messages a second at which the latency is taken, 1000 unless told
  --only SERVER     prosody or ejabberd
  --quick           3 short rounds, about a minute, no verdict
  --json FILE       all figures of every round
  --help`;

interface RealServer {
  readonly name: string;
  readonly missing: () => string | undefined;
  readonly start: (options: ServerOptions) => Promise<XmppServer>;
}

const servers: readonly RealServer[] = [
  { name: 'prosody', missing: prosodyMissing, start: startProsody },
  { name: 'ejabberd', missing: ejabberdMissing, start: startEjabberd },
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    rate: { type: 'string', default: '1000' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
} else {
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5));
  const pace: Pace = { seconds: values.quick ? 1 : 4, rate: Number(values.rate) };
  const chosen = servers.filter(({ name }) => values.only === undefined || values.only === name);
  if (!(rounds >= 1 && pace.rate >= 1) || chosen.length === 0) {
    console.error(usage);
    process.exitCode = 2;
  } else {
    process.exitCode = await runAll(chosen, rounds, pace);
  }
}

/** Gives the exit code: 1 when a run proves nothing, 2 when there was none. */
async function runAll(chosen: readonly RealServer[], rounds: number, pace: Pace): Promise<number> {
  console.log(
    `Processor: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores; load average before: ${loadavg()[0]}`,
  );
  console.log(
    `Node.js ${process.version}; ${inFlight} messages of 300 bytes under way; latency at ${pace.rate} a second`,
  );
  const figures: Record<string, Record<string, readonly ServerCell[]>> = {};
  let code = 2;
  for (const one of chosen) {
    const missing = one.missing();
    if (missing !== undefined) {
      console.log(`${one.name} is left out: ${missing}`);
      continue;
    }
    const cells = await roundsOn(one, rounds, pace);
    figures[one.name] = Object.fromEntries(cells);
    const problems = problemsOf(cells);
    code = Math.max(code === 2 ? 0 : code, problems.length > 0 ? 1 : 0);
    console.log(`\n${one.name}\n\n${alignedTable(waysTable(cells))}\n${alignedTable(comparisonTable(cells))}`);
    if (problems.length > 0)
      console.log(`VOID: this run proves nothing.\n${problems.map((why) => `  ${why}`).join('\n')}`);
  }
  console.log('Median of the rounds (least - most). Ratios and differences are of the same round.');
  if (values.quick) console.log('A quick run: for a first look, not to be quoted.');
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  return code;
}

async function roundsOn({ name, start }: RealServer, rounds: number, pace: Pace): Promise<ServerCells> {
  const server = await start(serverOptions);
  const cells = new Map<WayName, ServerCell[]>(ways.map((way) => [way.name, []]));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const way of ways) {
        const cell = await measure(way, server, pace);
        cells.get(way.name)?.push(cell);
        console.log(`${name}, round ${round}: ${way.title}, ${Math.round(cell.perSecond)} messages/s`);
      }
    }
    return cells;
  } finally {
    await server.remove();
  }
}
