import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findContradictions } from '../../../src/config/contradictions/contradictions.ts';
import { effectiveSettings } from '../../../src/config/effective.ts';
import { Layers } from '../../../src/config/layers.ts';
import { poolSchema } from '../../../src/config/schema/pool.ts';
import { configSchema } from '../../../src/config/schema/schema.ts';
import { deliverySettings } from '../../router/house.ts';
import { lines, load, minimal, withPool } from './fixture.ts';

const durable = { guarantee: 'at-least-once' };

/** What is read of a pool with these keys. */
const read = (pool: object) => poolSchema.parse({ workers: ['*'], ...pool });

/** What is wrong with a configuration, without the place. */
function wrong(content: object): readonly string[] {
  return lines(content).map((line) => line.split(' | ').slice(0, 4).join(' | '));
}

describe('pools.*.delivery', () => {
  it('has the defaults of the settings', () => {
    assert.deepEqual(read({}).delivery, deliverySettings());
    assert.deepEqual(load(minimal).config.service.pools[0]?.delivery, deliverySettings());
  });

  it('reads every key', () => {
    const delivery = {
      guarantee: 'at-least-once',
      hints: ['ttl', 'plain'],
      ack: 'processed',
      ackTimeout: '2m',
      maxAttempts: 3,
      ttl: '2h',
      backoff: { min: '500ms', max: '5m' },
      capacity: 50,
      queue: { maxMessages: 5000, maxBytes: '1GiB', perSender: '25%', overflow: 'dead-letter-oldest' },
      ordering: 'sender',
      dedupeWindow: '0s',
      deadLetters: 'off',
    };
    assert.deepEqual(read({ delivery }).delivery, {
      guarantee: 'at-least-once',
      hints: ['ttl', 'plain'],
      ack: 'processed',
      ackTimeout: 120_000,
      maxAttempts: 3,
      ttl: 7_200_000,
      backoff: { min: 500, max: 300_000 },
      capacity: 50,
      queue: { maxMessages: 5000, maxBytes: 1024 ** 3, perSender: 0.25, overflow: 'dead-letter-oldest' },
      ordering: 'sender',
      dedupeWindow: 0,
      deadLetters: 0,
    });
  });

  const bad: readonly [object, string][] = [
    [
      { guarantee: 'exactly-once' },
      'guarantee | "exactly-once" | This is none of the possible values. | Write "plain" or "at-least-once".',
    ],
    [{ hints: ['forever'] }, 'hints[0] | "forever" | This is not a hint. | Write a hint, such as "ttl".'],
    [{ hints: ['ttl', 'ttl'] }, 'hints | a list of 2 | A hint stands twice in this list. | Write each hint once.'],
    [
      { queue: { perSender: 0.1 } },
      'queue.perSender | 0.1 | This share has no percent sign. | Write a share in percent, such as "10%".',
    ],
    [{ queue: { perSender: '0%' } }, 'queue.perSender | "0%" | This share is out of range. | Write "1%" to "100%".'],
    [
      { queue: { perSender: '101%' } },
      'queue.perSender | "101%" | This share is out of range. | Write "1%" to "100%".',
    ],
    [{ queue: { perSender: 'all' } }, 'queue.perSender | "all" | This is no share. | Write a share, such as "10%".'],
    [{ deadLetters: 'never' }, 'deadLetters | "never" | This is no duration. | Write "1m" to "365d", or "off".'],
    [{ deadLetters: '30s' }, 'deadLetters | "30s" | This duration is out of range. | Write "1m" to "365d", or "off".'],
    [
      { deadLetters: '366d' },
      'deadLetters | "366d" | This duration is out of range. | Write "1m" to "365d", or "off".',
    ],
  ];
  for (const [delivery, expected] of bad) {
    it(`refuses ${JSON.stringify(delivery)}`, () => {
      assert.deepEqual(wrong(withPool({ delivery: { ...durable, ...delivery } })), [`pools.jobs.delivery.${expected}`]);
    });
  }

  it('is written in the environment key by key', () => {
    const env = { SWITCHYARD_POOLS__JOBS__DELIVERY__QUEUE__MAX_MESSAGES: '7' };
    const found = lines(minimal, { env }).map((line) => line.split(' | ').slice(0, 3).join(' | '));
    assert.deepEqual(found, [
      'pools.jobs.delivery.queue | an object | The pool is plain: it keeps no message, and nothing waits for a worker.',
    ]);
  });

  it('shows its defaults where they rule something', () => {
    const keys = (delivery: object) => {
      const layers = new Layers();
      layers.replaceRoot(withPool({ delivery }), new Map());
      const paths = effectiveSettings(layers).map(({ path }) => path);
      return paths.filter((path) => path.startsWith('pools.jobs.delivery.')).length;
    };
    assert.equal(keys({}), 1);
    assert.equal(keys({ hints: ['plain'] }), 2);
    assert.equal(keys(durable), 16);
    assert.equal(keys({ hints: ['at-least-once'] }), 16);
  });
});

describe('pools.*.sticky.bound', () => {
  it('is off, or a share from the fair one upwards', () => {
    const bound = (written?: string) => read({ sticky: { bound: written } }).sticky.bound;
    assert.equal(bound(), undefined);
    assert.equal(bound('off'), undefined);
    assert.equal(bound('100%'), 1);
    assert.equal(bound('125%'), 1.25);
  });

  const bad: readonly [unknown, string][] = [
    [1.25, '1.25 | This share has no percent sign. | Write "off" or a share in percent, such as "125%".'],
    ['99%', '"99%" | This share is out of range. | Write "100%" to "10000%".'],
    ['on', '"on" | This is no share. | Write a share, such as "125%".'],
  ];
  for (const [bound, expected] of bad) {
    it(`is not ${JSON.stringify(bound)}`, () => {
      const found = wrong(withPool({ sticky: { bound }, delivery: durable }));
      assert.deepEqual(found, [`pools.jobs.sticky.bound | ${expected}`]);
    });
  }
});

describe('promises that cannot be kept', () => {
  const plain = 'The pool is plain: it keeps no message, and nothing waits for a worker.';
  const instead = 'Remove it, or write "at-least-once" for "delivery.guarantee".';
  const cases: readonly [string, object, readonly string[]][] = [
    [
      'what a worker holds in a plain pool',
      withPool({ delivery: { guarantee: 'plain', capacity: 10, queue: { overflow: 'reject' } } }),
      [
        `pools.jobs.delivery.capacity | 10 | ${plain} | ${instead}`,
        `pools.jobs.delivery.queue | an object | ${plain} | ${instead}`,
      ],
    ],
    [
      'a bound of sticky in a plain pool',
      withPool({ sticky: { bound: '125%' } }),
      [`pools.jobs.sticky.bound | "125%" | ${plain} | ${instead}`],
    ],
    [
      'hints that ask a plain pool for what it has not',
      withPool({ delivery: { hints: ['ttl'] } }),
      [
        'pools.jobs.delivery.hints | a list of 1 | Every message of this pool is plain, so there is nothing that a sender could ask for. | Remove it, or add "at-least-once".',
      ],
    ],
    [
      'a store that forgets',
      { ...withPool({ delivery: durable }), store: { driver: 'memory' } },
      [
        'pools.jobs.delivery.guarantee | "at-least-once" | The store "memory" would lose, with the process, what the pool has accepted. | Write "sqlite" for "store.driver", or let the pool be plain.',
      ],
    ],
    [
      'a life shorter than the time for an acknowledgement',
      withPool({ delivery: { ...durable, ttl: '20s' } }),
      [
        'pools.jobs.delivery.ttl | "20s" | A message would be given up while its worker may still acknowledge it, 30s. | Write at least "30s", or lower "ackTimeout".',
      ],
    ],
    [
      'a first pause longer than the longest',
      withPool({ delivery: { ...durable, backoff: { max: '500ms' } } }),
      [
        'pools.jobs.delivery.backoff.min | nothing | The first pause is longer than the longest, 500ms. | Write at most "500ms", or raise "max".',
      ],
    ],
    [
      'a queue that the largest stanza does not fit into',
      withPool({ delivery: { ...durable, queue: { maxBytes: '400KiB' } } }),
      [
        'pools.jobs.delivery.queue.maxBytes | "400KiB" | The largest stanza, 480KiB, does not fit in. | Write at least "480KiB", or lower "limits.stanza".',
      ],
    ],
    [
      'a share that is less than one message',
      withPool({ delivery: { ...durable, queue: { maxMessages: 9 } } }),
      [
        'pools.jobs.delivery.queue.perSender | nothing | This share of 9 messages is less than one, so nobody could send. | Write a larger share, or raise "maxMessages".',
      ],
    ],
    [
      'order where everybody gets a copy',
      withPool({ algorithm: 'all', delivery: { ...durable, ordering: 'sender' } }),
      [
        'pools.jobs.delivery.ordering | "sender" | The algorithm "all" gives a message to many workers, each of which takes its time: there is no order. | Write "none", or another "algorithm".',
      ],
    ],
    [
      'dead letters that are not kept',
      withPool({ delivery: { ...durable, queue: { overflow: 'dead-letter-oldest' }, deadLetters: 'off' } }),
      [
        'pools.jobs.delivery.queue.overflow | "dead-letter-oldest" | No dead letters are kept, so that the oldest message would be lost. | Write "reject", or a duration for "deadLetters".',
      ],
    ],
  ];
  for (const [what, content, expected] of cases) {
    it(what, () => assert.deepEqual(wrong(content), expected));
  }

  it('a share that is less than the largest stanza is only doubtful', () => {
    const config = configSchema.parse(withPool({ delivery: { ...durable, queue: { maxBytes: '1MiB' } } }));
    const doubts = findContradictions(config, () => true).filter(({ level }) => level === 'warning');
    assert.deepEqual(
      doubts.map(({ path, problem }) => [path.join('.'), problem]),
      [['pools.jobs.delivery.queue.perSender', 'The largest stanza, 480KiB, is more than this share of 1MiB.']],
    );
  });

  describe('a share of accounts that are few', () => {
    const doubts = (senders: readonly string[], perSender?: string) => {
      const queue = perSender === undefined ? {} : { queue: { perSender } };
      const config = configSchema.parse(withPool({ senders, delivery: { ...durable, ...queue } }));
      return findContradictions(config, () => true)
        .filter(({ level }) => level === 'warning')
        .map(({ path, problem, suggestion }) => [path.join('.'), problem, suggestion]);
    };
    const place = 'pools.jobs.delivery.queue.perSender';

    it('is doubtful: nobody can fill the queue, as behind the pool of a front', () => {
      assert.deepEqual(doubts(['jobs@front.example.org']), [
        [
          place,
          'All messages come from one account, jobs@front.example.org, which may have 10% of the queue: the rest stays empty.',
          'Write "100%" where an account is a pool in front of this one.',
        ],
      ]);
      assert.deepEqual(doubts(['jobs@front.example.org', 'jobs@front2.example.org'], '40%'), [
        [
          place,
          'All messages come from 2 accounts, which may have 80% of the queue together: the rest stays empty.',
          'Write at least "50%", and "100%" where an account is a pool in front of this one.',
        ],
      ]);
    });

    it('is well where it is all of the queue, or where others may send', () => {
      assert.deepEqual(doubts(['jobs@front.example.org'], '100%'), []);
      assert.deepEqual(doubts(['jobs@front.example.org', 'jobs@front2.example.org'], '50%'), []);
      assert.deepEqual(doubts(['jobs@front.example.org', '*@example.org']), []);
      assert.deepEqual(doubts(['*']), []);
    });
  });

  it('where only some messages are at-least-once, the keys are for these', () => {
    const pool = withPool({ delivery: { hints: ['at-least-once'], capacity: 5 }, sticky: { bound: '150%' } });
    assert.deepEqual(
      findContradictions(configSchema.parse(pool), ([section]) => section === 'pools').filter(
        ({ level }) => level === 'error',
      ),
      [],
    );
  });
});
