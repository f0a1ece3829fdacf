import type { Destination } from './destination.ts';

/** Members that are, or belong, on one server; access patterns. */
export interface ServerRule {
  readonly members: readonly string[];
  readonly server: Destination;
}

/** What the operator decided about connection transfers; times in milliseconds. */
export interface TransferSettings {
  /** Access patterns: workers that take transfers although their clients do not say so. */
  readonly workers: readonly string[];
  /** Which server members are on, where they do not say it themselves. */
  readonly servers: readonly ServerRule[];
  /** Where members belong; they are told when they join. */
  readonly rules: readonly ServerRule[];
  /** How long a worker may finish what it has. */
  readonly drain: number;
  /** How long it may take to answer. */
  readonly answer: number;
  /** How long it may take to leave once it has said yes. */
  readonly leave: number;
  /** How long it may take to come back. */
  readonly back: number;
}
