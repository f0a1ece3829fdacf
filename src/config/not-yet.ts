import { z } from 'zod';
import { notInThisVersion } from './leaves.ts';

/** A key whose feature is designed, but not part of this version. */
interface NotYetKey {
  /** The values that mean "without it", the default first; none when the key must be left out. */
  readonly neutral: readonly (string | readonly string[])[];
  /** What the key will decide, for the reference. */
  readonly description: string;
}

const perSticky = 'pools.*.sticky';
const perDelivery = 'pools.*.delivery';

/**
 * Every key and value that is designed but not built. A key is known, and refused with words
 * of its own unless it has a neutral value. Who builds the feature deletes the row and writes
 * the key into the schema.
 */
export const notYetKeys: Readonly<Record<string, Readonly<Record<string, NotYetKey>>>> = {
  [perSticky]: {
    bound: { neutral: ['off'], description: 'How much more than its share a worker may have before a key moves.' },
  },
  [perDelivery]: {
    guarantee: { neutral: ['plain'], description: 'How hard the pool tries: `plain` forwards once and keeps nothing.' },
    ack: { neutral: [], description: 'What counts as an acknowledgement.' },
    ackTimeout: { neutral: [], description: 'How long a worker has to acknowledge.' },
    maxAttempts: { neutral: [], description: 'After how many attempts a message is given up.' },
    ttl: { neutral: [], description: 'How long a message may wait.' },
    backoff: { neutral: [], description: 'Pauses between attempts.' },
    capacity: { neutral: [], description: 'How many messages a worker may hold.' },
    queue: { neutral: [], description: 'How much may wait, and what happens beyond it.' },
    ordering: { neutral: [], description: 'What is delivered in order.' },
    dedupeWindow: { neutral: [], description: 'How long a message is recognised when it is sent again.' },
  },
};

/** Values that are designed but not built, by what they are values of. */
export const notYetValues = {
  driver: ['postgres'],
} as const;

/** The schema of the keys that stand in the table for one section. */
export function notYet(section: 'pools.*.sticky' | 'pools.*.delivery') {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, row] of Object.entries(notYetKeys[section] ?? {})) shape[key] = keyOf(row);
  return shape;
}

function keyOf(row: NotYetKey) {
  const neutral = row.neutral.map((value) => JSON.stringify(value));
  const instead = neutral.length === 0 ? 'Leave this key out.' : `Write ${neutral.join(' or ')}, or leave it out.`;
  return z
    .unknown()
    .refine((value) => value === undefined || neutral.includes(JSON.stringify(value)), {
      error: () => notInThisVersion(instead),
    })
    .optional()
    .meta({
      description: `${row.description} Not in this version: ${neutral.length === 0 ? 'leave it out' : `only ${neutral.join(' or ')}`}.`,
      ...(row.neutral.length === 0 ? { not: {} } : { enum: row.neutral, default: row.neutral[0] }),
    });
}
