import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';

/** Something that Switchyard promises, and whether this run has kept it. */
export interface Promised {
  readonly kept: boolean;
  /** With the figures that were counted. */
  readonly text: string;
}

/** What a scene works with. */
export interface Play {
  readonly stage: Stage;
  readonly screen: Screen;
  readonly abort: AbortSignal;
  /** A moment to read, on a terminal; no time at all elsewhere. */
  readonly breathe: () => Promise<void>;
}

/** One part of the demo: shows something, and says what it came to. */
export type Scene = (play: Play) => Promise<readonly Promised[]>;
