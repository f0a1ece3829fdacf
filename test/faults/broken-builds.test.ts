import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokenCase, describeBrokenBuilds } from './describe-broken-builds.ts';
import { type Breakage, earlyWord } from './lab/broken-build.ts';
import type { Manners } from './lab/manners.ts';

const good: Manners = { ack: 'processed', work: [0, 20] };

/** Takes a refusal for whatever attempt there is. */
const noComparison: Breakage = {
  file: 'core/durable/acknowledging.js',
  from: 'token.attempt !== delivery.attempt || ',
  to: '',
};

const cases: readonly BrokenCase[] = [
  {
    name: 'accepts a message before it is on disk',
    breakages: [earlyWord],
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
    breakages: [noComparison],
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

describeBrokenBuilds('the checker of the fault suite, with a router that is broken on purpose', cases);
