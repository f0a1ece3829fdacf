import type { KeyPath } from '../issue.ts';

/** Keys that are fine alone and make no sense together, or a value that is doubtful. */
export interface Finding {
  readonly level: 'error' | 'warning';
  /** The key to name. */
  readonly path: KeyPath;
  /** Every other key it depends on: when one of them is wrong by itself, the finding is not told. */
  readonly also: readonly KeyPath[];
  /** A sentence. */
  readonly problem: string;
  /** A sentence. */
  readonly suggestion: string;
}
