/** `npm run bench:spread`: one front over pools of other domains, and what the hop costs. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machine } from '../conditions.ts';
import { type Cell, inFlight, latencyRate, measure, pinning, type Scene, warmMessages } from './cell.ts';
import { report, spreadPage } from './page.ts';

const page = new URL('../../docs/benchmarks-spread.md', import.meta.url);
const usage = `npm run bench:spread -- [options]
  --rounds N   interleaved rounds, 5 unless told
  --quick      1 short round, for a first look
  --write      rewrites docs/benchmarks-spread.md`;

const scenes: readonly Scene[] = [false, true].flatMap((durable) =>
  [0, 1, 2, 4].map((behind) => ({
    title: behind === 0 ? 'direct workers' : `front over ${behind}`,
    behind,
    durable,
  })),
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(usage);
else await run();

async function run(): Promise<void> {
  const rounds = values.quick ? 1 : Math.max(1, Number(values.rounds));
  const seconds = values.quick ? 1 : 3;
  const apart = pinning(5).apart;
  const conditions = [
    ...machine(),
    ['Rounds', `${rounds}, interleaved; processes of their own for every one`],
    [
      'Timed phase',
      `${seconds} s after ${warmMessages} messages to each router with workers, ${inFlight} messages under way`,
    ],
    ['Latency', `at ${latencyRate} messages a second, from the sender to the worker`],
    ['Cores', apart ? 'each process has one of its own' : 'the hub has one; all routers share another'],
  ] as const;
  const cells = new Map<Scene, Cell[]>(scenes.map((scene) => [scene, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const scene of scenes) {
      const cell = await measure(scene, seconds);
      cells.get(scene)?.push(cell);
      console.log(
        `round ${round}: ${scene.durable ? 'at least once' : 'plain'}, ${scene.title}: ${Math.round(cell.perSecond)}/s, lost ${cell.lost}`,
      );
    }
  }
  console.log(`\n${report(cells)}`);
  if (values.write) writeFileSync(page, spreadPage(conditions, cells, apart));
}
