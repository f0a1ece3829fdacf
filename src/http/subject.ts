import type { CommandEnd } from '../core/commands/command.ts';
import { refusalBody } from './refusal.ts';
import type { Viewer } from './viewer.ts';

/** One thing that is watched, by however many. */
export class Subject {
  readonly viewers = new Set<Viewer>();
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  /** Waits for its next turn. */
  timer: NodeJS.Timeout | undefined;
  /** The answer of its last turn has not come yet. */
  asked = false;
  /** Milliseconds that a turn costs, a mean of late. */
  cost = 0;
  #frame: Buffer | undefined;

  constructor(name: string, given: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.given = given;
  }

  /** The shortest time between two states that a viewer wants, in milliseconds. */
  get interval(): number {
    let shortest = Number.POSITIVE_INFINITY;
    for (const { interval } of this.viewers) shortest = Math.min(shortest, interval);
    return shortest;
  }

  /** Shows a new state to those who are due for one. A state that is that of before is no new one. */
  show(end: CommandEnd, now: number): void {
    const frame = Buffer.from(frameOf(end));
    if (this.#frame === undefined || !frame.equals(this.#frame)) this.#frame = frame;
    for (const viewer of this.viewers) viewer.offer(this.#frame, now);
  }

  /** Counts what a turn has cost; the first ones, of code that is not warm, weigh little later. */
  spent(milliseconds: number): void {
    this.cost = this.cost === 0 ? milliseconds : 0.7 * this.cost + 0.3 * milliseconds;
  }
}

/** An event of a stream: JSON has no line break. */
function frameOf(end: CommandEnd): string {
  return 'done' in end
    ? `event: state\ndata: ${JSON.stringify(end.done)}\n\n`
    : `event: refused\ndata: ${JSON.stringify(refusalBody(end))}\n\n`;
}
