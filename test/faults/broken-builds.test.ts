import { until } from '../support/until.ts';
import { type BrokenCase, describeBrokenBuilds } from './describe-broken-builds.ts';
import { type Breakage, earlyWord } from './lab/broken-build.ts';
import type { Lab } from './lab/lab.ts';
import type { Manners } from './lab/manners.ts';

const good: Manners = { ack: 'processed', work: [0, 20] };

/** Takes a refusal for whatever attempt there is. */
const noComparison: Breakage = {
  file: 'core/durable/acknowledging.js',
  from: 'token.attempt !== delivery.attempt || ',
  to: '',
};

const takenAway = /^\S+ came again while \S+ had it, with time left$/;

/** How many messages senders were told of. */
function queued(lab: Lab): number {
  return lab.events().filter(({ kind }) => kind === 'queued').length;
}

const cases: readonly BrokenCase[] = [
  {
    name: 'accepts a message before it is on disk',
    breakages: [earlyWord],
    // A worker that is busy: what waits in the pool is nowhere else.
    options: { workers: { w1: { ...good, work: [300, 400] } }, delivery: { capacity: 5 } },
    // Killed as soon as it has said so, again and again: once is within the while.
    async run(lab) {
      for (let round = 0; round < 6; round += 1) {
        const before = queued(lab);
        lab.generator.burst(60);
        await until(() => queued(lab) >= before + 30, 'messages are queued');
        await lab.broken('the router is killed', async () => {
          await lab.router.kill9();
          await lab.startRouter();
        });
      }
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
    run: (lab) => lab.shows(takenAway, 60_000),
    sees: takenAway,
  },
];

describeBrokenBuilds('the checker of the fault suite, with a router that is broken on purpose', cases);
