const shortest = 500;
const longest = 15_000;

/**
 * Milliseconds before the next attempt.
 * @param attempt How many have failed in a row, from 1.
 * @param random From 0 to 1: pages that lost the same router do not come back in step.
 */
export function pauseBefore(attempt: number, random: number): number {
  const full = Math.min(longest, shortest * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full * (0.5 + random / 2));
}
