import type { CannotAcknowledge } from '../../durable/levels.ts';

/** Why a member gets nothing new, or the weight that decides its share; `undefined` when there is nothing to say. */
export type Standing =
  | 'negative'
  | 'busy'
  | 'draining'
  | 'drained'
  | 'suspended'
  | CannotAcknowledge
  | number
  | undefined;

/** What a pool's presence says to a member, beside the label. */
export interface Told {
  readonly standing: Standing;
  readonly capacity: number | undefined;
  /** What is wrong with the member's wishes. */
  readonly problem: string | undefined;
  /** Version of the pool's capabilities. */
  readonly caps: string;
}

/** What a member's presence asks for of its label, and what is wrong with what it asks for. */
export interface Wished {
  readonly label: string | undefined;
  readonly problem: string | undefined;
}
