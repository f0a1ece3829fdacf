import { deepEqual, ok } from 'node:assert/strict';
import { postgresMissing } from '../support/servers/postgres.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';
import { type Breakage, type BrokenBuild, breakBuild } from './lab/broken-build.ts';
import { Lab, type LabOptions, labServer } from './lab/lab.ts';
import { LabClusters, type RunDatabase } from './lab/lab-clusters.ts';
import type { Scenario } from './lab/scenarios.ts';
import { seedOf } from './lab/seed.ts';

/** What is broken, what shows it, and what the checker has to say of it. */
export interface BrokenCase {
  readonly name: string;
  readonly breakages: readonly Breakage[];
  readonly options: Scenario['options'];
  readonly run: (lab: Lab) => Promise<void>;
  /** What is wrong beside the problems of the checker. */
  readonly blame?: (lab: Lab) => string | undefined;
  readonly sees: RegExp;
}

/** @param postgres Whether routers store what they have in a PostgreSQL. */
export function describeBrokenBuilds(name: string, cases: readonly BrokenCase[], postgres = false): void {
  describe(name, function () {
    this.timeout(240_000);
    const clusters = new LabClusters();
    let server: XmppServer;
    let store: RunDatabase | undefined;
    let lab: Lab | undefined;
    let broken: BrokenBuild | undefined;

    before(async function () {
      const reason = prosodyMissing() ?? (postgres ? postgresMissing() : undefined);
      if (reason !== undefined) skip(this, reason);
      server = await startProsody({ ...labServer, kickOld: postgres });
    });

    afterEach(async () => {
      await lab?.close();
      await store?.remove();
      broken?.remove();
      [lab, store, broken] = [undefined, undefined, undefined];
    });

    after(async () => {
      await server?.remove();
      await clusters.remove();
    });

    async function place(): Promise<Pick<LabOptions, 'database'>> {
      if (!postgres) return {};
      const made = await clusters.database(undefined);
      if (typeof made === 'string') throw new Error(made);
      store = made;
      return { database: made.database };
    }

    async function problemsOf(each: BrokenCase, home: string | undefined): Promise<readonly string[]> {
      const { options, run, blame } = each;
      lab = await Lab.open(server, {
        ...options,
        seed: seedOf(1),
        guarantee: 'at-least-once',
        ...(await place()),
        ...(home === undefined ? {} : { home }),
      });
      lab.generator.begin(60);
      await run(lab);
      // A broken one may never come to an end.
      await lab.settle(home === undefined ? undefined : 8_000);
      const { problems } = await lab.verdict();
      const blamed = blame?.(lab);
      return blamed === undefined ? problems : [blamed, ...problems];
    }

    for (const each of cases) {
      it(`catches one that ${each.name}`, async () => {
        broken = breakBuild(each.breakages);
        const problems = await problemsOf(each, broken.home);
        ok(
          problems.some((problem) => each.sees.test(problem)),
          `found only: ${problems.slice(0, 5).join('; ')}`,
        );
      });

      // Whole routers in such runs are what the other suites are about; here they are in `npm run test:faults`.
      if (process.env['FAULT_ROUNDS'] === undefined) continue;
      it(`finds nothing in the same run without that: ${each.name}`, async () => {
        const problems = await problemsOf(each, undefined);
        deepEqual(problems, [], lab?.stories({ problems, lost: [] }));
      });
    }
  });
}
