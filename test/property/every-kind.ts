import { algorithmNames } from '../../src/core/select/table.ts';
import type { DeliverySettings, PoolSettings, ServiceSettings } from '../../src/core/settings.ts';
import { deliverySettings, poolSettings, serviceSettings } from '../router/house.ts';
import { domain } from './stanza-arbitrary.ts';

/** A pool of every kind, on a budget that holds much or next to nothing. */
export function everyKind(memory: number): ServiceSettings {
  const workers = ['*@work.example', '*@other.work'];
  const rate = { count: 2, period: 1_000, burst: 2 };
  const wider = { count: 4, period: 1_000, burst: 4 };
  const pools = [
    poolSettings({ workers, publish: 'counts' }),
    poolSettings({ name: 'sub', workers, join: 'subscription' }),
    poolSettings({ name: 'both', workers, join: 'both', algorithm: 'leastbusy', memberMessages: 'route' }),
    poolSettings({ name: 'masked', workers, identity: 'alias', algorithm: 'weighted' }),
    poolSettings({ name: 'local', workers, proxy: 'localpart', algorithm: 'mostactive' }),
    poolSettings({
      name: 'sticky',
      workers,
      algorithm: 'sticky',
      stickyKey: { by: 'element', namespace: 'urn:example:job', name: 'job', attribute: 'key' },
    }),
    poolSettings({ name: 'rated', workers, rate: { perSender: rate, perDomain: wider, perWorker: rate } }),
    poolSettings({
      name: 'fan',
      workers,
      algorithm: 'all',
      fanoutMax: 3,
      cmrHints: algorithmNames(),
      headline: 'reject',
    }),
    poolSettings({
      name: 'asks',
      workers,
      requests: { mode: 'proxy', namespaces: ['*'], timeout: 5_000, redirects: [] },
    }),
    poolSettings({
      name: 'veiled',
      workers,
      identity: 'alias',
      requests: { mode: 'redirect', namespaces: ['*'], timeout: 5_000, redirects: [] },
    }),
    poolSettings({ name: 'gone', workers, moved: { to: `jobs@${domain}`, permanent: false } }),
    poolSettings({
      name: 'feeds',
      workers,
      pubsub: [
        { service: 'far.example', node: '1', options: {}, split: 'item' },
        { service: 'b@far.example', node: 'true', options: { 'pubsub#deliver': ['1'] }, split: 'event' },
      ],
    }),
    poolSettings({ name: 'closed', workers: ['w1@work.example'], senders: ['a@far.example'], cmrSet: 'nobody' }),
  ];
  return serviceSettings(pools, { domain, memory });
}

/** The same pools, each of which keeps what it accepts until it is acknowledged, in one way or another. */
export function everyDurableKind(memory: number): ServiceSettings {
  const settings = everyKind(memory);
  return { ...settings, pools: settings.pools.map((pool, at) => ({ ...pool, delivery: durableWay(pool, at) })) };
}

function durableWay({ algorithm }: PoolSettings, at: number): DeliverySettings {
  const acks = ['receipt', 'processed', 'iq', 'auto'] as const;
  const small = { maxMessages: 5, maxBytes: 20_000, perSender: 0.5 };
  const orderings = algorithm === 'all' ? (['none'] as const) : (['none', 'sender', 'thread'] as const);
  return deliverySettings({
    guarantee: at % 5 === 4 ? 'plain' : 'at-least-once',
    hints: ['ttl'],
    ack: acks[at % acks.length] ?? 'auto',
    ordering: orderings[at % orderings.length] ?? 'none',
    capacity: 1 + (at % 3),
    ackTimeout: 2_000,
    maxAttempts: 3,
    ttl: 60_000,
    queue: { ...small, overflow: at % 2 === 0 ? 'reject' : 'dead-letter-oldest' },
    deadLetters: at % 3 === 0 ? 0 : 86_400_000,
  });
}
