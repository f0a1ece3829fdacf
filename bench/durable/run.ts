/** `npm run bench:durable`: the whole cycle of a delivery that survives everything, beside plain ones and the bare disk. */
import { parseArgs } from 'node:util';
import { type Postgres, postgresMissing, startPostgres } from '../../test/support/servers/postgres.ts';
import { type Cell, measure } from '../cell.ts';
import { machine } from '../conditions.ts';
import { naive } from '../variants/naive.ts';
import { router } from '../variants/router.ts';
import { type Backlog, measureBacklog } from './backlog.ts';
import { rawRate } from './disk.ts';
import { backlogTable, type Rounds, ratioTable, reached, speedTable } from './report.ts';
import { durable, durableOn } from './variant.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    backlog: { type: 'string', default: '1000000' },
  },
});
const missing = postgresMissing();
if (missing !== undefined) throw new Error(missing);
const cluster = await startPostgres();
try {
  process.exitCode = await runAll(cluster, Number(values.rounds), Number(values.seconds), Number(values.backlog));
} finally {
  await cluster.remove();
}

/** Gives the exit code: 1 when a run proves nothing, or a bar was missed. */
async function runAll(cluster: Postgres, count: number, seconds: number, messages: number): Promise<number> {
  const rounds: Rounds = { plain: [], naive: [], durable: [], postgres: [], raw: [] };
  const onPostgres = durableOn(cluster);
  const options = {
    rounds: count,
    only: new Set<never>(),
    messages: undefined,
    seconds,
    rates: [1000, 10_000],
    quick: false,
    write: false,
    json: undefined,
  };
  for (let round = 1; round <= count; round += 1) {
    rounds.raw.push(rawRate(seconds));
    rounds.plain.push(await measure(router, options));
    rounds.durable.push(await measure(durable, options));
    rounds.postgres.push(await measure(onPostgres, options));
    rounds.naive.push(await measure(naive, options));
    const speed = (cells: readonly Cell[]): string => (cells.at(-1)?.perSecond ?? Number.NaN).toFixed(0);
    const { plain, durable: kept, postgres, naive: simple, raw } = rounds;
    console.error(
      `round ${round}: durable ${speed(kept)}, on PostgreSQL ${speed(postgres)}, plain ${speed(plain)}, naive ${speed(simple)}, disk ${raw.at(-1)?.toFixed(0)}`,
    );
  }
  const backlog = messages === 0 ? undefined : await measureBacklog(messages);
  const problems = problemsOf(rounds, backlog);
  console.log(text(rounds, backlog, problems));
  if (process.stdout.isTTY)
    console.log(
      machine()
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n'),
    );
  return problems.length === 0 && reached(rounds) ? 0 : 1;
}

function text(rounds: Rounds, backlog: Backlog | undefined, problems: readonly string[]): string {
  return [
    `One whole cycle: a message comes in, is committed (SQLite, WAL, \`synchronous=FULL\`), goes to a worker, its receipt
comes in, and the removal is committed. Through real processes against the mock, which plays senders and workers;
8 workers with \`capacity: 1000\`, \`ack: receipt\`, 2000 messages under way. The disk's own rate is that of batches of
500 rows put in and 500 taken out in one transaction, in this run. PostgreSQL runs on the same machine, over loopback,
with \`fsync\` and \`synchronous_commit\` on, in a database of its own in each round; its processor time is not in the table, and
it takes it from the router. Afterwards the router's metrics must account for every message.`,
    ...problems.map((problem) => `**VOID**: ${problem}`),
    ratioTable(rounds),
    speedTable(rounds),
    ...(backlog === undefined ? [] : [backlogText(backlog), backlogTable(backlog)]),
  ].join('\n\n');
}

function backlogText({ messages }: Backlog): string {
  return `A queue of ${messages.toLocaleString('en-US').replaceAll(',', ' ')} messages of 300 bytes: accepted while nobody works, then worked off by eight workers
that hold a hundred each. The time to the next message is from a worker's receipt to the message that it gets for it, at
1000 receipts a second, with the whole queue waiting.`;
}

function problemsOf(
  { plain, naive: simple, durable: kept, postgres }: Rounds,
  backlog: Backlog | undefined,
): readonly string[] {
  const cells = Object.entries({ plain, naive: simple, durable: kept, 'on PostgreSQL': postgres });
  return [
    ...cells.flatMap(([name, list]) =>
      list.flatMap(({ problems }, round) => problems.map((problem) => `${name}, round ${round + 1}: ${problem}`)),
    ),
    ...(backlog?.problems ?? []).map((problem) => `the long queue: ${problem}`),
  ];
}
