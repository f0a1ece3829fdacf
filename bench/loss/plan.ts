import { setTimeout as sleep } from 'node:timers/promises';
import { ejabberdMissing, startEjabberd } from '../../test/support/servers/ejabberd.ts';
import { prosodyMissing, startProsody } from '../../test/support/servers/prosody.ts';
import { openBalanced } from './balanced.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Scene } from './scene.ts';
import { openSwitchyard } from './switchyard.ts';

/** Messages a second, and how many more at once when it breaks. */
export const pace = 100;
export const burst = 100;
/** Milliseconds that a killed worker stays away. */
export const away = 3_000;

/** A way to share messages, on a server. */
export interface Subject {
  readonly title: string;
  readonly server: 'Prosody' | 'ejabberd';
  readonly missing: () => string | undefined;
  readonly open: () => Promise<Scene>;
}

const servers = [
  { server: 'Prosody', missing: prosodyMissing, start: startProsody },
  { server: 'ejabberd', missing: ejabberdMissing, start: startEjabberd },
] as const;

/** In the order of the tables. */
export const subjects: readonly Subject[] = [
  ...servers.flatMap(({ server, missing, start }) => [
    {
      title: 'Switchyard, plain',
      server,
      missing,
      open: () => openSwitchyard(start, { guarantee: 'plain' }),
    },
    {
      title: 'Switchyard, at-least-once, sent once',
      server,
      missing,
      open: () => openSwitchyard(start, { guarantee: 'at-least-once', insists: false }),
    },
    {
      title: 'Switchyard, at-least-once, sent until `<queued/>`',
      server,
      missing,
      open: () => openSwitchyard(start, { guarantee: 'at-least-once' }),
    },
  ]),
  ...(['random', 'bare_source'] as const).map((type) => ({
    title: `two components, \`domain_balancing\` by \`${type}\``,
    server: 'ejabberd' as const,
    missing: ejabberdMissing,
    open: () => openBalanced(type),
  })),
];

/** What breaks. */
export interface Fault {
  readonly title: string;
  /** Whether it can be done to this at all. */
  readonly concerns: (scene: Scene) => boolean;
  readonly run: (scene: Scene) => Promise<void>;
}

export const faults: readonly Fault[] = [
  {
    title: `One of two workers is killed (kill -9), and started again after ${away / 1_000} s`,
    concerns: () => true,
    async run(scene) {
      await scene.killInstance();
      await sleep(away);
      await scene.startInstance();
    },
  },
  {
    title: 'The router is killed (kill -9), and started again at once',
    concerns: ({ restartRouter }) => restartRouter !== undefined,
    run: async ({ restartRouter }) => restartRouter?.(),
  },
  {
    title: 'The link to the server is cut, and made again by itself',
    concerns: () => true,
    run: (scene) => scene.cutLink(),
  },
];

/** One run of one fault; `undefined` where it does not concern this. */
export async function measure(subject: Subject, fault: Fault): Promise<Outcome | undefined> {
  const scene = await subject.open();
  try {
    if (!fault.concerns(scene)) return undefined;
    scene.begin(pace);
    await sleep(1_500);
    scene.burst(burst);
    // Some are with workers by now, some on their way.
    await sleep(30);
    await fault.run(scene);
    await sleep(1_500);
    await scene.settle();
    return outcomeOf(scene.events());
  } finally {
    await scene.close();
  }
}
