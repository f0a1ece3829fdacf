import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from './checker.ts';
import { fill } from './fill.ts';
import type { Hook } from './instance.ts';
import type { Lab, LabOptions } from './lab.ts';
import type { ClusterKind } from './lab-clusters.ts';
import type { Manners } from './manners.ts';

/** Something that breaks under load, and what has to come of it beside what always has to. */
export interface Scenario {
  readonly name: string;
  readonly options: Pick<
    LabOptions,
    | 'workers'
    | 'ordered'
    | 'tellsOfDead'
    | 'delivery'
    | 'poisonEvery'
    | 'instances'
    | 'databaseWires'
    | 'standby'
    | 'hooks'
    | 'keepsLeases'
  >;
  /** Runs while messages are sent at a steady pace. @param disk Folder of the small disk, where there is one. */
  readonly run: (lab: Lab, disk: string | undefined) => Promise<void>;
  /** What is wrong with the outcome, in words; nothing when absent. */
  readonly blame?: (verdict: Verdict, lab: Lab) => Promise<string | undefined> | string | undefined;
  /** Wants a database on a disk of its own that can be filled: a file. */
  readonly smallDisk?: true;
  /** Wants clusters of its own. */
  readonly cluster?: ClusterKind;
}

export const good: Manners = { ack: 'processed', work: [0, 40], answer: 10 };
const odd: Manners = { ...good, twice: 10, elsewhere: 10, reject: 8, extend: 3, never: 2, late: 2, lateReject: 2 };
const plainClient: Manners = { ack: 'receipt', work: [0, 40], answer: 10, twice: 5, elsewhere: 5 };
const asked: Manners = { ack: 'iq', work: [0, 40], answer: 10 };
export const crew = (...all: readonly Manners[]) =>
  Object.fromEntries(all.map((manners, index) => [`w${index + 1}`, manners]));

/** Kills the router, and starts it again. */
async function restartRouter(lab: Lab): Promise<void> {
  await lab.broken('the router is killed', async () => {
    await lab.router.kill9();
    await lab.startRouter();
  });
}

/** Has the router kill itself at a point of its own, and starts it again. */
async function killAt(lab: Lab, kill: NonNullable<Hook['kill']>): Promise<void> {
  await lab.broken('the router is killed', async () => {
    await lab.router.kill9();
    // The point may come before it is ready.
    await lab.startRouter({ kill }).catch(() => undefined);
  });
  const signal = await Promise.race([lab.router.ended(), sleep(30_000, undefined)]);
  if (signal !== 'SIGKILL') throw new Error(`nothing came to ${kill.point} of ${kill.op}`);
  await lab.broken('the router has killed itself', () => lab.startRouter());
}

const points = ['before-commit', 'in-commit', 'after-commit', 'after-effect'] as const;

/** Kills at all points of one kind of change, at messages that the seed says. */
function killPoints(op: string): (lab: Lab) => Promise<void> {
  return async (lab) => {
    for (const point of points) await killAt(lab, { point, op, nth: lab.random.between(5, 60) });
  };
}

async function eachWorker(lab: Lab, work: (resource: string) => Promise<void>): Promise<void> {
  for (const resource of lab.crew.resources) {
    await work(resource);
    await sleep(lab.random.between(100, 500));
  }
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'nothing breaks, and workers have bad manners',
    options: { workers: crew(odd, odd, odd), delivery: { maxAttempts: 8 } },
    run: () => sleep(4_000),
  },
  {
    name: 'the router is killed at any time',
    options: { workers: crew(good, good, odd) },
    async run(lab) {
      for (let round = 0; round < 4; round += 1) {
        await sleep(lab.random.between(200, 1_200));
        lab.generator.burst(lab.random.between(0, 300));
        await sleep(lab.random.between(0, 40));
        await restartRouter(lab);
      }
    },
  },
  {
    name: 'the router is killed about the acceptance of a message',
    options: { workers: crew(good, good, plainClient), delivery: { ack: 'auto' } },
    run: killPoints('accept'),
  },
  {
    name: 'the router is killed about an acknowledgement',
    options: { workers: crew(good, good, good) },
    run: killPoints('ack'),
  },
  {
    name: 'the router is killed when a message is given back',
    options: { workers: crew({ ...good, reject: 30 }, { ...good, reject: 30 }, good), delivery: { maxAttempts: 20 } },
    run: killPoints('release'),
  },
  {
    name: 'the router is killed when a message is given to a worker again',
    options: { workers: crew({ ...good, reject: 30 }, { ...good, reject: 30 }, good), delivery: { maxAttempts: 20 } },
    run: killPoints('lease'),
  },
  {
    name: 'the router is killed when a message is given up',
    options: { workers: crew({ ...good, refuse: 30 }, { ...good, refuse: 30 }), tellsOfDead: true },
    async run(lab) {
      await killPoints('bury')(lab);
      await killPoints('keep')(lab);
    },
  },
  {
    name: 'the router is killed when a message is given up, and nothing keeps it',
    options: { workers: crew({ ...good, refuse: 30 }, { ...good, refuse: 30 }), delivery: { deadLetters: 'off' } },
    run: killPoints('bounce'),
  },
  {
    name: 'workers answer requests, and are killed as the router is',
    options: {
      workers: crew({ ...asked, reject: 10 }, { ...asked, twice: 10, refuse: 5 }, { ...asked, never: 3 }),
      delivery: { ack: 'iq', maxAttempts: 10 },
    },
    async run(lab) {
      await sleep(500);
      await restartRouter(lab);
      await sleep(500);
      await lab.crew.kill('w1');
      await lab.crew.rehire();
      await killAt(lab, { point: 'before-commit', op: 'ack', nth: 40 });
    },
  },
  {
    name: 'the router is stopped for a while',
    options: { workers: crew(good, good, odd) },
    async run(lab) {
      await sleep(500);
      await lab.broken('the router is stopped', async () => {
        lab.router.signal('SIGSTOP');
        await sleep(6_000);
        lab.router.signal('SIGCONT');
        await lab.whole();
      });
    },
  },
  {
    name: 'workers are killed',
    options: { workers: crew(good, good, odd, good) },
    run: (lab) =>
      eachWorker(lab, async (resource) => {
        await lab.crew.kill(resource);
        await sleep(lab.random.between(0, 2_500));
        await lab.crew.rehire();
      }),
  },
  {
    name: 'workers die after the receipt, before the work',
    options: {
      workers: crew({ ...plainClient, dieAfter: 20 }, { ...plainClient, dieAfter: 30 }, plainClient),
      delivery: { ack: 'receipt' },
    },
    async run(lab) {
      await sleep(3_000);
      await lab.crew.rehire();
      await sleep(2_000);
    },
  },
  {
    name: 'workers are stopped past their deadlines',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      for (const resource of ['w1', 'w2']) {
        lab.crew.pause(resource);
        await sleep(6_000);
        lab.crew.wake(resource);
        await sleep(500);
      }
    },
  },
  {
    name: 'workers come and go ten times a second',
    options: { workers: crew({ ...good, flap: 100 }, { ...good, flap: 70 }, good), delivery: { maxAttempts: 50 } },
    async run(lab) {
      await sleep(5_000);
      for (const resource of lab.crew.resources) lab.crew.teach(resource, good);
    },
  },
  {
    name: 'a worker refuses everything for a while',
    options: { workers: crew(good, good, good), delivery: { maxAttempts: 50 } },
    async run(lab) {
      await sleep(500);
      lab.crew.teach('w1', { ...good, work: [0, 0], reject: 100 });
      await sleep(4_000);
      lab.crew.teach('w1', good);
    },
  },
  {
    name: 'poison ends, and holds up nobody',
    options: { workers: crew(good, good, good), poisonEvery: 10, delivery: { maxAttempts: 3 } },
    run: () => sleep(3_000),
    blame: ({ sent, dead, bounced }) =>
      dead + bounced >= Math.floor(sent / 10) - 3 ? undefined : `of ${sent} only ${dead + bounced} were given up`,
  },
  {
    name: 'the link is cut',
    options: { workers: crew(good, good, odd) },
    async run(lab) {
      for (let round = 0; round < 4; round += 1) {
        await sleep(lab.random.between(200, 1_000));
        lab.generator.burst(lab.random.between(0, 200));
        await lab.broken('the link is cut', async () => {
          lab.wire.cut();
          await lab.whole();
        });
      }
    },
  },
  {
    name: 'the link is silent, and then cut',
    options: { workers: crew(good, good, odd) },
    async run(lab) {
      await sleep(500);
      await lab.broken('the link is silent', async () => {
        lab.wire.become({ kind: 'silent' });
        await sleep(7_000);
        lab.wire.become({ kind: 'whole' });
        lab.wire.cut();
        await lab.whole();
      });
    },
  },
  {
    name: 'the link is slow, and cuts characters in two',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      lab.wire.become({ kind: 'late', milliseconds: 200 });
      await sleep(2_500);
      lab.wire.become({ kind: 'pieces', bytes: 211, pause: 1 });
      await sleep(2_500);
      lab.wire.become({ kind: 'whole' });
    },
  },
  {
    name: 'the server is restarted, and killed',
    options: { workers: crew(good, good, good) },
    async run(lab) {
      await sleep(500);
      await lab.broken('the server is restarted', async () => {
        await lab.server.restart();
        await lab.whole();
      });
      await sleep(500);
      await lab.broken('the server is killed', async () => {
        await lab.server.kill9();
        await lab.server.start();
        await lab.whole();
      });
    },
  },
  {
    name: 'the clock jumps an hour and back',
    options: { workers: crew(good, good, { ...good, never: 20 }), delivery: { maxAttempts: 20 } },
    async run(lab) {
      await lab.broken('the clock is wrong', async () => {
        await lab.router.kill9();
        await lab.startRouter({ clock: { offset: 3_600_000 } });
        await sleep(500);
        lab.router.signal('SIGUSR2');
        await sleep(2_000);
        lab.router.signal('SIGUSR2');
        // Deadlines were told by the wrong clock.
        await lab.drained();
      });
    },
  },
  {
    name: 'the disk is full',
    options: { workers: crew(good, good, good) },
    smallDisk: true,
    async run(lab) {
      for (let round = 0; round < 2; round += 1) {
        await sleep(500);
        await lab.broken('the disk is full', async () => {
          const room = fill(`${lab.storeFile}.filler`);
          await sleep(2_000);
          room.free();
          await lab.whole();
        });
      }
    },
  },
  {
    name: 'order is kept whatever breaks',
    options: {
      workers: crew({ ...good, reject: 5, never: 1 }, { ...good, twice: 10 }, good),
      ordered: true,
      delivery: { maxAttempts: 20 },
    },
    async run(lab) {
      await sleep(1_000);
      await restartRouter(lab);
      await sleep(1_000);
      await lab.crew.kill('w3');
      await lab.crew.rehire();
      await lab.broken('the link is cut', async () => {
        lab.wire.cut();
        await lab.whole();
      });
      await killAt(lab, { point: 'in-commit', op: 'accept', nth: 30 });
      await sleep(1_000);
    },
  },
];
