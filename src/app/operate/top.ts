import { emitKeypressEvents } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiTarget } from '../../http/client.ts';
import { watchApi } from '../../http/watch-client.ts';
import type { LoadRequest } from '../load.ts';
import { complain, readProblem, targetOf } from './api.ts';
import { type Order, orders, type Picture, readPicture, topLines } from './top-view.ts';

export interface TopRequest {
  readonly load: LoadRequest;
  /** Milliseconds between two pictures. */
  readonly interval: number;
  readonly order: Order;
  /** One picture with rates, and no more; what a terminal is not needed for. */
  readonly once: boolean;
}

/** Where the live view shows itself, and hears keys. */
export interface Terminal {
  readonly width: number;
  readonly height: number;
  write(text: string): void;
  /** Told of every key by its name; returns what ends that. */
  keys(pressed: (name: string) => void): () => void;
}

/** Pause before a router that went is looked for again, in milliseconds. */
const pause = 1_000;
const alternate = { on: '\u001b[?1049h\u001b[?25l', off: '\u001b[?25h\u001b[?1049l' };
const [home, toEndOfLine, toEndOfScreen] = ['\u001b[H', '\u001b[K', '\u001b[J'];
/** How wide lines are where there is no terminal. */
const wide = 200;

/** Shows how the pools of the router that runs are doing, live. Returns the exit code. */
export async function top(request: TopRequest): Promise<number> {
  const target = targetOf(request.load, 'read');
  if (target === undefined) return 2;
  if (request.once || !process.stdout.isTTY) return await once(target, request);
  return await live(target, request, terminal());
}

/** Two pictures, for the rates between them. */
async function once(target: ApiTarget, { interval, order }: TopRequest): Promise<number> {
  let before: Picture | undefined;
  const problem = await watch(target, interval, (picture) => {
    if (before === undefined) {
      before = picture;
      return true;
    }
    const frame = { width: process.stdout.columns ?? wide, height: Number.POSITIVE_INFINITY };
    process.stdout.write(`${topLines(picture, before, order, frame).join('\n')}\n`);
    return false;
  }).ended;
  if (problem !== undefined) complain(problem.text);
  return problem === undefined ? 0 : 1;
}

async function live(target: ApiTarget, request: TopRequest, screen: Terminal): Promise<number> {
  let { order } = request;
  let [now, before]: (Picture | undefined)[] = [];
  let trouble: string | undefined;
  const draw = (): void => {
    const { width, height } = screen;
    const lines = now === undefined ? [] : topLines(now, before, order, { width, height: height - 1 });
    const foot = trouble ?? `sorted by ${order}; ${orders.map((each) => `${each[0]} ${each}`).join('  ')}  q quit`;
    const text = [...lines, foot.slice(0, width)].map((line) => line + toEndOfLine).join('\r\n');
    screen.write(home + text + toEndOfScreen);
  };
  const quit = new AbortController();
  const unhook = screen.keys((name) => {
    if (name === 'q') return quit.abort();
    order = orders.find((each) => each[0] === name) ?? order;
    draw();
  });
  screen.write(alternate.on);
  let problem: Problem | undefined;
  try {
    while (!quit.signal.aborted) {
      const watching = watch(target, request.interval, (picture) => {
        [before, now, trouble] = [now, picture, undefined];
        draw();
        return true;
      });
      quit.signal.addEventListener('abort', watching.stop);
      problem = await watching.ended;
      // A refusal stays one; a router that is gone may come back.
      if (problem === undefined || problem.final) break;
      trouble = `${problem.text} Trying again; q quits.`;
      draw();
      await sleep(pause, undefined, { signal: quit.signal }).catch(() => undefined);
    }
  } finally {
    unhook();
    screen.write(alternate.off);
  }
  if (problem?.final !== true) return 0;
  complain(problem.text);
  return 1;
}

interface Problem {
  readonly text: string;
  /** Trying again does not help. */
  readonly final: boolean;
}

/** Watches the overview until `take` says that it is enough, or `stop` is called, or something is wrong. */
function watch(
  target: ApiTarget,
  interval: number,
  take: (picture: Picture) => boolean,
): { readonly stop: () => void; readonly ended: Promise<Problem | undefined> } {
  let finish: (problem: Problem | undefined) => void = () => undefined;
  const ended = new Promise<Problem | undefined>((resolve) => {
    const stop = watchApi(target, `/v1/watch/service.overview?interval=${interval}`, {
      event: ({ name, data }) => {
        const picture = name === 'state' ? readPicture(data) : undefined;
        if (picture === undefined) {
          finish({
            text: problemIn(data) ?? "The router's answer makes no sense: is it of another version?",
            final: true,
          });
        } else if (!take(picture)) finish(undefined);
      },
      end: (reason) => {
        if (reason instanceof Error) resolve({ text: `Cannot reach the router: ${reason.message}.`, final: false });
        else resolve({ text: problemIn(reason.body) ?? `The router answers ${reason.status}.`, final: true });
      },
    });
    finish = (problem) => {
      stop();
      resolve(problem);
    };
  });
  return { stop: () => finish(undefined), ended };
}

function problemIn(text: string): string | undefined {
  try {
    return readProblem(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The terminal of this process. */
function terminal(): Terminal {
  const { stdin, stdout } = process;
  return {
    get width() {
      return stdout.columns;
    },
    get height() {
      return stdout.rows;
    },
    write: (text) => void stdout.write(text),
    keys: (pressed) => {
      const hear = (_: unknown, { name = '', ctrl = false }: { name?: string; ctrl?: boolean }): void => {
        pressed(ctrl && name === 'c' ? 'q' : name);
      };
      emitKeypressEvents(stdin);
      if (stdin.isTTY) stdin.setRawMode(true);
      stdin.on('keypress', hear).resume();
      return () => {
        stdin.off('keypress', hear).pause();
        if (stdin.isTTY) stdin.setRawMode(false);
      };
    },
  };
}
