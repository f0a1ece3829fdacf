import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { fill } from './fill.ts';
import type { Lab } from './lab.ts';
import { crew, good, type Scenario } from './scenarios.ts';

/** Waits until the router says why it takes nothing, and senders are told. */
async function refuses(lab: Lab, why: RegExp): Promise<void> {
  const before = refusals(lab);
  const says = async (): Promise<boolean> => why.test((await lab.instances[0]?.readiness())?.body ?? '');
  await until(says, `/readyz says ${String(why)}`, 60_000);
  await until(() => refusals(lab) > before, 'senders are refused', 60_000);
}

function refusals(lab: Lab): number {
  return lab.events().filter((event) => event.kind === 'bounce' && event.condition === 'internal-server-error').length;
}

/** The same process takes messages again, by itself. */
async function recovers(lab: Lab, pid: number | undefined): Promise<void> {
  await lab.whole();
  if (lab.router.pid !== pid) throw new Error('the router was started again');
}

/** What breaks of a PostgreSQL while a router uses it. Nothing of it excuses a message that comes twice. */
export const databaseScenarios: readonly Scenario[] = [
  {
    name: 'the sessions of the router are ended while they write',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      for (let round = 0; round < 25; round += 1) {
        lab.generator.burst(lab.random.between(0, 60));
        await lab.database.endWriting();
        await sleep(lab.random.between(0, 300));
      }
    },
  },
  {
    name: 'the primary is killed, and its synchronous standby takes its place',
    options: { workers: crew(good, good, good) },
    cluster: 'replicated',
    async run(lab) {
      const { pid } = lab.router;
      await sleep(800);
      lab.generator.burst(300);
      await sleep(lab.random.between(0, 60));
      await lab.database.fail();
      await recovers(lab, pid);
      await sleep(1_000);
    },
  },
  {
    name: 'the machine with the primary and the active router is lost',
    options: { workers: crew(good, good, good), instances: 2 },
    cluster: 'replicated',
    async run(lab) {
      await sleep(800);
      const active = await lab.active();
      await lab.broken('a machine is lost', async () => {
        lab.generator.burst(300);
        await sleep(lab.random.between(0, 60));
        const killed = active.router.kill9();
        await lab.database.fail();
        await killed;
        await lab.whole();
      });
      await sleep(1_000);
    },
  },
  {
    name: 'the database is stopped for a while, and killed',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      const { pid } = lab.router;
      for (const how of ['stop', 'kill9'] as const) {
        await sleep(500);
        const cluster = await lab.database.writable();
        await cluster[how]();
        await refuses(lab, /cannot be reached/);
        await cluster.start();
        await recovers(lab, pid);
      }
    },
  },
  {
    name: 'the database takes no writes for a while',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      const { pid } = lab.router;
      await sleep(500);
      const cluster = await lab.database.writable();
      await cluster.set({ default_transaction_read_only: 'on' });
      await refuses(lab, /read-only|takes no writes/);
      await cluster.set({ default_transaction_read_only: 'off' });
      await recovers(lab, pid);
      await sleep(500);
    },
  },
  {
    name: 'the database has no room for a while',
    options: { workers: crew(good, good, good) },
    cluster: 'small',
    async run(lab, disk) {
      const { pid } = lab.router;
      for (let round = 0; round < 2; round += 1) {
        await sleep(500);
        const room = fill(join(disk ?? '', 'filler'));
        await refuses(lab, /no room/);
        room.free();
        await recovers(lab, pid);
      }
    },
  },
  {
    name: 'the disk with the log of the database is full',
    options: { workers: crew(good, good, good) },
    cluster: 'small-log',
    async run(lab, disk) {
      const { pid } = lab.router;
      await sleep(500);
      const cluster = await lab.database.writable();
      const room = fill(join(disk ?? '', 'filler'));
      lab.generator.burst(200);
      await lab.database.fillLog();
      await refuses(lab, /cannot be reached/);
      room.free();
      // Whoever looks after it makes room, and starts it: it does not come back by itself.
      await cluster.start();
      await recovers(lab, pid);
      await sleep(500);
    },
  },
  {
    name: 'a transaction is open all the time, and keeps vacuum from its work',
    options: { workers: crew({ ...good, work: [0, 0] }, { ...good, work: [0, 0] }) },
    async run(lab) {
      const end = await lab.database.holdBackVacuum();
      await sleep(1_000);
      const early = await lab.database.effort(() => sleep(2_500));
      for (let round = 0; round < 10; round += 1) {
        lab.generator.burst(200);
        await sleep(700);
      }
      const late = await lab.database.effort(() => sleep(2_500));
      await end();
      if (late.dead < 3 * early.messages) throw new Error(`vacuum was not kept from its work: ${late.dead} dead rows`);
      if (late.pages > 3 * early.pages + 20) {
        throw new Error(`a message touched ${early.pages} pages at first, and ${late.pages} later`);
      }
    },
  },
];
