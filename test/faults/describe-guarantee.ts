import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { skip } from '../support/skip.ts';
import type { ServerOptions, XmppServer } from '../support/xmpp-server.ts';
import { Lab, labServer } from './lab/lab.ts';
import { type Scenario, scenarios } from './lab/scenarios.ts';
import { seedOf } from './lab/seed.ts';
import { mountSmallDisk, type SmallDisk } from './lab/small-disk.ts';

/** Messages a second of all senders together. */
const pace = 120;

/** `npm run test:faults` runs every scenario with several seeds; `npm test` those that the suite names, with one. */
const rounds = Number(process.env['FAULT_ROUNDS'] ?? 0);

/**
 * What was accepted is done, returned, kept as a dead letter or still there, whatever breaks.
 * @param inShort Names of the scenarios that run in `npm test` too.
 */
export function describeGuarantee(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  inShort: readonly string[],
): void {
  const chosen = rounds > 0 ? scenarios : scenarios.filter((scenario) => inShort.includes(scenario.name));
  describe(`at-least-once under faults on ${name}`, function () {
    this.timeout(240_000);
    let server: XmppServer;
    let lab: Lab | undefined;
    let disk: SmallDisk | undefined;
    let failed = false;

    before(async function () {
      const reason = missing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer(labServer);
    });

    afterEach(async function () {
      failed = this.currentTest?.state === 'failed';
      if (failed) process.stdout.write(`      the logs of the run are in ${lab?.folder ?? 'no folder'}\n`);
      await lab?.close(failed);
      disk?.remove();
      [lab, disk] = [undefined, undefined];
    });

    after(() => server?.remove());

    it('knows the scenarios that it is to run', () => {
      if (rounds === 0) equal(chosen.length, inShort.length);
    });

    for (let round = 1; round <= Math.max(1, rounds); round += 1) {
      for (const scenario of chosen) {
        it(scenario.name, async function () {
          const seed = seedOf(round);
          process.stdout.write(`      FAULT_SEED=${seed}\n`);
          const storeFile = scenario.smallDisk === true ? storeOnSmallDisk(this) : undefined;
          lab = await Lab.open(server, {
            seed,
            guarantee: 'at-least-once',
            ...scenario.options,
            ...(storeFile === undefined ? {} : { storeFile }),
          });
          await runScenario(lab, scenario);
        });
      }
    }

    function storeOnSmallDisk(context: Mocha.Context): string {
      const mounted = mountSmallDisk();
      if (typeof mounted === 'string') skip(context, mounted);
      disk = mounted;
      return join(mounted.folder, 'switchyard.db');
    }
  });
}

async function runScenario(lab: Lab, scenario: Scenario): Promise<void> {
  lab.generator.begin(pace);
  await scenario.run(lab);
  await lab.settle();
  const verdict = await lab.verdict();
  const { sent, done, bounced, dead, open, lost, unheard, repeats, problems } = verdict;
  process.stdout.write(
    `      ${sent} sent: ${done} done, ${bounced} returned, ${dead} dead, ${lost.length} lost, ${repeats} came again\n`,
  );
  deepEqual(problems.slice(0, 10), [], `${problems.length} problems; of the first:\n${lab.stories(verdict)}`);
  deepEqual([open, unheard.slice(0, 10)], [0, []], 'everything has come to an end');
  ok(done > 0);
  equal(scenario.blame?.(verdict), undefined);
}
