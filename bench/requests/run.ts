/** `npm run bench:requests`: requests that are redirected and passed on, beside requests from client to client. */
import { parseArgs } from 'node:util';
import { ejabberdMissing, startEjabberd } from '../../test/support/servers/ejabberd.ts';
import { prosodyMissing, startProsody } from '../../test/support/servers/prosody.ts';
import { machine } from '../conditions.ts';
import { alignedTable, type Table } from '../report.ts';
import { password, secret, senderUsers, workerUsers } from '../servers/scene.ts';
import { ratios, type Spread, spread } from '../statistics.ts';
import { domainOf, inFlight, measure, type RequestCell, type WayName, ways } from './measure.ts';

type Cells = ReadonlyMap<WayName, readonly RequestCell[]>;

const servers = [
  { title: 'Prosody', missing: prosodyMissing, start: startProsody },
  { title: 'ejabberd', missing: ejabberdMissing, start: startEjabberd },
] as const;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    only: { type: 'string' },
  },
});
process.exitCode = await runAll(Number(values.rounds), Number(values.seconds), values.only);

/** Gives the exit code: 1 when a run proves nothing. */
async function runAll(rounds: number, seconds: number, only: string | undefined): Promise<number> {
  let problems = 0;
  for (const { title, missing, start } of servers) {
    const why = only === undefined || only === title.toLowerCase() ? missing() : 'it was not asked for';
    if (why !== undefined) {
      console.log(`${title} is left out: ${why}`);
      continue;
    }
    const cells = await roundsOn(title, start, rounds, seconds);
    console.log(`\n${title}\n\n${alignedTable(tableOf(cells))}`);
    for (const [name, cell] of [...cells].flatMap(([name, rows]) => rows.map((row) => [name, row] as const))) {
      for (const problem of cell.problems) console.log(`VOID: ${name}: ${problem}`);
      problems += cell.problems.length;
    }
  }
  for (const [name, value] of machine()) console.log(`${name}: ${value}`);
  console.log(
    `${rounds} interleaved rounds of ${seconds} s after 1 s of warming up; ${inFlight} requests open, gets of 300 bytes.`,
  );
  console.log(
    'Median of the rounds (least - most); ratios are of the same round. What lies inside the spread is not shown.',
  );
  return problems === 0 ? 0 : 1;
}

async function roundsOn(title: string, start: typeof startProsody, rounds: number, seconds: number): Promise<Cells> {
  const server = await start({
    accounts: Object.fromEntries([...senderUsers, ...workerUsers].map((user) => [user, password])),
    components: Object.fromEntries(ways.map(({ name }) => [domainOf(name), secret])),
  });
  const cells = new Map<WayName, RequestCell[]>(ways.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      // What a way is next to, and what it comes after, is so not always the same.
      const first = round % ways.length;
      for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
        const cell = await measure(way.name, server, seconds);
        cells.get(way.name)?.push(cell);
        console.log(`${title}, round ${round + 1}: ${way.title}, ${Math.round(cell.perSecond)} requests/s`);
      }
    }
    return cells;
  } finally {
    await server.remove();
  }
}

function tableOf(cells: Cells): Table {
  const direct = (cells.get('direct') ?? []).map(({ perSecond }) => perSecond);
  const rows = ways.map(({ name, title }) => {
    const rounds = cells.get(name) ?? [];
    const speeds = rounds.map(({ perSecond }) => perSecond);
    return [
      title,
      inWords(spread(speeds), 0),
      inWords(spread(ratios(speeds, direct)), 2),
      inWords(spread(rounds.map(({ serverCpu }) => serverCpu)), 1),
      inWords(spread(rounds.map(({ componentCpu }) => componentCpu)), 1),
    ];
  });
  const head = [
    'way',
    'requests/s',
    'ratio to client to client',
    'server CPU s per million',
    'router CPU s per million',
  ];
  return [head, ...rows];
}

function inWords(one: Spread | undefined, digits: number): string {
  if (one === undefined) return '-';
  const [median, min, max] = [one.median, one.min, one.max].map((value) => value.toFixed(digits));
  return min === max ? `${median}` : `${median} (${min} - ${max})`;
}
