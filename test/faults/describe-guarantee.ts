import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { postgresMissing } from '../support/servers/postgres.ts';
import type { ServerOptions, XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { databaseScenarios } from './lab/database-scenarios.ts';
import { failoverScenarios } from './lab/failover-scenarios.ts';
import { Lab, type LabOptions, labServer } from './lab/lab.ts';
import { LabClusters, type RunDatabase } from './lab/lab-clusters.ts';
import { type Scenario, scenarios } from './lab/scenarios.ts';
import { seedOf } from './lab/seed.ts';
import { mountSmallDisk, type SmallDisk } from './lab/small-disk.ts';

/** Messages a second of all senders together. */
const pace = 120;

/** `npm run test:faults` runs every scenario with several seeds; `npm test` those that the suite names, with one. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 0);

type StartServer = (options: ServerOptions) => Promise<XmppServer>;

/**
 * What was accepted is done, returned, kept as a dead letter or still there, whatever breaks.
 * @param inShort Names of the scenarios that run in `npm test` too.
 */
export function describeGuarantee(
  name: string,
  missing: () => string | undefined,
  startServer: StartServer,
  inShort: readonly string[],
): void {
  const chosen = chosenOf(scenarios, inShort);
  describe(`at-least-once under faults on ${name}`, function () {
    this.timeout(240_000);
    const bench = new Bench(missing, startServer);
    let disk: SmallDisk | undefined;

    bench.hooks(() => {
      disk?.remove();
      disk = undefined;
    });

    for (const [round, scenario] of runsOf(chosen)) {
      it(scenario.name, async function () {
        const storeFile = scenario.smallDisk === true ? storeOnSmallDisk(this) : undefined;
        await bench.run(scenario, round, storeFile === undefined ? {} : { storeFile });
      });
    }

    function storeOnSmallDisk(context: Mocha.Context): string {
      const mounted = mountSmallDisk();
      if (typeof mounted === 'string') skip(context, mounted);
      disk = mounted;
      return join(mounted.folder, 'switchyard.db');
    }
  });
}

/** The same, with what is accepted in a PostgreSQL, and what breaks of that and of routers that share it. */
export function describeGuaranteeOnPostgres(
  name: string,
  missing: () => string | undefined,
  startServer: StartServer,
  inShort: readonly string[],
): void {
  const same = scenarios.filter(({ smallDisk }) => smallDisk !== true);
  const chosen = chosenOf([...databaseScenarios, ...failoverScenarios, ...same], inShort);
  describe(`at-least-once under faults on ${name}, with PostgreSQL`, function () {
    this.timeout(300_000);
    const clusters = new LabClusters();
    const bench = new Bench(
      () => postgresMissing() ?? missing(),
      // What is active may be half dead: the server gives its place to who comes.
      (options) => startServer({ ...options, kickOld: true }),
    );
    let store: RunDatabase | undefined;

    bench.hooks(async () => {
      await store?.remove();
      store = undefined;
    });

    after(() => clusters.remove());

    for (const [round, scenario] of runsOf(chosen)) {
      it(scenario.name, async function () {
        const made = await clusters.database(scenario.cluster);
        if (typeof made === 'string') skip(this, made);
        store = made;
        await bench.run(scenario, round, { database: made.database }, made.disk);
      });
    }
  });
}

function chosenOf(all: readonly Scenario[], inShort: readonly string[]): readonly Scenario[] {
  if (rounds > 0) return all;
  return inShort.map((name) => {
    const scenario = all.find((each) => each.name === name);
    if (scenario === undefined) throw new Error(`there is no scenario of that name: ${name}`);
    return scenario;
  });
}

function runsOf(chosen: readonly Scenario[]): (readonly [number, Scenario])[] {
  const numbers = Array.from({ length: Math.max(1, rounds) }, (_, index) => index + 1);
  return numbers.flatMap((round) => chosen.map((scenario) => [round, scenario] as const));
}

/** A server, and one run of a lab after the other on it. */
class Bench {
  readonly #missing: () => string | undefined;
  readonly #startServer: StartServer;
  #server: XmppServer | undefined;
  #lab: Lab | undefined;

  constructor(missing: () => string | undefined, startServer: StartServer) {
    this.#missing = missing;
    this.#startServer = startServer;
  }

  /** @param clear Removes what a run had beside its lab. */
  hooks(clear: () => Promise<void> | void): void {
    const open = (context: Mocha.Context): Promise<void> => this.#open(context);
    const close = (failed: boolean): Promise<void> => this.#close(failed);
    before(async function () {
      await open(this);
    });

    afterEach(async function () {
      await close(this.currentTest?.state === 'failed');
      await clear();
    });

    after(() => this.#server?.remove());
  }

  async run(scenario: Scenario, round: number, more: Partial<LabOptions>, disk?: string): Promise<void> {
    const seed = seedOf(round);
    process.stdout.write(`      FAULT_SEED=${seed}\n`);
    if (this.#server === undefined) throw new Error('there is no server');
    const options = { seed, guarantee: 'at-least-once' as const, ...scenario.options, ...more };
    this.#lab = await Lab.open(this.#server, options);
    await runScenario(this.#lab, scenario, disk);
  }

  async #open(context: Mocha.Context): Promise<void> {
    const reason = this.#missing();
    if (reason !== undefined) skip(context, reason);
    this.#server = await this.#startServer(labServer);
  }

  async #close(failed: boolean): Promise<void> {
    if (failed) process.stdout.write(`      the logs of the run are in ${this.#lab?.folder ?? 'no folder'}\n`);
    await this.#lab?.close(failed);
    this.#lab = undefined;
  }
}

async function runScenario(lab: Lab, scenario: Scenario, disk: string | undefined): Promise<void> {
  lab.generator.begin(pace);
  await scenario.run(lab, disk);
  await lab.settle();
  const verdict = await lab.verdict();
  const { sent, done, bounced, dead, open, lost, unheard, repeats, problems } = verdict;
  process.stdout.write(
    `      ${sent} sent: ${done} done, ${bounced} returned, ${dead} dead, ${lost.length} lost, ${repeats} came again\n`,
  );
  deepEqual(problems.slice(0, 10), [], `${problems.length} problems; of the first:\n${lab.stories(verdict)}`);
  deepEqual([open, unheard.slice(0, 10)], [0, []], 'everything has come to an end');
  ok(done > 0);
  equal(await scenario.blame?.(verdict, lab), undefined);
}
