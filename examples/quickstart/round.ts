import { setTimeout as sleep } from 'node:timers/promises';
import type { Bar, Screen } from './screen.ts';
import type { Stage } from './stage.ts';

const interval = 150;
const redraw = 50;
/** When nothing has moved for so long, what is still open is lost. */
const patience = 2_000;

export interface RoundPlan {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly messages: number;
  readonly abort: AbortSignal;
  /** What stands beside a worker's name. */
  readonly caption?: (name: string) => string;
  /** Called before each message, with how many were sent. */
  readonly before?: (sent: number) => Promise<void>;
}

/** What a round came to, counted by the sender and the workers. */
export interface Tally {
  readonly sent: number;
  /** Messages that arrived, by worker. */
  readonly arrived: Readonly<Record<string, number>>;
  /** Messages that an answer came back for, and the answers in all. */
  readonly answered: number;
  readonly answers: number;
  /** Messages that came back to the sender as an error. */
  readonly refused: number;
  /** Ids that nothing came back for. */
  readonly lost: readonly string[];
}

/** Sends messages to the pool one after the other, and shows live who gets them. */
export async function playRound(plan: RoundPlan): Promise<Tally> {
  const { stage, screen, messages, abort } = plan;
  const { sender, workers } = stage;
  sender.forget();
  for (const worker of workers) worker.forget();
  const chart = screen.chart(messages);
  const show = (): void => chart.draw(bars(plan), footer(stage));
  for (let sent = 0; sent < messages; sent += 1) {
    await plan.before?.(sent);
    abort.throwIfAborted();
    await sender.send();
    await watch(interval, show, abort);
  }
  await settle(stage, show, abort);
  chart.finish(bars(plan), footer(stage));
  return tally(stage);
}

/** Waits until nobody has anything in hand, or nothing moves any more. */
async function settle(stage: Stage, show: () => void, abort: AbortSignal): Promise<void> {
  let moved = Date.now();
  let last = '';
  for (;;) {
    const { sender, workers } = stage;
    const state = [sender.answerCount(), sender.errors.size, ...workers.map(({ received }) => received.length)].join();
    if (state !== last) {
      last = state;
      moved = Date.now();
    }
    const idle = workers.every(({ killed, inHand }) => killed || inHand.size === 0);
    const still = Date.now() - moved;
    // A moment more even when all is answered: a copy too many must not be overlooked.
    if (still >= patience || (idle && sender.open().length === 0 && still >= 2 * interval)) return;
    await watch(redraw, show, abort);
  }
}

async function watch(time: number, show: () => void, abort: AbortSignal): Promise<void> {
  for (let spent = 0; spent < time; spent += redraw) {
    show();
    await sleep(Math.min(redraw, time - spent), undefined, { signal: abort });
  }
  show();
}

function bars({ stage, caption }: RoundPlan): Bar[] {
  return stage.workers.map(({ name, received, killed, priority }) => ({
    name,
    caption: caption?.(name) ?? `priority ${priority}`,
    count: received.length,
    note: killed ? 'killed' : '',
  }));
}

function footer({ sender }: Stage): string {
  const errors = sender.errors.size === 0 ? '' : `, ${sender.errors.size} came back as an error`;
  return `${sender.sent.length} sent, ${sender.answers.size} answered${errors}, ${sender.open().length} open`;
}

function tally({ sender, workers }: Stage): Tally {
  return {
    sent: sender.sent.length,
    arrived: Object.fromEntries(workers.map(({ name, received }) => [name, received.length])),
    answered: sender.answers.size,
    answers: sender.answerCount(),
    refused: [...sender.errors.keys()].filter((id) => !sender.answers.has(id)).length,
    lost: sender.open(),
  };
}
