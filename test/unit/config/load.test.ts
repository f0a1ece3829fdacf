import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { explain } from '../../../src/config/explain.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { deliverySettings } from '../../router/house.ts';
import { load, minimal, withPool } from './fixture.ts';

describe('loadConfig', () => {
  it('fills in every default', () => {
    const { config } = loadConfig({
      env: { SWITCHYARD_COMPONENT: JSON.stringify(minimal.component) },
      version: '1.2.3',
    });
    assert.deepEqual(
      { ...config, store: undefined, standby: { ...config.standby, name: 'of the host' } },
      {
        component: {
          service: { url: 'xmpp://127.0.0.1:5347', host: '127.0.0.1', port: 5347 },
          domain: 'pools.example.org',
          secret: 's3cret',
          secretFrom: 'component.secret (environment SWITCHYARD_COMPONENT)',
          follow: [],
          reconnect: { min: 1000, max: 60_000 },
          handshakeTimeout: 10_000,
          keepalive: 30_000,
          pingTimeout: 10_000,
        },
        store: undefined,
        standby: { name: 'of the host', lease: 5_000, holdover: 30_000 },
        http: { listen: undefined, token: undefined, read: 'anyone', hosts: [] },
        log: { level: 'info', format: 'auto' },
        limits: { stanza: 480 * 1024, depth: 64, outBuffer: 16 * 1024 ** 2, memory: 64 * 1024 ** 2 },
        drainTimeout: 30_000,
        service: {
          domain: 'pools.example.org',
          title: 'Worker pools',
          admins: [],
          contacts: { abuse: [], admin: [], feedback: [], sales: [], security: [], status: [], support: [] },
          pools: [],
          memberGrace: 300_000,
          memory: 64 * 1024 ** 2,
          transfers: {
            workers: [],
            servers: [],
            rules: [],
            drain: 30_000,
            answer: 10_000,
            leave: 60_000,
            back: 120_000,
          },
          version: '1.2.3',
        },
      },
    );
  });

  it('fills in every default of a pool', () => {
    assert.deepEqual(load(minimal).config.service.pools, [
      {
        name: 'jobs',
        title: undefined,
        description: undefined,
        algorithm: 'roundrobin',
        offer: ['all', 'mostactive', 'roundrobin', 'weighted', 'leastbusy', 'sticky'],
        workers: ['worker@example.org'],
        senders: ['*'],
        owners: [],
        join: 'presence',
        features: 'common',
        identity: 'real',
        proxy: 'resource',
        memberMessages: 'reject',
        weights: {},
        stickyKey: { by: 'from' },
        stickyBound: undefined,
        rate: { perSender: undefined, perDomain: undefined, perWorker: undefined },
        workWindow: 10_000,
        cmrSet: 'workers',
        cmrHints: ['mostactive', 'roundrobin', 'weighted', 'leastbusy', 'sticky'],
        headline: 'all',
        fanoutMax: 1000,
        plainRetry: 'bounce',
        replyWindow: 604_800_000,
        publish: 'none',
        requests: { mode: 'reject', namespaces: [], timeout: 30_000, redirects: [] },
        moved: undefined,
        members: [],
        pubsub: [],
        delivery: deliverySettings(),
      },
    ]);
  });

  it('prepares addresses and names, and reads algorithms by URN', () => {
    const pool = {
      workers: ['Anna@Example.ORG/Desk', '*@Example.org'],
      algorithm: 'urn:xmpp:cmr:all',
      weights: { 'A@B': 3 },
    };
    const { pools, admins } = load({ ...minimal, pools: { Jobs: pool }, access: { admins: ['Boss@X'] } }).config
      .service;
    assert.deepEqual(admins, ['boss@x']);
    assert.equal(pools[0]?.name, 'jobs');
    assert.deepEqual(pools[0]?.workers, ['anna@example.org/Desk', '*@example.org']);
    assert.equal(pools[0]?.algorithm, 'all');
    assert.deepEqual(pools[0]?.weights, { 'a@b': 3 });
  });

  it('lets senders choose by hints what is offered, save all', () => {
    const hints = (pool: Readonly<Record<string, unknown>>) => load(withPool(pool)).config.service.pools[0]?.cmrHints;
    assert.deepEqual(hints({ offer: ['all', 'roundrobin'] }), ['roundrobin']);
    assert.deepEqual(hints({ cmr: { hints: ['all'] } }), ['all']);
    assert.deepEqual(hints({ cmr: { hints: [] } }), []);
  });

  it('gives a configuration that nobody can change', () => {
    const { config } = load(minimal);
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    assert.ok(frozen(config));
  });
});

describe('explain', () => {
  it('shows every value in force with its source, and not the secret', () => {
    const { sources } = load(
      { ...withPool({ weights: { 'a@b': 2 } }), log: { level: 'warn' } },
      { env: { SWITCHYARD_DRAIN_TIMEOUT: '5s' }, overrides: { 'log.format': 'json' } },
    );
    const text = explain(sources)
      .replace(/file \/.*\//g, 'file ')
      .replace(/ +#/g, ' #');
    assert.equal(
      text,
      `component.service = "xmpp://127.0.0.1:5347" # file c.json:3
component.domain = "pools.example.org" # file c.json:4
component.secret = (not shown) # file c.json:5
component.name = "Worker pools" # default
component.reconnect.min = "1s" # default
component.reconnect.max = "60s" # default
component.handshakeTimeout = "10s" # default
component.keepalive = "30s" # default
component.pingTimeout = "10s" # default
component.follow = [] # default
store.driver = "sqlite" # default
store.file = "data/switchyard.db" # default
standby.lease = "5s" # default
standby.holdover = "30s" # default
access.admins = [] # default
pools.jobs.algorithm = "roundrobin" # default
pools.jobs.offer = ["all","mostactive","roundrobin","weighted","leastbusy","sticky"] # default
pools.jobs.workers = ["worker@example.org"] # file c.json:9
pools.jobs.members = [] # default
pools.jobs.senders = ["*"] # default
pools.jobs.owners = [] # default
pools.jobs.join = "presence" # default
pools.jobs.features = "common" # default
pools.jobs.identity = "real" # default
pools.jobs.proxy = "resource" # default
pools.jobs.memberMessages = "reject" # default
pools.jobs.weights["a@b"] = 2 # file c.json:13
pools.jobs.sticky.key = "from" # default
pools.jobs.sticky.bound = "off" # default
pools.jobs.rate.perSender = "off" # default
pools.jobs.rate.perDomain = "off" # default
pools.jobs.rate.perWorker = "off" # default
pools.jobs.workWindow = "10s" # default
pools.jobs.cmr.set = "workers" # default
pools.jobs.headline = "all" # default
pools.jobs.fanoutMax = 1000 # default
pools.jobs.plainRetry = "bounce" # default
pools.jobs.replyWindow = "7d" # default
pools.jobs.publish = "none" # default
pools.jobs.iq = "reject" # default
pools.jobs.iqNamespaces = [] # default
pools.jobs.iqTimeout = "30s" # default
pools.jobs.redirects = {} # default
pools.jobs.moved.permanent = false # default
pools.jobs.pubsub = [] # default
pools.jobs.delivery.guarantee = "plain" # default
http.listen = "off" # default
http.read = "auto" # default
http.hosts = [] # default
log.level = "warn" # file c.json:18
log.format = "json" # flag
limits.stanza = "480KiB" # default
limits.depth = 64 # default
limits.outBuffer = "16MiB" # default
limits.memory = "64MiB" # default
drainTimeout = "5s" # environment SWITCHYARD_DRAIN_TIMEOUT
memberGrace = "5m" # default
transfers.workers = [] # default
transfers.servers = {} # default
transfers.rules = {} # default
transfers.drainTimeout = "30s" # default
transfers.answerTimeout = "10s" # default
transfers.leaveTimeout = "1m" # default
transfers.returnTimeout = "2m" # default
contacts.abuse = [] # default
contacts.admin = [] # default
contacts.feedback = [] # default
contacts.sales = [] # default
contacts.security = [] # default
contacts.status = [] # default
contacts.support = [] # default
`,
    );
  });
});
