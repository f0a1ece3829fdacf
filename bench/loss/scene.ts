import type { LabEvent } from '../../test/faults/lab/events.ts';

/** Milliseconds of work for a message, least and most: so many are with workers at any time. */
export const workTime: readonly [number, number] = [200, 400];

/** One way to share messages between two workers, running. */
export interface Scene {
  /** Sends at this pace from now on. */
  begin(perSecond: number): void;
  burst(count: number): void;
  /** SIGKILL to one of the two that do the work. */
  killInstance(): Promise<void>;
  /** Starts it again. */
  startInstance(): Promise<void>;
  /** SIGKILL to what shares the messages, and starts it again; `undefined` where that is the server itself. */
  readonly restartRouter: (() => Promise<void>) | undefined;
  /** Cuts the connection between the server and the component (one of two, where there are two), and waits until it is back. */
  cutLink(): Promise<void>;
  /** Sends no more, and waits until nothing comes any more. */
  settle(): Promise<void>;
  events(): readonly LabEvent[];
  close(): Promise<void>;
}

/** Waits until the logs do not grow any more. */
export async function untilQuiet(events: () => readonly LabEvent[], pause: () => Promise<void>): Promise<void> {
  let known = -1;
  while (events().length > known) {
    known = events().length;
    await pause();
  }
}
