import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Hook, Instance } from './instance.ts';
import type { Lab } from './lab.ts';
import { crew, good, type Scenario } from './scenarios.ts';

const hour = 3_600_000;
/** Does what it is given in its own time: at any moment it has something. */
const slow = { ...good, work: [500, 2_500] } as const;

/** Waits until one that was active, or is new, says that another is. */
async function standsBy(instance: Instance): Promise<void> {
  const isSo = async (): Promise<boolean> => (await instance.readiness())?.body.includes('"standby"') === true;
  await until(isSo, 'an instance stands by', 60_000);
}

/** Ends the active router and waits for the other; the first is there again at the end. @param hook Of the new one. */
export async function takeOver(lab: Lab, hook: Hook = {}): Promise<void> {
  const active = await lab.active();
  lab.generator.burst(lab.random.between(0, 100));
  await sleep(lab.random.between(0, 40));
  await lab.broken('the active router is killed', async () => {
    await active.router.kill9();
    await lab.whole();
  });
  await active.start(hook, 'listening');
  await standsBy(active);
}

/**
 * Whether an instance has taken the place of one that is stopped. Where the server keeps the link of that one too, it is
 * given a part of what comes, and the new one says so.
 */
async function replaces(instance: Instance): Promise<boolean> {
  const answer = await instance.readiness();
  return answer?.status === 200 || answer?.body.includes('another or dead connection') === true;
}

/** Stops the active router under traffic until the other has its place, and wakes it. */
export async function freeze(lab: Lab): Promise<void> {
  const active = await lab.active();
  await lab.broken('the active router is stopped', async () => {
    lab.generator.burst(200);
    active.router.signal('SIGSTOP');
    await until(() => replaces(lab.otherThan(active)), 'the other takes over', 60_000);
    await sleep(500);
    active.router.signal('SIGCONT');
    await standsBy(active);
    await lab.whole();
  });
}

function epochsBlame(least: number): NonNullable<Scenario['blame']> {
  return async (_verdict, lab) => {
    const { epochs } = await lab.database.audit();
    return epochs >= least ? undefined : `of ${least} takeovers or more the database saw ${epochs - 1}`;
  };
}

/** One link for all, as far as connections to the server tell. */
async function oneLink(lab: Lab): Promise<void> {
  const links = (): number => lab.instances.reduce((sum, { wire }) => sum + wire.connections, 0);
  await until(
    () => links() === 1,
    () => `${links()} links remain`,
    60_000,
  );
}

/** Whether messages expired in a run that was far shorter than the ten minutes that they had. */
export function expiryBlame(lab: Lab): string | undefined {
  const expired = lab
    .events()
    .filter((event) => event.kind === 'bounce' && event.condition === 'recipient-unavailable');
  return expired.length === 0 ? undefined : `${expired.length} expired though they had ten minutes`;
}

/** A router whose clock is wrong from its start on, beside one whose clock is right. */
function skewed(name: string, offset: number): Scenario {
  const wrong: Hook = { clock: { offset, wrong: true } };
  return {
    name,
    options: {
      workers: crew(slow, slow, slow),
      delivery: { ttl: '10m', ackTimeout: '4s', capacity: 200 },
      instances: 2,
      hooks: [wrong],
      keepsLeases: true,
    },
    async run(lab) {
      // From the wrong clock to the right one, and back.
      for (const hook of [wrong, {}]) {
        await sleep(800);
        await takeOver(lab, hook);
      }
      await sleep(800);
    },
    blame: (verdict, lab) => expiryBlame(lab) ?? epochsBlame(3)(verdict, lab),
  };
}

/** What breaks under routers that share a PostgreSQL, beside what breaks under all. */
export const failoverScenarios: readonly Scenario[] = [
  {
    name: 'the active router is killed, and the other, and so on',
    options: { workers: crew(good, slow, good), instances: 2, keepsLeases: true },
    async run(lab) {
      for (let round = 0; round < 4; round += 1) {
        await sleep(lab.random.between(200, 1_000));
        await takeOver(lab);
      }
      await oneLink(lab);
    },
    blame: epochsBlame(5),
  },
  {
    name: 'the active router is stopped for longer than the lease, and wakes',
    options: { workers: crew(good, slow, good), instances: 2, keepsLeases: true },
    async run(lab) {
      for (let round = 0; round < 2; round += 1) {
        await sleep(lab.random.between(300, 800));
        await freeze(lab);
        await oneLink(lab);
      }
    },
    blame: epochsBlame(3),
  },
  {
    name: 'the active router does not reach the database, and the other does',
    options: {
      workers: crew(good, slow, good),
      instances: 2,
      databaseWires: true,
      standby: { holdover: '1s' },
      keepsLeases: true,
    },
    async run(lab) {
      await sleep(500);
      const active = await lab.active();
      await lab.broken('the active router does not reach the database', async () => {
        lab.generator.burst(100);
        for (const wire of active.databaseWires) wire.become({ kind: 'silent' });
        await until(() => lab.otherThan(active).isReady(), 'the other takes over', 60_000);
        await sleep(1_000);
        for (const wire of active.databaseWires) wire.become({ kind: 'whole' });
        await standsBy(active);
        await lab.whole();
      });
      await oneLink(lab);
      await sleep(500);
    },
    blame: epochsBlame(2),
  },
  skewed('the clock of one router is an hour ahead', hour),
  skewed('the clock of one router is an hour behind', -hour),
  {
    name: 'the clock of the only router jumps an hour ahead and back',
    options: {
      workers: crew(slow, slow, slow),
      delivery: { ttl: '10m', capacity: 200 },
      hooks: [{ clock: { offset: hour } }],
    },
    // Nothing of it excuses a message that comes twice.
    async run(lab) {
      for (let round = 0; round < 4; round += 1) {
        await sleep(1_000);
        lab.router.signal('SIGUSR2');
      }
      await sleep(1_000);
    },
    blame: ({ bounced }) => (bounced === 0 ? undefined : `${bounced} were returned`),
  },
];
