import { setTimeout as sleep } from 'node:timers/promises';
import { algorithmScenes } from './algorithms.ts';
import { killRouter, killWorker } from './failures.ts';
import type { Play, Promised } from './scene.ts';
import { type Output, Screen } from './screen.ts';
import { domain, pool, pools, type Stage, Stagehand } from './stage.ts';
import { showHowToAttach } from './stay.ts';

const breath = 1_200;

export interface QuickstartOptions {
  /** Whether everything keeps running after the demo, until it is interrupted. */
  readonly stay: boolean;
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C: whatever runs is broken off and cleaned up. */
  readonly abort: AbortSignal;
}

/**
 * The whole demo.
 * @returns 0 when every figure was as promised, 1 when one was not, 130 when it was interrupted.
 */
export async function quickstart({ stay, output, env, abort }: QuickstartOptions): Promise<number> {
  const screen = new Screen(output, env);
  let staying = false;
  const stagehand = new Stagehand((worker, _, body) => {
    if (staying) screen.say(`  ${worker.name} got "${body}"`);
  });
  const aborted = new Promise<void>((resolve) => {
    abort.addEventListener('abort', () => resolve(), { once: true });
  });
  const perform = async (): Promise<boolean> => {
    const stage = await stagehand.set();
    const promised = await performAll(makePlay(stage, screen, abort));
    summarize(screen, promised);
    if (stay) {
      staying = true;
      await showHowToAttach(stage, screen);
      await aborted;
    }
    const code = await stage.router.stop();
    screen.verdict(code === 0, `the router ended cleanly on SIGTERM (exit code ${code})`);
    return code === 0 && promised.every(({ kept }) => kept);
  };
  const brokenOff = aborted.then(() => (staying ? new Promise<never>(() => undefined) : undefined));
  showIdea(screen);
  try {
    const kept = await Promise.race([perform(), brokenOff]);
    if (kept === undefined) screen.mute();
    await stagehand.clear();
    if (kept === undefined) {
      screen.last('Interrupted: all processes are ended, the temporary folders are removed.');
      return 130;
    }
    closing(screen, kept);
    return kept ? 0 : 1;
  } finally {
    await stagehand.clear();
  }
}

function makePlay(stage: Stage, screen: Screen, abort: AbortSignal): Play {
  return {
    stage,
    screen,
    abort,
    async breathe() {
      if (screen.live) await sleep(breath, undefined, { signal: abort });
    },
  };
}

function showIdea(screen: Screen): void {
  screen.title('Switchyard: one address in front of many workers');
  screen.say(
    'A pool is an XMPP address. Senders write to it and need to know nothing more. Workers join it by sending it their presence. Switchyard, a component of your XMPP server, passes each message on to a worker, and brings the answer back to the sender.',
  );
  screen.quote(
    [
      'sender                      pool                        workers',
      '                                                    +-> worker@localhost/n1',
      `sensor@localhost/demo  -->  ${pool}  --+-> worker@localhost/n2`,
      '                                                    +-> worker@localhost/n3',
      '                                                    +-> worker@localhost/n4',
    ].join('\n'),
  );
  screen.say(
    'Now starting on 127.0.0.1, in temporary folders: a Prosody of its own, the router (dist/main.js run, with SQLite), four workers and a sender. A Prosody of yours is left alone.',
  );
}

async function performAll(play: Play): Promise<Promised[]> {
  await introduce(play);
  const promised: Promised[] = [];
  for (const scene of [...algorithmScenes, killWorker, killRouter]) {
    const outcome = await scene(play);
    for (const { kept, text } of outcome) {
      if (!kept) play.screen.verdict(kept, text);
    }
    promised.push(...outcome);
    await play.breathe();
  }
  return promised;
}

async function introduce({ stage, screen, breathe }: Play): Promise<void> {
  const { server, workers, sender } = stage;
  screen.say(
    `Prosody listens on port ${server.c2sPort} for clients and on ${server.componentPort} for components. What makes it serve the router is two lines of its configuration:`,
  );
  screen.quote(`Component "${domain}"\n    component_secret = "..."`);
  screen.say(
    "The pool is one entry of the router's component.config.json (docs/configuration.md tells what else can stand there):",
  );
  screen.quote(poolEntry());
  let joined = '';
  for (const worker of workers) joined = await worker.join(1);
  screen.say('The workers are logged in to Prosody and join by directed presence. Each sends:');
  screen.stanza(joined);
  screen.say('The sender needs the address alone. Each of its messages looks like this:');
  screen.stanza(sender.message('job-1'));
  await breathe();
}

function poolEntry(): string {
  const keys = Object.entries(pools.jobs).map(([key, value]) => `  "${key}": ${JSON.stringify(value)}`);
  return `"pools": { "jobs": {\n${keys.join(',\n')}\n} }`;
}

function summarize(screen: Screen, promised: readonly Promised[]): void {
  screen.title('What you have seen');
  for (const { kept, text } of promised) screen.verdict(kept, text);
}

function closing(screen: Screen, kept: boolean): void {
  screen.title(kept ? 'Every figure was as promised.' : 'Not every figure was as promised: see the lines marked NOT.');
  screen.say('All processes are ended, the temporary folders are removed.');
  screen.say(
    'Next: the section "With your own server" of README.md; examples/worker.mjs, examples/worker.py and examples/sender.mjs to copy from; npm run quickstart -- --stay to try it with a client of your own.',
  );
}
