import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { choice, complaint, duration, reading, section, size, whole, wrongType } from '../leaves.ts';
import { percent } from '../percent.ts';

/** The keys of `pools.*.delivery` that stand for themselves; all others are about at-least-once. */
export const guaranteeKeys: ReadonlySet<string> = new Set(['guarantee', 'hints']);

const day = 86_400_000;

const hints = z
  .array(z.enum(['ttl', 'plain', 'at-least-once'], { error: wrongType('a hint', '"ttl"') }), {
    error: wrongType('a list of hints', '["ttl", "plain"]'),
  })
  .refine((list) => new Set(list).size === list.length, {
    error: () => complaint('A hint stands twice in this list.', 'Write each hint once.'),
  })
  .prefault(['ttl'])
  .meta({
    description:
      'What a sender may ask for with one message: `ttl` a shorter life than `ttl` says, `plain` or `at-least-once` another guarantee than the pool gives. What a sender may not ask for is refused, not ignored.',
  });

const backoff = section(
  {
    min: duration({ fallback: '1s', min: '100ms', max: '1h', description: 'The first pause.' }),
    max: duration({ fallback: '60s', min: '100ms', max: '1d', description: 'The longest pause.' }),
  },
  {
    example: '{ "min": "1s", "max": "60s" }',
    description:
      'Pauses before a message is given to a worker again: each is about twice the one before. At-least-once only.',
  },
);

const queue = section(
  {
    maxMessages: whole({
      fallback: 100_000,
      min: 1,
      max: 100_000_000,
      example: '100000',
      description: 'Most messages that are open in the pool: those that wait, and those that workers have.',
    }),
    maxBytes: size({
      fallback: '256MiB',
      min: '10000B',
      max: '1024GiB',
      description: 'Most that these take together, on the disk. At least `limits.stanza`.',
    }),
    perSender: percent({
      fallback: '10%',
      min: 1,
      max: 100,
      description: 'The share of either that one account may have, `1%` to `100%`.',
    }),
    overflow: choice(['reject', 'dead-letter-oldest'], {
      fallback: 'reject',
      description:
        'What happens to a message beyond these: `reject` refuses it, `dead-letter-oldest` takes it, and makes the one that has waited longest a dead letter.',
    }),
  },
  {
    example: '{ "maxMessages": 100000 }',
    description: 'How much may wait in the pool, in the store and not in memory. At-least-once only.',
  },
);

const deadLetters = reading(
  {
    fallback: '7d',
    kind: 'a duration with its unit, or "off"',
    example: '"7d"',
    description:
      'How long messages are kept that no worker took or that were given up, to be looked at and sent again. From 1m to 365d, or `off`: none are kept.',
  },
  (written) => {
    if (written === 'off') return { value: 0 };
    const value = parseDuration(written);
    const advice = 'Write "1m" to "365d", or "off".';
    if (value === undefined) return { complaint: complaint('This is no duration.', advice) };
    if (value >= 60_000 && value <= 365 * day) return { value };
    return { complaint: complaint('This duration is out of range.', advice) };
  },
);

/** How hard a pool tries (delivery.md). */
export const delivery = section(
  {
    guarantee: choice(['plain', 'at-least-once'], {
      fallback: 'plain',
      description:
        'How hard the pool tries: `plain` forwards once and keeps nothing; `at-least-once` stores a message before it is sent, and gives it to workers until one acknowledges it. The keys below are for `at-least-once` only. A pool that a reload makes `plain` still delivers what it has accepted.',
    }),
    hints,
    ack: choice(['auto', 'receipt', 'processed', 'iq'], {
      fallback: 'auto',
      description:
        "What counts as an acknowledgement: `receipt` the receipt of a client (XEP-0184), which may come before the work is done; `processed` the word of a worker that knows our namespace; `iq` the answer to a request, from a worker that knows it; `auto` the best that a worker can, of the first two. A worker that cannot gets nothing, and is told so in the pool's presence.",
    }),
    ackTimeout: duration({
      fallback: '30s',
      min: '1s',
      max: '1d',
      description:
        'How long a worker may take to acknowledge, unless it asks for more time; then another gets the message.',
    }),
    maxAttempts: whole({
      fallback: 5,
      min: 1,
      max: 1000,
      example: '5',
      description: 'How often a message is given to a worker before it is given up.',
    }),
    ttl: duration({
      fallback: '1d',
      min: '1s',
      max: '365d',
      description: 'How long a message lives that nobody acknowledges; then it is given up. At least `ackTimeout`.',
    }),
    backoff,
    capacity: whole({
      fallback: 10,
      min: 1,
      max: 10_000,
      example: '10',
      description:
        'How many messages a worker has at a time, unless its presence says another number. What is beyond it waits in the pool.',
    }),
    queue,
    ordering: choice(['none', 'sender', 'thread'], {
      fallback: 'none',
      description:
        'What is delivered in order, one after the other: nothing, the messages of one `sender` (bare JID), or of one `thread`. Not with the algorithm `all`.',
    }),
    dedupeWindow: duration({
      fallback: '1h',
      min: '0s',
      max: '7d',
      description:
        'How long a message is recognised when its sender sends it again with the same origin-id (XEP-0359); `0s` for not at all.',
    }),
    deadLetters,
  },
  { example: '{ "guarantee": "plain" }', description: 'How hard the pool tries to deliver.' },
);
