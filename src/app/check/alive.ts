import type { InstanceView } from '../../store/shared.ts';

/** Milliseconds after its last word in which an instance counts as alive; far more than a pause between two beats. */
const aliveFor = 15_000;

/** @param now Of the database's clock, in epoch milliseconds. */
export function isAlive({ beat }: InstanceView, now: number): boolean {
  return now - beat < aliveFor;
}
