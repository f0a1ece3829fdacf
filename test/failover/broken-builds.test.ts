import { type BrokenCase, describeBrokenBuilds } from '../faults/describe-broken-builds.ts';
import type { Breakage } from '../faults/lab/broken-build.ts';
import { expiryBlame, freeze, takeOver } from '../faults/lab/failover-scenarios.ts';
import type { Manners } from '../faults/lab/manners.ts';
import { until } from '../support/until.ts';

const good: Manners = { ack: 'processed', work: [0, 40] };

/** Writes whatever epoch it is of. */
const noFence: Breakage = {
  file: 'migrations/postgres/0003_write_batch.sql',
  from: '  perform from :schema.lease where epoch = of_epoch for key share;',
  to: '  perform from :schema.lease;',
};

/** Takes messages in though its lease may be over. */
const noGuard: Breakage = {
  file: 'app/standby/guarded-store.js',
  from: 'else if (this.#guard.sure())',
  to: 'else if (true)',
};

/** Goes by the clock of its own machine. */
const ownClock: Breakage = {
  file: 'app/standby/terms.js',
  from: 'wall: () => keeper.clock.now(),',
  to: 'wall: () => Date.now(),',
};

const cases: readonly BrokenCase[] = [
  {
    name: 'writes after it has lost the lease',
    breakages: [noFence, noGuard],
    options: { workers: { w1: good, w2: good }, instances: 2 },
    // Whether it writes before it has seen that its time is over is not for sure: it has many chances.
    async run(lab) {
      for (let round = 0; round < 15 && (await lab.database.audit()).problems.length === 0; round += 1)
        await freeze(lab);
    },
    sees: /^batch \d+ of epoch \d+ was committed under epoch \d+$/,
  },
  {
    name: 'goes by the clock of its own machine',
    breakages: [ownClock],
    // Workers that cannot keep up: what waits as the other takes over has most of its ten minutes left.
    options: {
      workers: { w1: { ...good, work: [150, 250] }, w2: { ...good, work: [150, 250] } },
      delivery: { ttl: '10m', capacity: 3 },
      instances: 2,
      hooks: [{}, { clock: { offset: 3_600_000, wrong: true } }],
      keepsLeases: true,
    },
    async run(lab) {
      const active = await lab.active();
      const waiting = () => active.router.metric('switchyard_pool_queue_messages', { state: 'ready' });
      await until(async () => (await waiting()) >= 20, 'messages wait');
      await takeOver(lab);
    },
    blame: expiryBlame,
    sees: /^\d+ expired though they had ten minutes$/,
  },
];

describeBrokenBuilds('the checker of the fault suite, with routers that share a database and are broken', cases, true);
