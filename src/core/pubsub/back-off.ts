import { hashText, mix } from '../select/hash.ts';

/** The first and the longest pause after a failure, in milliseconds. */
const first = 1_000;
const longest = 300_000;

/**
 * How long to wait before the next try, in milliseconds: twice as long after each failure, up to
 * five minutes, less up to half of it. `name` and `now` decide how much, so that many that failed
 * together do not come back together.
 *
 * @param failures Failures in a row; 1 after the first.
 */
export function pauseAfter(failures: number, name: string, now: number): number {
  const most = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  return most * (1 - 0.5 * mix(hashText(name), now));
}

/** When a subscription that stands is looked at again, in milliseconds from now: every five minutes, spread in the same way. */
export function pauseWhileWell(name: string, now: number): number {
  return longest * (1 - 0.2 * mix(hashText(name), now));
}
