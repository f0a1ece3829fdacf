import { setTimeout as sleep } from 'node:timers/promises';
import type { Hook } from './instance.ts';
import { good } from './scenarios.ts';
import type { Service } from './service.ts';
import type { SpreadLab, SpreadOptions } from './spread-lab.ts';

/** Something that breaks of a front and the pools behind it, and what has to come of it beside what always has to. */
export interface SpreadScenario {
  readonly name: string;
  readonly options: Pick<SpreadOptions, 'workers' | 'instances'>;
  /** Runs while messages are sent at a steady pace. */
  readonly run: (lab: SpreadLab) => Promise<void>;
}

const slow = { ...good, work: [100, 600] } as const;
const workers: SpreadOptions['workers'] = [
  { w1: good, w2: slow },
  { w3: good, w4: slow },
];

/** Kills what works of a service under traffic, and mends it. */
export async function killed(lab: SpreadLab, service: Service): Promise<void> {
  await sleep(lab.random.between(100, 600));
  const active = await service.active();
  lab.generator.burst(lab.random.between(20, 120));
  await sleep(lab.random.between(0, 60));
  await lab.broken(`${service.address} is killed`, async () => {
    await active.router.kill9();
    if (service.instances.length === 1) await active.start();
    await lab.whole();
  });
  // The other one of a pair has taken over, and this one stands by.
  if (service.instances.length > 1) await active.start({}, 'listening');
}

/** Has a router kill itself at a point of its own, and starts it again. */
async function killedAt(lab: SpreadLab, service: Service, kill: NonNullable<Hook['kill']>): Promise<void> {
  const [instance] = service.instances;
  await lab.broken(`${service.address} is killed`, async () => {
    await instance.router.kill9();
    // The point may come before it is ready.
    await instance.start({ kill }).catch(() => undefined);
  });
  const signal = await Promise.race([instance.router.ended(), sleep(30_000, undefined)]);
  if (signal !== 'SIGKILL') throw new Error(`nothing came to ${kill.point} of ${kill.op}`);
  await lab.broken(`${service.address} has killed itself`, async () => {
    await instance.start();
    await lab.whole();
  });
}

const points = ['before-commit', 'in-commit', 'after-commit', 'after-effect'] as const;

/** Kills at all points of one kind of change, at messages that the seed says. */
async function killedAtAll(lab: SpreadLab, service: Service, op: string): Promise<void> {
  for (const point of points) await killedAt(lab, service, { point, op, nth: lab.random.between(5, 40) });
}

export const spreadScenarios: readonly SpreadScenario[] = [
  {
    name: 'the front is killed, and a pool behind it',
    options: { workers },
    async run(lab) {
      await killed(lab, lab.front);
      await killed(lab, lab.sites[0].service);
      await sleep(200);
    },
  },
  {
    name: 'the front is killed, and each pool behind it, and so on',
    options: { workers },
    async run(lab) {
      for (let round = 0; round < 2; round += 1) {
        await killed(lab, lab.front);
        for (const { service } of lab.sites) await killed(lab, service);
      }
    },
  },
  {
    name: 'the front and a pool behind it are killed together',
    options: { workers },
    async run(lab) {
      for (const { service } of lab.sites) {
        await sleep(lab.random.between(300, 900));
        lab.generator.burst(200);
        await sleep(lab.random.between(0, 60));
        await lab.broken('both are killed', async () => {
          const both = [service.instances[0], lab.front.instances[0]];
          await Promise.all(both.map(({ router }) => router.kill9()));
          for (const each of both) await each.start();
          await lab.whole();
        });
      }
    },
  },
  {
    name: 'the front is killed about the acceptance of a message',
    options: { workers },
    run: (lab) => killedAtAll(lab, lab.front, 'accept'),
  },
  {
    name: 'the front is killed about the word that a message is at the next pool',
    options: { workers },
    run: (lab) => killedAtAll(lab, lab.front, 'ack'),
  },
  {
    name: 'a pool behind the front is killed about the acceptance of a message',
    options: { workers },
    run: (lab) => killedAtAll(lab, lab.sites[0].service, 'accept'),
  },
  {
    name: 'a pool behind the front is killed about an acknowledgement',
    options: { workers },
    run: (lab) => killedAtAll(lab, lab.sites[1].service, 'ack'),
  },
];

/** With each pool in a PostgreSQL, and the first of them held by a pair of routers. */
export const spreadPairScenarios: readonly SpreadScenario[] = [
  {
    name: 'the active router of a pair behind the front is killed, and the front',
    options: { workers, instances: 2 },
    async run(lab) {
      await killed(lab, lab.sites[0].service);
      await killed(lab, lab.front);
      await sleep(200);
    },
  },
  {
    name: 'the routers of a pair behind the front are killed, and all others, and so on',
    options: { workers, instances: 2 },
    async run(lab) {
      for (let round = 0; round < 3; round += 1) {
        for (const service of [lab.sites[0].service, lab.front, lab.sites[1].service]) await killed(lab, service);
      }
    },
  },
];
