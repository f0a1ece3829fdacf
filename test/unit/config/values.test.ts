import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { lines, minimal, withComponent, withPool } from './fixture.ts';

const patternForms =
  'Write user@host, user@host/resource, host, host/resource, *@host (accounts of host), **@host (accounts and host itself) or *.';
const known = '"all", "mostactive", "roundrobin", "weighted", "leastbusy" or "sticky"';
const oneList = 'Write a list of access patterns, such as ["worker@example.org"].';
const domainAlone = 'Write a domain name alone, such as "pools.example.org".';
const ports =
  '(Prosody listens on 5347 unless component_ports says otherwise; ejabberd on the port of its ejabberd_service listener).';

/** `path | found | problem | suggestion` for one wrong value, the only thing wrong. */
const refused: readonly [object, string][] = [
  [
    withPool({ algorithm: 'rondrobin' }),
    `pools.jobs.algorithm | "rondrobin" | There is no such algorithm. | Write "roundrobin" (there are ${known}).`,
  ],
  [
    withPool({ algorithm: 'urn:xmpp:cmr:roundrobbin' }),
    `pools.jobs.algorithm | "urn:xmpp:cmr:roundrobbin" | There is no such algorithm. | Write "urn:xmpp:cmr:roundrobin" (there are ${known}).`,
  ],
  [
    { ...minimal, contacts: { admin: ['admin@example.org'] } },
    'contacts.admin[0] | "admin@example.org" | This is no URI. | Write "mailto:admin@example.org" or "xmpp:admin@example.org".',
  ],
  [
    { ...minimal, contacts: { admin: ['ask the porter'] } },
    'contacts.admin[0] | "ask the porter" | This is no URI. | Write a URI, such as "mailto:admin@example.org".',
  ],
  [
    { ...minimal, contacts: { support: 'mailto:a@b' } },
    'contacts.support | "mailto:a@b" | This is not a list of URIs. | Write a list of URIs, such as ["mailto:admin@example.org"].',
  ],
  [
    withPool({ publish: 'count' }),
    'pools.jobs.publish | "count" | This is none of the possible values. | Write "counts" (possible are "none" or "counts").',
  ],
  [
    withPool({ pubsub: { service: 'pubsub.example.org' } }),
    'pools.jobs.pubsub | an object | This is not a list of nodes. | Write a list of nodes, such as [{ "service": "pubsub.example.org", "node": "alerts" }].',
  ],
  [
    withPool({ pubsub: [{ service: 'pubsub.example.org/x', node: 'n' }] }),
    'pools.jobs.pubsub[0].service | "pubsub.example.org/x" | A service has no resource. | Write a domain, or user@host for the node of an account.',
  ],
  [
    withPool({ pubsub: [{ service: '@', node: 'n' }] }),
    'pools.jobs.pubsub[0].service | "@" | This is no address: the domain "" is empty. | Write host or user@host.',
  ],
  [
    withPool({ pubsub: [{ service: 'pubsub.example.org' }] }),
    'pools.jobs.pubsub[0].node | nothing | This key is required. | Write a text, such as "alerts".',
  ],
  [
    withPool({ pubsub: [{ service: 'pubsub.example.org', node: 'n', options: { deliver: {} } }] }),
    'pools.jobs.pubsub[0].options.deliver | an object | This is not a text, a number, true, false or a list of texts. | Write a text, a number, true, false or a list of texts, such as true.',
  ],
  [
    withPool({ pubsub: [{ service: 'pubsub.example.org', node: 'n', split: 'items' }] }),
    'pools.jobs.pubsub[0].split | "items" | This is none of the possible values. | Write "item" (possible are "event" or "item").',
  ],
  [withPool({ algorithm: 'fast' }), `pools.jobs.algorithm | "fast" | There is no such algorithm. | Write ${known}.`],
  [
    withPool({ algorithm: 7 }),
    'pools.jobs.algorithm | 7 | This is not the name of an algorithm. | Write the name of an algorithm, such as "roundrobin".',
  ],
  [
    withPool({ offer: ['all', 'all'] }),
    'pools.jobs.offer | a list of 2 | An algorithm stands twice in this list. | Write each algorithm once.',
  ],
  [
    withPool({ workers: [] }),
    'pools.jobs.workers | an empty list | This list is empty. | Write at least one access pattern, such as ["worker@example.org"], or "members", pools of other domains.',
  ],
  [withPool({ workers: 'a@b' }), `pools.jobs.workers | "a@b" | This is not a list of access patterns. | ${oneList}`],
  [{ ...minimal, pools: { jobs: {} } }, `pools.jobs.workers | nothing | This key is required. | ${oneList}`],
  [
    withPool({ workers: ['ok@b', '*x@host'] }),
    `pools.jobs.workers[1] | "*x@host" | This is no access pattern: * stands only for whole parts. | ${patternForms}`,
  ],
  [
    withPool({ owners: [5] }),
    'pools.jobs.owners[0] | 5 | This is not an access pattern. | Write an access pattern, such as "worker@example.org".',
  ],
  [
    { ...minimal, access: { admins: ['@b'] } },
    `access.admins[0] | "@b" | This is no access pattern: the localpart "" is empty. | ${patternForms}`,
  ],
  [
    { ...minimal, component: { ...minimal.component, follow: ['b.example.org:0'] } },
    'component.follow[0] | "b.example.org:0" | This is no host. | Write "host" or "host:port", an IPv6 address in brackets.',
  ],
  [
    { ...minimal, component: { ...minimal.component, follow: 'b.example.org' } },
    'component.follow | "b.example.org" | This is not a list of servers. | Write a list of servers, such as ["xmpp2.example.org:5347"].',
  ],
  [
    withPool({ weights: { 'a@b': 0 } }),
    'pools.jobs.weights["a@b"] | 0 | This number is out of range. | Write a whole number from 1 to 1000.',
  ],
  [
    withPool({ weights: { 'a@b': 1001 } }),
    'pools.jobs.weights["a@b"] | 1001 | This number is out of range. | Write a whole number from 1 to 1000.',
  ],
  [
    withPool({ weights: { 'a@b': 1.5 } }),
    'pools.jobs.weights["a@b"] | 1.5 | This is not a whole number from 1 to 1000. | Write a whole number from 1 to 1000, such as 5.',
  ],
  [
    withPool({ weights: { '*x': 5 } }),
    `pools.jobs.weights["*x"] | the key "*x" | This is no access pattern: * stands only for whole parts. | ${patternForms}`,
  ],
  [
    withPool({ workWindow: 10 }),
    'pools.jobs.workWindow | 10 | This is no duration. | Write "10s" for seconds or "10ms" for milliseconds.',
  ],
  [withPool({ workWindow: '10 sec' }), 'pools.jobs.workWindow | "10 sec" | This is no duration. | Write "10s".'],
  [
    withPool({ workWindow: 'soon' }),
    'pools.jobs.workWindow | "soon" | This is no duration. | Write a duration with its unit, such as "10s".',
  ],
  [
    withPool({ workWindow: '2h' }),
    'pools.jobs.workWindow | "2h" | This duration is out of range. | Write "100ms" to "1h".',
  ],
  [
    withPool({ replyWindow: '1s' }),
    'pools.jobs.replyWindow | "1s" | This duration is out of range. | Write "1m" to "365d".',
  ],
  [
    { ...minimal, drainTimeout: true },
    'drainTimeout | true | This is not a duration with its unit. | Write a duration with its unit, such as "30s".',
  ],
  [
    { ...minimal, limits: { stanza: 65_536 } },
    'limits.stanza | 65536 | This is no size. | Write "65536B" for bytes or "65536KiB" for kibibytes.',
  ],
  [{ ...minimal, limits: { stanza: '64KB' } }, 'limits.stanza | "64KB" | This is no size. | Write "64KiB".'],
  [
    { ...minimal, limits: { stanza: '9KiB' } },
    'limits.stanza | "9KiB" | This size is out of range. | Write "10000B" to "64MiB".',
  ],
  [
    withPool({ fanoutMax: 0 }),
    'pools.jobs.fanoutMax | 0 | This number is out of range. | Write a whole number from 1 to 100000.',
  ],
  [
    withPool({ headline: 'al' }),
    'pools.jobs.headline | "al" | This is none of the possible values. | Write "all" (possible are "all", "algorithm" or "reject").',
  ],
  [
    withPool({ headline: null }),
    'pools.jobs.headline | null | This is none of the possible values. | Write "all", "algorithm" or "reject".',
  ],
  [withPool({ name: ' ' }), 'pools.jobs.name | " " | This text is empty. | Write a text, such as "Job queue".'],
  [
    withPool({ cmr: 7 }),
    'pools.jobs.cmr | 7 | This is not an object. | Write an object, such as { "set": "workers" }.',
  ],
  [
    { ...minimal, pools: ['jobs'] },
    'pools | a list of 1 | This is not an object of pools by name. | Write an object of pools by name, such as { "jobs": { "workers": ["worker@example.org"] } }.',
  ],
  [
    { ...minimal, pools: { 'a b': { workers: ['*'] } } },
    'pools["a b"] | the key "a b" | A pool cannot have this name: the localpart "a b" holds a space, a control character or a symbol. | Write a name of letters, digits, hyphens, dots or underscores, such as "jobs".',
  ],
  [
    { ...minimal, pools: { 'a+b': { workers: ['*'] } } },
    'pools["a+b"] | the key "a+b" | A pool cannot have this name: it holds a +. | Write a name of letters, digits, hyphens, dots or underscores, such as "jobs".',
  ],
  [
    withComponent({ service: '127.0.0.1:5347' }),
    'component.service | "127.0.0.1:5347" | The address must begin with xmpp:// (components connect over plain TCP). | Write "xmpp://127.0.0.1:5347".',
  ],
  [
    withComponent({ service: 'xmpp://[::1]' }),
    `component.service | "xmpp://[::1]" | The port is missing. | Write "xmpp://[::1]:5347" ${ports}`,
  ],
  [
    withComponent({ service: 'xmpp://h:70000' }),
    `component.service | "xmpp://h:70000" | There is no such port. | Write a port from 1 to 65535 ${ports}`,
  ],
  [
    withComponent({ service: 'xmpp://h:5347/x' }),
    'component.service | "xmpp://h:5347/x" | This is no address of a server. | Write "xmpp://host:port", such as "xmpp://127.0.0.1:5347".',
  ],
  [
    withComponent({ domain: '10.0.0.1' }),
    `component.domain | "10.0.0.1" | A component cannot own an IP address. | ${domainAlone}`,
  ],
  [
    withComponent({ domain: '[::1]' }),
    `component.domain | "[::1]" | A component cannot own an IP address. | ${domainAlone}`,
  ],
  [withComponent({ domain: 'a@b' }), `component.domain | "a@b" | A component has no localpart. | ${domainAlone}`],
  [withComponent({ domain: 'a/b' }), `component.domain | "a/b" | A component has no resource. | ${domainAlone}`],
  [
    withComponent({ domain: 'a..b' }),
    `component.domain | "a..b" | This is no domain name: the domain "a..b" has an empty label. | ${domainAlone}`,
  ],
  [
    { ...minimal, http: { listen: '8600' } },
    'http.listen | "8600" | This is no address to listen on. | Write "host:port", such as "127.0.0.1:8600", "unix:path", or "off".',
  ],
  [
    { ...minimal, http: { listen: 'localhost:65536' } },
    'http.listen | "localhost:65536" | There is no such port. | Write a port from 1 to 65535, or 0 for any free one.',
  ],
];

describe('a wrong value in the configuration', () => {
  for (const [content, expected] of refused) {
    it(expected.split(' | ').slice(0, 3).join(' '), () => {
      const found = lines(content).map((line) => line.split(' | ').slice(0, 4).join(' | '));
      assert.deepEqual(found, [expected]);
    });
  }

  it('is told with its line in the file', () => {
    const text =
      '{\n  "log": {\n    "level": "debugg"\n  },\n  "component": { "service": "xmpp://h:1", "domain": "a.b", "secret": "x" }\n}';
    assert.deepEqual(lines(text), [
      'log.level | "debugg" | This is none of the possible values. | Write "debug" (possible are "trace", "debug", "info", "warn", "error", "fatal" or "silent"). | file c.json:3',
    ]);
  });

  it('is shown in part when it is long', () => {
    const [line] = lines({ ...minimal, log: { level: 'x'.repeat(100) } });
    assert.equal(line?.split(' | ')[1], `"${'x'.repeat(58)}…`);
  });
});

describe('a key that does not exist', () => {
  it('is refused with the nearest known one', () => {
    assert.deepEqual(lines(withPool({ algoritm: 'all' })), [
      'pools.jobs.algoritm | the key "algoritm" | There is no such key. | Write "algorithm". | file c.json:12',
    ]);
  });

  it('is refused with the section it belongs to', () => {
    assert.deepEqual(lines({ ...minimal, keepalive: '1m' }), [
      'keepalive | the key "keepalive" | There is no such key. | Move it: "keepalive" is a key of component. | file c.json:14',
    ]);
  });

  it('is refused with the keys there are', () => {
    assert.deepEqual(lines({ ...minimal, log: { colour: true } }), [
      'log.colour | the key "colour" | There is no such key. | Remove it. The keys here are level, format. | file c.json:15',
    ]);
  });

  it('is refused when it is __proto__', () => {
    const text = JSON.stringify(minimal).replace('"pools":{', '"pools":{"__proto__":{"workers":["*"]},');
    assert.deepEqual(lines(text), [
      ' |  | The key "__proto__" cannot be used.\n    {"component":{"service":…,"domain":…,"secret":…},"pools":{\n                                                              ^ | Write another key. | file c.json:1:106',
    ]);
  });
});

describe('several wrong values', () => {
  it('are told all at once, each once', () => {
    const content = {
      component: { service: 'xmpp://h', domain: 'pools.example.org', secret: 5, reconnect: { min: '5m' } },
      pools: { a: 5, b: {}, C: { workers: ['*'] }, c: { workers: ['*'], offer: ['weighted'] } },
      lgo: {},
    };
    assert.deepEqual(
      lines(content).map((line) => line.split(' | ')[0]),
      [
        'lgo',
        'component.service',
        'component.secret',
        'pools.a',
        'pools.b.workers',
        'component.reconnect.min',
        'pools.c.offer',
        'pools.c.algorithm',
        'pools.c',
      ],
    );
  });

  it('make no contradiction with what stands in for them', () => {
    const content = withPool({ algorithm: 'weighted', offer: ['wieghted'] });
    assert.deepEqual(
      lines(content).map((line) => line.split(' | ')[0]),
      ['pools.jobs.offer[0]'],
    );
  });
});
