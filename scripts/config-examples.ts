/** An example of docs/configuration.md; a test loads each. */
interface ConfigExample {
  readonly title: string;
  readonly text: string;
  readonly value: unknown;
}

const $schema = './component.config.schema.json';

/** From the least that works to one that uses most keys. */
export const configExamples: readonly ConfigExample[] = [
  {
    title: 'The least that works',
    text: 'Everything else has a default. `component.secret` is a file beside this one that holds the secret.',
    value: {
      $schema,
      component: { service: 'xmpp://127.0.0.1:5347', domain: 'pools.example.org', secretFile: 'component.secret' },
      pools: { jobs: { workers: ['worker@example.org'] } },
    },
  },
  {
    title: 'One pool for each way of sharing',
    text: `\`alerts\` reaches every worker of highest priority, \`support\` the person who is most available, \`jobs\` each
machine in turn, \`video\` the big machine five times as often as the others, \`calls\` the one with the fewest in hand,
\`orders\` the same machine for the same customer.`,
    value: {
      $schema,
      component: { service: 'xmpp://127.0.0.1:5347', domain: 'pools.example.org', secretFile: 'component.secret' },
      access: { admins: ['admin@example.org'] },
      pools: {
        alerts: { algorithm: 'all', workers: ['*@example.org'], senders: ['monitor@example.org'], fanoutMax: 50 },
        support: { name: 'Support', algorithm: 'mostactive', workers: ['anna@example.org', 'ben@example.org'] },
        jobs: { algorithm: 'roundrobin', workers: ['worker@example.org'], senders: ['*@example.org'] },
        video: {
          algorithm: 'weighted',
          workers: ['video@example.org'],
          weights: { 'video@example.org/big': 5 },
          owners: ['boss@example.org'],
        },
        calls: { algorithm: 'leastbusy', workers: ['call@example.org'], workWindow: '1m' },
        orders: {
          algorithm: 'sticky',
          sticky: { key: '{urn:example:shop}order@customer' },
          workers: ['shop@example.org'],
        },
      },
    },
  },
  {
    title: 'Two instances',
    text: 'The same file on two machines: one instance is active, the other stands by. What the database needs is in postgresql.md.',
    value: {
      $schema,
      component: {
        service: 'xmpp://127.0.0.1:5347',
        domain: 'pools.example.org',
        secretFile: 'component.secret',
      },
      store: {
        driver: 'postgres',
        url: 'postgresql://switchyard@db1.example.org,db2.example.org/switchyard?sslmode=verify-full',
        passwordFile: 'database.password',
      },
      standby: { lease: '5s' },
      pools: {
        jobs: { workers: ['*@example.org'], delivery: { guarantee: 'at-least-once' } },
      },
    },
  },
  {
    title: 'Tuned',
    text: 'Clients of `jobs` may not change its algorithm, nor choose one for a single message.',
    value: {
      $schema,
      component: {
        service: 'xmpp://[::1]:5347',
        domain: 'pools.example.org',
        secretFile: 'component.secret',
        name: 'Workshop',
        reconnect: { min: '500ms', max: '30s' },
        keepalive: '1m',
      },
      store: { driver: 'sqlite', file: 'data/switchyard.db' },
      pools: {
        jobs: {
          workers: ['worker@example.org', '**@machines.example.org'],
          offer: ['roundrobin', 'all'],
          cmr: { set: 'nobody', hints: [] },
          headline: 'reject',
          workWindow: '1m',
          replyWindow: '1d',
          publish: 'counts',
        },
      },
      contacts: { admin: ['mailto:admin@example.org'], support: ['xmpp:help@example.org'] },
      http: { listen: '127.0.0.1:8600' },
      log: { level: 'warn', format: 'json' },
      limits: { stanza: '256KiB', memory: '128MiB' },
      drainTimeout: '10s',
    },
  },
];
