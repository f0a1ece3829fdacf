import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lines, load, minimal, withPool } from './fixture.ts';

const status = 'urn:example:status';

function withPools(pools: Readonly<Record<string, object>>): object {
  const whole = Object.entries(pools).map(([name, pool]) => [name, { ...minimal.pools.jobs, ...pool }]);
  return { ...minimal, pools: Object.fromEntries(whole) };
}

function redirecting(to: string, more: object = {}): Readonly<Record<string, unknown>> {
  return { iq: 'redirect', iqNamespaces: [status], redirects: { [status]: { to, ...more } } };
}

function movedTo(to: string): object {
  return { moved: { to } };
}

const errors: readonly [string, object, readonly string[]][] = [
  [
    'requests of no namespace',
    withPool({ iq: 'proxy' }),
    [
      'pools.jobs.iq | "proxy" | Nothing says which requests these are. | Add "iqNamespaces", such as ["urn:example:status"], or ["*"] for all that may be passed on.',
    ],
  ],
  [
    'namespaces where requests are refused',
    withPool({ iqNamespaces: ['*'] }),
    [
      'pools.jobs.iqNamespaces | a list of 1 | The pool refuses requests, so these mean nothing. | Remove them, or write "redirect" or "proxy" for "iq".',
    ],
  ],
  [
    'namespaces that are never passed on',
    withPool({ iq: 'proxy', iqNamespaces: [status, 'vcard-temp', 'http://jabber.org/protocol/commands'] }),
    [1, 2].map(
      (n) =>
        `pools.jobs.iqNamespaces[${n}] | ${n === 1 ? '"vcard-temp"' : '"http://jabber.org/protocol/commands"'} | Requests of this namespace are never passed on: the pool answers them, or they are about an account. | Remove it.`,
    ),
  ],
  [
    'a namespace that is none',
    withPool({ iq: 'proxy', iqNamespaces: ['urn:a b'] }),
    ['pools.jobs.iqNamespaces[0] | "urn:a b" | This is no namespace. | Write one, such as "urn:example:status".'],
  ],
  [
    'rules in a pool that does not redirect',
    withPool({ iq: 'proxy', iqNamespaces: ['*'], redirects: { [status]: { to: 'a@b.example' } } }),
    [
      'pools.jobs.redirects | an object | These rules are for pools that redirect. | Remove them, or write "redirect" for "iq".',
    ],
  ],
  [
    'a rule for a namespace that the pool does not take',
    withPool({ iq: 'redirect', iqNamespaces: ['urn:other'], redirects: { [status]: { to: 'a@b.example' } } }),
    [
      'pools.jobs.redirects["urn:example:status"] | an object | The pool takes no requests of this namespace. | Remove the rule, or add the namespace to "iqNamespaces".',
    ],
  ],
  [
    'a changed query that nobody is known to read',
    withPool(redirecting('a@b.example', { namespace: 'urn:other' })),
    [
      'pools.jobs.redirects["urn:example:status"] | an object | The query is changed, and nobody is known to read such a redirect: all would be refused. | Add "understoodBy", or leave the query as it is.',
    ],
  ],
  [
    'readers of a query that is not changed',
    withPool(redirecting('a@b.example', { understoodBy: ['*'] })),
    [
      'pools.jobs.redirects["urn:example:status"].understoodBy | a list of 1 | The query stays as it is, and every client may follow such a redirect. | Remove this key.',
    ],
  ],
  [
    'a redirect to the pool itself',
    withPool(redirecting('Jobs@pools.example.org')),
    [
      'pools.jobs.redirects["urn:example:status"].to | "Jobs@pools.example.org" | The pool would redirect to itself. | Write another address.',
    ],
  ],
  [
    'a redirect to no pool of ours, or to a worker of one',
    withPools({ a: redirecting('none@pools.example.org'), b: redirecting('a@pools.example.org/~one') }),
    ['none@pools.example.org', 'a@pools.example.org/~one'].map(
      (to, n) =>
        `pools.${n === 0 ? 'a' : 'b'}.redirects["urn:example:status"].to | "${to}" | What is at "${to}", or where that leads, takes no such requests. | Write the address of another pool, or one of another domain.`,
    ),
  ],
  [
    'a redirect to a pool that takes no such requests',
    withPools({ a: redirecting('b@pools.example.org'), b: {} }),
    [
      'pools.a.redirects["urn:example:status"].to | "b@pools.example.org" | What is at "b@pools.example.org", or where that leads, takes no such requests. | Write the address of another pool, or one of another domain.',
    ],
  ],
  [
    'redirects in a circle',
    withPools({ a: redirecting('b@pools.example.org'), b: redirecting('a@pools.example.org') }),
    ['a', 'b'].map(
      (name) =>
        `pools.${name}.redirects["urn:example:status"].to | "${name === 'a' ? 'b' : 'a'}@pools.example.org" | The redirects from here go round in a circle. | Write an address outside of it.`,
    ),
  ],
  [
    'four redirects in a row',
    withPools({
      a: redirecting('b@pools.example.org'),
      b: redirecting('c@pools.example.org'),
      c: movedTo('d@pools.example.org'),
      d: { iq: 'redirect', iqNamespaces: ['*'] },
    }),
    [
      'pools.a.redirects["urn:example:status"].to | "b@pools.example.org" | More than 3 redirects follow each other from here, and clients stop after 3. | Write the address where they end.',
    ],
  ],
  [
    'a pool that has moved, and takes requests',
    withPool({ moved: { to: 'jobs@elsewhere.example' }, iq: 'proxy', iqNamespaces: ['*'] }),
    [
      'pools.jobs.iq | "proxy" | A pool that has moved takes no requests. | Remove "iq", "iqNamespaces" and "redirects".',
    ],
  ],
  [
    'a pool that has moved to itself, or to nothing of ours',
    withPools({ a: movedTo('a@pools.example.org'), b: movedTo('pools.example.org') }),
    [
      'pools.a.moved.to | "a@pools.example.org" | The pool cannot move to itself. | Write another address.',
      'pools.b.moved.to | "pools.example.org" | What is at "pools.example.org", or where that leads, is no pool. | Write the address of another pool, or one of another domain.',
    ],
  ],
  [
    'pools that have moved in a circle, or too often',
    withPools({
      a: movedTo('b@pools.example.org'),
      b: movedTo('a@pools.example.org'),
      c: movedTo('d@pools.example.org'),
      d: movedTo('e@pools.example.org'),
      e: movedTo('f@pools.example.org'),
      f: movedTo('x@elsewhere.example'),
    }),
    [
      ...['a', 'b'].map(
        (name) =>
          `pools.${name}.moved.to | "${name === 'a' ? 'b' : 'a'}@pools.example.org" | The redirects from here go round in a circle. | Write an address outside of it.`,
      ),
      'pools.c.moved.to | "d@pools.example.org" | More than 3 redirects follow each other from here, and clients stop after 3. | Write the address where they end.',
    ],
  ],
  [
    'a move for good to nowhere',
    withPool({ moved: { permanent: true } }),
    ['pools.jobs.moved.permanent | true | Nothing says where the pool has moved to. | Add "to", or remove this key.'],
  ],
  [
    'addresses that are none',
    withPool({ ...redirecting('a b@c'), moved: { to: '@x' } }),
    [
      'pools.jobs.redirects["urn:example:status"].to | "a b@c" | This is no JID: the localpart "a b" holds a space, a control character or a symbol. | Write one, such as "pool@other.example.org".',
      'pools.jobs.moved.to | "@x" | This is no JID: the localpart "" is empty. | Write one, such as "pool@other.example.org".',
    ],
  ],
  [
    'names of attributes that are none, or not for rules to change',
    withPool(redirecting('a@b.example', { attributes: { xmlns: 'urn:x' }, understoodBy: ['*'] })),
    [
      'pools.jobs.redirects["urn:example:status"].attributes.xmlns | the key "xmlns" | This is no name of an attribute. | Write a name without a prefix, such as "node".',
    ],
  ],
];

describe('the configuration of requests', () => {
  for (const [name, content, wanted] of errors) {
    it(`refuses ${name}`, () => {
      const found = lines(content).map((line) => line.split(' | ').slice(0, 4).join(' | '));
      assert.deepEqual(found, wanted);
    });
  }

  it('reads redirects, and three of them in a row', () => {
    const rule = {
      to: 'user@example.net',
      namespace: 'storage:x',
      attributes: { node: 'a' },
      understoodBy: ['*@B.example'],
    };
    const { config } = load(
      withPools({
        a: {
          iq: 'redirect',
          iqNamespaces: [status, 'urn:app'],
          redirects: { [status]: { to: 'B@pools.example.org' }, 'urn:app': rule },
        },
        b: redirecting('c@pools.example.org'),
        c: { iq: 'redirect', iqNamespaces: ['*'], iqTimeout: '5s' },
        d: { moved: { to: 'a@pools.example.org', permanent: true } },
      }),
    );
    assert.deepEqual(
      config.service.pools.map(({ requests, moved }) => [requests, moved]),
      [
        [
          {
            mode: 'redirect',
            namespaces: [status, 'urn:app'],
            timeout: 30_000,
            redirects: [
              { namespace: status, to: 'b@pools.example.org', query: undefined, understoodBy: [] },
              {
                namespace: 'urn:app',
                to: 'user@example.net',
                query: { namespace: 'storage:x', attributes: { node: 'a' } },
                understoodBy: ['*@b.example'],
              },
            ],
          },
          undefined,
        ],
        [
          {
            mode: 'redirect',
            namespaces: [status],
            timeout: 30_000,
            redirects: [{ namespace: status, to: 'c@pools.example.org', query: undefined, understoodBy: [] }],
          },
          undefined,
        ],
        [{ mode: 'redirect', namespaces: ['*'], timeout: 5_000, redirects: [] }, undefined],
        [
          { mode: 'reject', namespaces: [], timeout: 30_000, redirects: [] },
          { to: 'a@pools.example.org', permanent: true },
        ],
      ],
    );
  });
});
