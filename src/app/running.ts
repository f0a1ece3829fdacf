import type { LoadedConfig } from '../config/load.ts';
import type { CommandEnd } from '../core/commands/command.ts';

/** A router that runs. */
export interface Running {
  /** Where the HTTP listener is, or `undefined`. */
  readonly http: string | undefined;
  /** What it was started with: the configuration, and the pools that were made. */
  readonly loaded: LoadedConfig;
  /** Goes on with the settings of another configuration: those that need no restart. */
  apply(loaded: LoadedConfig): void;
  countReload(result: 'done' | 'failed'): void;
  /** As of `ServiceDesk`. */
  stepDown(): CommandEnd;
  /** Takes no more work, finishes what it has within `drainTimeout`, and lets go of everything. */
  stop(): Promise<void>;
}
