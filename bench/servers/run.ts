/** `npm run bench:servers`: the router behind real servers, beside a naive component and none at all. */
import { writeFileSync } from 'node:fs';
import { ejabberdMissing, startEjabberd } from '../../test/support/servers/ejabberd.ts';
import { prosodyMissing, startProsody } from '../../test/support/servers/prosody.ts';
import type { ServerOptions, XmppServer } from '../../test/support/servers/xmpp-server.ts';
import { type Conditions, machine, packageVersion } from '../conditions.ts';
import { alignedTable } from '../report.ts';
import { inFlight, measure, type ServerCell } from './cell.ts';
import { type Options, readOptions, usage } from './options.ts';
import { serversPage } from './page.ts';
import { addedTable, comparisonTable, problemsOf, type ServerCells, waysTable } from './report.ts';
import { type Kind, kinds, serverOptions, type WayName } from './scene.ts';

const page = new URL('../../docs/benchmarks-servers.md', import.meta.url);

interface RealServer {
  /** As its package is called. */
  readonly name: string;
  readonly title: string;
  readonly missing: () => string | undefined;
  readonly start: (options: ServerOptions) => Promise<XmppServer>;
}

const servers: readonly RealServer[] = [
  { name: 'prosody', title: 'Prosody', missing: prosodyMissing, start: startProsody },
  { name: 'ejabberd', title: 'ejabberd', missing: ejabberdMissing, start: startEjabberd },
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else process.exitCode = await runAll(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** Gives the exit code: 1 when a run proves nothing, 2 when there was none. */
async function runAll(options: Options): Promise<number> {
  const chosen = servers.filter(({ name }) => options.only === undefined || options.only === name).filter(isHere);
  if (options.write && chosen.length < servers.length) throw new Error('--write wants both servers');
  const circumstances = conditions(options, chosen);
  const results = new Map<string, ServerCells>();
  for (const one of chosen) {
    for (const [kind, cells] of await roundsOn(one, options)) {
      const title = `${one.title}, ${kind.title}`;
      results.set(title, cells);
      const tables = [waysTable, comparisonTable, addedTable].map((table) => alignedTable(table(cells)));
      console.log(`\n${title}\n\n${tables.join('\n')}`);
      const problems = problemsOf(cells);
      if (problems.length > 0)
        console.log(`VOID: this run proves nothing.\n${problems.map((why) => `  ${why}`).join('\n')}`);
    }
  }
  console.log(circumstances.map(([name, value]) => `${name}: ${value}`).join('\n'));
  console.log('Median of the rounds (least - most). Ratios and differences are of the same round.');
  if (options.quick) console.log('A quick run: for a first look, not to be quoted.');
  if (options.json !== undefined) {
    const figures = Object.fromEntries([...results].map(([name, cells]) => [name, Object.fromEntries(cells)]));
    writeFileSync(options.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  }
  if (options.write) writeFileSync(page, serversPage(circumstances, results));
  if (results.size === 0) return 2;
  return [...results.values()].some((cells) => problemsOf(cells).length > 0) ? 1 : 0;
}

function isHere({ title, missing }: RealServer): boolean {
  const why = missing();
  if (why !== undefined) console.log(`${title} is left out: ${why}`);
  return why === undefined;
}

function conditions({ rounds, rate, seconds }: Options, chosen: readonly RealServer[]): Conditions {
  return [
    ...machine(),
    ...chosen.map(({ name, title }): [string, string] => [title, packageVersion(name)]),
    ['Rounds', `${rounds}, interleaved; another way begins each round`],
    ['Timed phase', `${seconds} s after 1 s of warming up, ${inFlight} messages of 300 bytes under way`],
    ['Latency', `${seconds} s at ${rate} messages a second`],
  ];
}

/** Each kind of messages in each round, so that what the machine does meanwhile does not favour one. */
async function roundsOn({ name, start }: RealServer, options: Options): Promise<ReadonlyMap<Kind, ServerCells>> {
  const server = await start(serverOptions);
  const measured = kinds.map((kind) => ({
    kind,
    cells: new Map<WayName, ServerCell[]>(kind.ways.map((way) => [way.name, []])),
  }));
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const { kind, cells } of measured) {
        // What a way is next to, and what it comes after, is so not always the same.
        const first = (round - 1) % kind.ways.length;
        for (const way of [...kind.ways.slice(first), ...kind.ways.slice(0, first)]) {
          const cell = await measure(way, kind, server, options);
          cells.get(way.name)?.push(cell);
          console.log(`${name}, round ${round}, ${kind.title}: ${way.title}, ${Math.round(cell.perSecond)} messages/s`);
        }
      }
    }
    return new Map(measured.map(({ kind, cells }) => [kind, cells]));
  } finally {
    await server.remove();
  }
}
