import { z } from 'zod';
import { algorithmNames } from '../../core/select/table.ts';
import { readPattern } from '../addresses.ts';
import { algorithm, algorithmWords } from '../algorithms.ts';
import { choice, complaint, duration, optionalText, reading, section, whole, wrongType } from '../leaves.ts';
import { percentOrOff } from '../percent.ts';
import { readRate } from '../rate.ts';
import { readStickyKey } from '../sticky-key.ts';
import { delivery } from './delivery.ts';
import { members } from './members.ts';
import { checkedKey, patterns } from './patterns.ts';
import { pubsub } from './pubsub.ts';
import { requestKeys } from './requests.ts';

const algorithmList = (example: string) =>
  z
    .array(algorithm, { error: wrongType('a list of algorithms', example) })
    .refine((list) => new Set(list).size === list.length, {
      error: () => complaint('An algorithm stands twice in this list.', 'Write each algorithm once.'),
    });

const cmr = section(
  {
    set: choice(['workers', 'admins', 'nobody'], {
      fallback: 'workers',
      description:
        "Who may change the pool's algorithm by XEP-0354: `workers` (and owners and admins), `admins` (and owners), `nobody`.",
    }),
    hints: algorithmList('["roundrobin", "mostactive"]').optional().meta({
      description:
        'Algorithms that a sender may choose for one message (XEP-0354 routing hints). Other hints are ignored and counted. `[]` for none. Default: what `offer` holds, without `all`.',
    }),
  },
  { example: '{ "set": "workers" }', description: 'Configurable message routing (XEP-0354).' },
);

const sticky = section(
  {
    key: reading(
      {
        fallback: 'from',
        kind: 'what the messages of one worker have in common',
        example: '"from"',
        description:
          "What `sticky` goes by: `from` the sender's bare JID, `thread` the thread, `{namespace}element` the text of a child of the message, `{namespace}element@attribute` one of its attributes. A message without it goes by the sender's bare JID.",
      },
      readStickyKey,
    ),
    bound: percentOrOff({
      example: '125%',
      min: 100,
      max: 10_000,
      description:
        'For at-least-once: how much of its fair share a worker may have, `100%` to `10000%`, before its keys go to another until it has less (two messages are never too many); or `off`.',
    }),
  },
  {
    example: '{ "key": "thread" }',
    description: 'For the algorithm `sticky`: which messages stay with the same worker.',
  },
);

const rateOf = (description: string) =>
  reading({ fallback: 'off', kind: 'a rate', example: '"100/s burst 500"', description }, readRate);

const rate = section(
  {
    perSender: rateOf(
      'Messages that one account may send: `100/s`, `30/m`, or with a burst, `100/s burst 500`. Without one the burst is the number before the slash. Copies count each; so do chat states and receipts. `all` to more workers than the burst is refused.',
    ),
    perDomain: rateOf('Messages that all accounts of one domain may send together.'),
    perWorker: rateOf('Messages that one worker may have passed on to senders.'),
  },
  {
    example: '{ "perSender": "100/s" }',
    description:
      'How fast messages may come. What is over a rate is refused with an error that says when to come back.',
  },
);

/** One pool. */
export const poolSchema = z
  .strictObject(
    {
      name: optionalText({
        example: '"Job queue"',
        description: 'Name for people; shown by service discovery. Default: the name in the address.',
      }),
      description: optionalText({
        example: '"Converts videos"',
        description: 'A sentence for people; shown by service discovery.',
      }),
      algorithm: algorithm.prefault('roundrobin').meta({
        description:
          'How the pool chooses among its workers, by short name or URN: `all` every one of highest priority, `mostactive` the most available one, `roundrobin` in turn, `weighted` in turn by weight, `leastbusy` the one with the fewest in flight for its weight, `sticky` the same one for the same key.',
        enum: [...algorithmWords],
      }),
      offer: algorithmList('["all", "roundrobin"]')
        .prefault([...algorithmNames()])
        .meta({
          description:
            'The algorithms that clients may choose among; holds `all` or `mostactive` (XEP-0354 section 5) and the `algorithm` of the pool.',
        }),
      workers: patterns({
        least: 0,
        description: 'Who may join and work. Empty for a pool that has none but static members.',
      }),
      members,
      senders: patterns({ least: 1, fallback: ['*'], description: 'Who may send.' }),
      owners: patterns({ least: 0, fallback: [], description: 'Who may manage the pool.' }),
      join: choice(['presence', 'subscription', 'both'], {
        fallback: 'presence',
        description:
          'How a worker joins: by `presence` sent to the pool, by `subscription` (its account adds the pool to its contacts; all its clients are workers then), or by `both`.',
      }),
      features: choice(['common', 'union', 'none'], {
        fallback: 'common',
        description:
          'What senders are told, by service discovery, of what the workers can do: what all of them can (`common`), what any of them can (`union`, at most 200 features), or `none`. It is taken from the capabilities that workers announce (XEP-0115); a worker that announces nothing can nothing.',
      }),
      identity: choice(['real', 'alias'], {
        fallback: 'real',
        description:
          'What workers see of a sender: `real` his own address, `alias` a name that says nothing, so that his address appears nowhere in what they get.',
      }),
      proxy: choice(['resource', 'localpart'], {
        fallback: 'resource',
        description:
          'Where the address that stands for a sender carries him: `resource` (`jobs@domain/sensor@host/r`) suits programs; `localpart` (`jobs+key@domain`) suits people, whose clients show one conversation for each bare address.',
      }),
      memberMessages: choice(['reject', 'route'], {
        fallback: 'reject',
        description:
          "A worker's message to its own pool: `reject` answers that it should reply to the sender's own address, `route` gives it to the other workers.",
      }),
      weights: z
        .record(
          checkedKey(readPattern),
          whole({ min: 1, max: 1000, example: '5', description: 'A weight, 1 to 1000.' }),
          {
            error: wrongType('an object of access patterns and weights', '{ "big@example.org": 5 }'),
          },
        )
        .prefault({})
        .meta({
          description:
            'Weights of workers for `weighted`, `leastbusy` and `sticky`, by access pattern, 1 to 1000. They win over the priority of the presence; a weight in the join presence wins over them.',
        }),
      sticky,
      rate,
      workWindow: duration({
        fallback: '10s',
        min: '100ms',
        max: '1h',
        description:
          'How long a message counts as in flight when nothing answers it. It orders workers; it never makes one ineligible.',
      }),
      cmr,
      headline: choice(['all', 'algorithm', 'reject'], {
        fallback: 'all',
        description: 'Messages of type headline: to `all` available workers, by the `algorithm`, or `reject`.',
      }),
      fanoutMax: whole({
        fallback: 1000,
        min: 1,
        max: 100_000,
        example: '1000',
        description: 'Most copies of one message; a message that would go to more workers is refused.',
      }),
      plainRetry: choice(['bounce', 'none'], {
        fallback: 'bounce',
        description:
          'A message that comes back from a worker as undeliverable within 30 seconds: `bounce` gives it to another worker, four times at most, so that now and then two may get it; `none` tells the sender, and keeps no message. The last 1 000 messages of a pool are remembered for it, and 4 MiB at most.',
      }),
      replyWindow: duration({
        fallback: '7d',
        min: '1m',
        max: '365d',
        description: 'How long a worker may answer a sender after a message of his was given to it.',
      }),
      publish: choice(['none', 'counts'], {
        fallback: 'none',
        description:
          'Whether everybody who may know of the pool is told how many workers it has and how many messages wait: `none` (only members, owners and admins are), `counts`.',
      }),
      ...requestKeys,
      pubsub,
      delivery,
    },
    { error: wrongType('an object', '{ "workers": ["worker@example.org"] }') },
  )
  .meta({ description: 'A pool: one address in front of many workers.' });
