import { deepEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { prosodyMissing, startProsody } from '../support/prosody.ts';
import { skip } from '../support/skip.ts';
import type { XmppServer } from '../support/xmpp-server.ts';
import { type Breakage, type BrokenBuild, breakBuild } from './lab/broken-build.ts';
import type { Verdict } from './lab/checker.ts';
import { Lab, type LabOptions, labServer } from './lab/lab.ts';
import type { Manners } from './lab/manners.ts';
import { seedOf } from './lab/seed.ts';

const good: Manners = { ack: 'processed', work: [0, 20] };

/** Says that a message is stored, and stores it a while later. */
const earlyWord: Breakage = {
  file: 'app/core-out.js',
  from: 'commit(change, done) {',
  to: `commit(change, done) {
        if (change.op === 'accept' && done !== undefined) {
            queueMicrotask(() => done(undefined));
            setTimeout(() => this.commit(change), 400);
            return;
        }`,
};

/** Takes a refusal for whatever attempt there is. */
const noComparison: Breakage = {
  file: 'core/durable/acknowledging.js',
  from: 'token.attempt !== delivery.attempt || ',
  to: '',
};

/** What is broken, what shows it, and what the checker has to say of it. */
const cases: readonly {
  readonly name: string;
  readonly breakage: Breakage;
  readonly options: Pick<LabOptions, 'workers' | 'delivery'>;
  readonly run: (lab: Lab) => Promise<void>;
  readonly sees: RegExp;
}[] = [
  {
    name: 'accepts a message before it is on disk',
    breakage: earlyWord,
    // A worker that is busy: what waits in the pool is nowhere else.
    options: { workers: { w1: { ...good, work: [300, 400] } }, delivery: { capacity: 5 } },
    async run(lab) {
      await sleep(1_000);
      await lab.broken('the router is killed', async () => {
        await lab.router.kill9();
        await lab.startRouter();
      });
    },
    sees: /^\S+ was accepted, and is lost$/,
  },
  {
    name: 'takes a refusal of an attempt that is over',
    breakage: noComparison,
    options: {
      workers: {
        w1: { ...good, lateReject: 60 },
        w2: { ...good, lateReject: 60 },
        w3: { ...good, work: [1_500, 2_000] },
      },
      delivery: { capacity: 1_000, maxAttempts: 20 },
    },
    run: () => sleep(7_000),
    sees: /^\S+ came again while \S+ had it, with time left$/,
  },
];

describe('the checker of the fault suite, with a router that is broken on purpose', function () {
  this.timeout(240_000);
  let server: XmppServer;
  let lab: Lab | undefined;
  let broken: BrokenBuild | undefined;

  before(async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    server = await startProsody(labServer);
  });

  afterEach(async () => {
    await lab?.close();
    broken?.remove();
    [lab, broken] = [undefined, undefined];
  });

  after(() => server?.remove());

  async function verdictOf({ options, run }: (typeof cases)[number], home: string | undefined): Promise<Verdict> {
    lab = await Lab.open(server, {
      ...options,
      seed: seedOf(1),
      guarantee: 'at-least-once',
      ...(home === undefined ? {} : { home }),
    });
    lab.generator.begin(60);
    await run(lab);
    // A broken one may never come to an end.
    await lab.settle(home === undefined ? undefined : 8_000);
    return lab.verdict();
  }

  for (const each of cases) {
    it(`catches one that ${each.name}`, async () => {
      broken = breakBuild([each.breakage]);
      const { problems } = await verdictOf(each, broken.home);
      ok(
        problems.some((problem) => each.sees.test(problem)),
        `found only: ${problems.slice(0, 5).join('; ')}`,
      );
    });

    // Whole routers in such runs are what the other suites are about; here they are in `npm run test:faults`.
    if (process.env['FAULT_ROUNDS'] === undefined) continue;
    it(`finds nothing in the same run without that: ${each.name}`, async () => {
      const { problems } = await verdictOf(each, undefined);
      deepEqual(problems, [], lab?.stories({ problems, lost: [] }));
    });
  }
});
