import { deepEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresMissing } from '../support/servers/postgres.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { breakBuild, earlyWord } from './lab/broken-build.ts';
import { LabClusters, type RunDatabase } from './lab/lab-clusters.ts';
import { seedOf } from './lab/seed.ts';
import { SpreadLab, type SpreadOptions, spreadServer } from './lab/spread-lab.ts';
import { killed, type SpreadScenario, spreadPairScenarios, spreadScenarios } from './lab/spread-scenarios.ts';

/** Messages a second of all senders together. */
const pace = 100;

const rounds = Number(process.env['FAULT_ROUNDS'] ?? 0);

type StartServer = (options: ServerOptions) => Promise<XmppServer>;

/**
 * A front over pools of two other domains, each a process of its own: what was accepted at the front is done, returned
 * or still there, whichever of them is killed. `npm run test:faults` runs every scenario.
 * @param inShort How many of them run in `npm test` too.
 */
export function describeSpreadFaults(
  name: string,
  missing: () => string | undefined,
  startServer: StartServer,
  inShort: number,
): void {
  describe(`at-least-once over pools that spread, under faults on ${name}`, function () {
    this.timeout(240_000);
    const open = benchOf(missing, startServer);
    for (const [round, scenario] of runsOf(spreadScenarios, inShort)) {
      it(scenario.name, async () => runScenario(await open(round, scenario.options), scenario));
    }
    if (rounds > 0) showsWhatIsLost(open);
  });
}

/** The same, with each of the pools behind the front in a PostgreSQL, which a pair of routers shares. */
export function describeSpreadPairFaults(
  name: string,
  missing: () => string | undefined,
  startServer: StartServer,
  inShort: number,
): void {
  describe(`at-least-once over pools that spread, under faults on ${name}, with PostgreSQL`, function () {
    this.timeout(300_000);
    const clusters = new LabClusters();
    const stores: RunDatabase[] = [];
    const open = benchOf(
      () => postgresMissing() ?? missing(),
      (options) => startServer({ ...options, kickOld: true }),
    );

    async function store(): Promise<RunDatabase['database']> {
      const made = await clusters.database(undefined);
      if (typeof made === 'string') throw new Error(made);
      stores.push(made);
      return made.database;
    }

    afterEach(async () => {
      for (const each of stores.splice(0)) await each.remove();
    });

    after(() => clusters.remove());

    for (const [round, scenario] of runsOf(spreadPairScenarios, inShort)) {
      it(scenario.name, async () => {
        const options = { ...scenario.options, databases: [await store(), await store()] } as const;
        await runScenario(await open(round, options), scenario);
      });
    }
  });
}

function runsOf(scenarios: readonly SpreadScenario[], inShort: number): (readonly [number, SpreadScenario])[] {
  if (rounds === 0) return scenarios.slice(0, inShort).map((scenario) => [1, scenario]);
  const numbers = Array.from({ length: rounds }, (_, index) => index + 1);
  return numbers.flatMap((round) => scenarios.map((scenario) => [round, scenario] as const));
}

type OpenLab = (round: number, options: Omit<SpreadOptions, 'seed'>) => Promise<SpreadLab>;

/** A server for a suite, and one lab after the other on it. */
function benchOf(missing: () => string | undefined, startServer: StartServer): OpenLab {
  let server: XmppServer;
  let lab: SpreadLab | undefined;

  before(async function () {
    const reason = missing();
    if (reason !== undefined) skip(this, reason);
    server = await startServer(spreadServer);
  });

  afterEach(async function () {
    const failed = this.currentTest?.state === 'failed';
    if (failed) process.stdout.write(`      the logs of the run are in ${lab?.folder ?? 'no folder'}\n`);
    await lab?.close(failed);
    lab = undefined;
  });

  after(() => server?.remove());

  return async (round, options) => {
    const seed = seedOf(round);
    process.stdout.write(`      FAULT_SEED=${seed}\n`);
    lab = await SpreadLab.open(server, { seed, ...options });
    return lab;
  };
}

async function runScenario(lab: SpreadLab, scenario: SpreadScenario): Promise<void> {
  lab.generator.begin(pace);
  await scenario.run(lab);
  await lab.settle();
  const verdict = await lab.verdict();
  const { sent, done, bounced, open, lost, unheard, repeats, problems } = verdict;
  process.stdout.write(
    `      ${sent} sent: ${done} done, ${bounced} returned, ${lost.length} lost, ${repeats} came again\n`,
  );
  deepEqual(problems.slice(0, 10), [], `${problems.length} problems; of the first:\n${lab.stories(verdict)}`);
  deepEqual([open, unheard.slice(0, 10)], [0, []], 'everything has come to an end');
  ok(done > 0);
}

/** The checker sees across the hop. */
function showsWhatIsLost(open: OpenLab): void {
  it('shows as lost what a pool behind the front did not have on its disk when it said so', async () => {
    const broken = breakBuild([earlyWord]);
    try {
      // Workers that are busy: what waits in the pool is nowhere else.
      const busy = { ack: 'processed', work: [300, 400] } as const;
      const lab = await open(1, { workers: [{ w1: busy }, { w2: busy }], capacity: 5, farHome: broken.home });
      lab.generator.begin(pace);
      await sleep(1_000);
      await killed(lab, lab.sites[0].service);
      await lab.settle(8_000);
      const { problems } = await lab.verdict();
      ok(
        problems.some((problem) => /^\S+ was accepted, and is lost$/.test(problem)),
        `found only: ${problems.slice(0, 5).join('; ')}`,
      );
    } finally {
      broken.remove();
    }
  });
}
