import type { Finding } from './finding.ts';
import type { KeyPath } from './issue.ts';

/** Values that are designed but not built, by what they are values of. */
export const notYetValues = {
  driver: ['postgres'],
  guarantee: ['at-least-once'],
} as const;

/** Refuses at-least-once until there is a ledger: who builds it deletes this, and `guarantee` above. */
export function refuseAtLeastOnce(path: KeyPath, hintsOnly: boolean): Finding {
  return {
    level: 'error',
    path: [...path, 'delivery', hintsOnly ? 'hints' : 'guarantee'],
    also: [],
    problem: 'This is not in this version.',
    suggestion: hintsOnly ? 'Leave "at-least-once" out.' : 'Write "plain", or leave it out.',
  };
}
