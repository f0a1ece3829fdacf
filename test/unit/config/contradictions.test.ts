import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lines, load, minimal, warnings, withComponent, withPool } from './fixture.ts';

const errors: readonly [string, object, readonly string[]][] = [
  [
    'an offer without all and mostactive',
    withPool({ offer: ['roundrobin'] }),
    [
      'pools.jobs.offer | a list of 1 | XEP-0354 section 5 asks every pool to offer "all" or "mostactive". | Add "all" or "mostactive" to the list.',
    ],
  ],
  [
    'a node of the component itself',
    withPool({ pubsub: [{ service: 'x@pools.example.org', node: 'n' }] }),
    [
      'pools.jobs.pubsub[0].service | "x@pools.example.org" | The component itself is no PubSub service. | Write the address of one, such as "pubsub.example.org".',
    ],
  ],
  [
    'a node that stands twice',
    withPool({
      pubsub: [
        { service: 'pubsub.example.org', node: 'n' },
        { service: 'PubSub.example.org', node: 'n' },
      ],
    }),
    [
      'pools.jobs.pubsub[1] | an object | The pool subscribes to this node twice, so that each event would come twice. | Remove one of them.',
    ],
  ],
  [
    'an algorithm that is not offered',
    withPool({ algorithm: 'weighted', offer: ['all', 'roundrobin'] }),
    [
      'pools.jobs.algorithm | "weighted" | The pool does not offer the algorithm that it runs. | Write "all" or "roundrobin", or add "weighted" to "offer".',
    ],
  ],
  [
    'the default algorithm when it is not offered',
    withPool({ offer: ['all'] }),
    [
      'pools.jobs.algorithm | nothing | The pool does not offer the algorithm that it runs. | Write "all", or add "roundrobin" to "offer".',
    ],
  ],
  [
    'an empty offer',
    withPool({ offer: [] }),
    [
      'pools.jobs.offer | an empty list | XEP-0354 section 5 asks every pool to offer "all" or "mostactive". | Add "all" or "mostactive" to the list.',
      'pools.jobs.algorithm | nothing | The pool does not offer the algorithm that it runs. | Add "roundrobin" to "offer".',
    ],
  ],
  [
    'a hint that is not offered',
    withPool({ offer: ['all', 'roundrobin'], cmr: { hints: ['all', 'urn:xmpp:cmr:weighted'] } }),
    [
      'pools.jobs.cmr.hints[1] | "urn:xmpp:cmr:weighted" | The pool does not offer this algorithm. | Remove it, or add "weighted" to "offer".',
    ],
  ],
  [
    "workers in the component's own domain",
    withPool({ workers: ['*@Pools.example.org', 'pools.example.org/x', '*@example.org'] }),
    [
      'pools.jobs.workers[0] | "*@Pools.example.org" | An address of the component itself cannot join a pool. | Write an address of another domain.',
      'pools.jobs.workers[1] | "pools.example.org/x" | An address of the component itself cannot join a pool. | Write an address of another domain.',
    ],
  ],
  [
    "senders in the component's own domain",
    withPool({ senders: ['*', '**@pools.example.org'] }),
    [
      'pools.jobs.senders[1] | "**@pools.example.org" | An address of the component itself cannot send to a pool. | Write an address of another domain.',
    ],
  ],
  [
    'a name that leaves no room for the senders beside it',
    { ...minimal, pools: { ['x'.repeat(997)]: { ...minimal.pools.jobs, proxy: 'localpart' } } },
    [
      `pools.${'x'.repeat(997)}.proxy | "localpart" | With the name of this pool, the addresses of its senders would be too long. | Write "resource", or give the pool a name of at most 996 bytes.`,
    ],
  ],
  [
    'a reply window shorter than the work window',
    withPool({ workWindow: '1h', replyWindow: '5m' }),
    [
      'pools.jobs.replyWindow | "5m" | A worker could not answer a message that still counts as in flight, 1h. | Write at least "1h", or lower "workWindow".',
    ],
  ],
  [
    'two pool names that mean one address',
    { ...minimal, pools: { jobs: { workers: ['*'] }, JOBS: { workers: ['*'] } } },
    ['pools.JOBS | an object | This is the same address as "jobs": both mean "jobs". | Remove one of the two.'],
  ],
  [
    'two weights for one address',
    withPool({ weights: { 'a@b': 1, 'A@B': 2 } }),
    ['pools.jobs.weights["A@B"] | 2 | This is the same address as "a@b": both mean "a@b". | Remove one of the two.'],
  ],
  [
    'a first pause longer than the longest',
    withComponent({ reconnect: { min: '2m' } }),
    [
      'component.reconnect.min | "2m" | The first pause is longer than the longest, 1m. | Write at most "1m", or raise "max".',
    ],
  ],
  [
    'a test of the link that outlasts the next',
    withComponent({ pingTimeout: '1m' }),
    [
      'component.pingTimeout | "1m" | The next test of the link, after 30s, would begin before this one has failed. | Write at most "30s", or raise "keepalive".',
    ],
  ],
  [
    'buffers that hold no stanza',
    { ...minimal, limits: { outBuffer: '64KiB', memory: '1MiB', stanza: '400KiB' } },
    [
      'limits.outBuffer | "64KiB" | The largest stanza, 400KiB, does not fit in. | Write at least "400KiB", or lower "stanza".',
    ],
  ],
  [
    'both secret and secretFile',
    withComponent({ secretFile: 'x' }),
    ['component.secretFile | "x" | There are both "secret" and "secretFile". | Remove one of the two.'],
  ],
  [
    'neither secret nor secretFile',
    withComponent({ secret: undefined }),
    ['component.secret | nothing | There is no secret. | Write "secret" or "secretFile".'],
  ],
];

const doubts: readonly [string, object, readonly string[]][] = [
  [
    'a stanza limit above that of Prosody',
    { ...minimal, limits: { stanza: '513KiB' } },
    [
      'limits.stanza | "513KiB" | Prosody closes the whole link at a stanza above 512KiB. | Write at most "480KiB", or raise component_stanza_size_limit in Prosody as well.',
    ],
  ],
  [
    'a stanza limit close to that of Prosody',
    { ...minimal, limits: { stanza: '481KiB' } },
    [
      'limits.stanza | "481KiB" | This is close to 512KiB, above which Prosody closes the whole link. | Write at most "480KiB", or raise component_stanza_size_limit in Prosody as well.',
    ],
  ],
  [
    'a store that forgets',
    { ...minimal, store: { driver: 'memory' } },
    [
      'store.driver | "memory" | Workers and preferences are forgotten when the router ends. | Write "sqlite" to keep them.',
    ],
  ],
  [
    'metrics for the whole network',
    { ...minimal, http: { listen: '[::]:8600' } },
    [
      'http.listen | "[::]:8600" | Other machines can reach this address, and its health and metrics ask for no password. | Write "127.0.0.1:8600", or keep others away by a firewall.',
    ],
  ],
  [
    'no pool',
    { ...minimal, pools: {} },
    [
      'pools | an object | There is no pool, so nobody can send anything. | Write a pool, such as "jobs": { "workers": ["worker@example.org"] }.',
    ],
  ],
  [
    'weights where nothing weighs',
    withPool({ offer: ['all', 'roundrobin'], weights: { 'a@b': 2 } }),
    [
      'pools.jobs.weights | an object | Weights matter to "weighted", "leastbusy" and "sticky" only, and this pool offers none of them. | Remove them, or add one of these to "offer".',
    ],
  ],
  [
    'the secret of the example',
    withComponent({ secret: 'change-me' }),
    [
      'component.secret | a text (not shown) | This is the secret of the example, known to everyone. | Write a secret of your own here and into the configuration of the server.',
    ],
  ],
];

describe('the configuration refuses', () => {
  for (const [what, content, expected] of errors) {
    it(what, () => assert.deepEqual(lines(content).map(withoutPlace), expected));
  }
});

describe('the configuration warns of', () => {
  for (const [what, content, expected] of doubts) {
    it(what, () => assert.deepEqual(warnings(content).map(withoutPlace), expected));
  }

  it('nothing when metrics stay on loopback', () => {
    for (const listen of ['127.0.0.1:0', '127.1.2.3:1', '[::1]:8600', 'localhost:8600', 'off']) {
      assert.deepEqual(load({ ...minimal, http: { listen } }).warnings, []);
    }
  });
});

function withoutPlace(line: string): string {
  return line.split(' | ').slice(0, 4).join(' | ');
}
