import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type ErrorCode, errors } from '../../../src/core/errors/errors.ts';
import { answered, bounced, consumed, dropped, forwarded, type Outcome } from '../../../src/core/outcome/outcome.ts';
import { catalogue } from '../../../src/telemetry/catalogue.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { processCatalogue } from '../../../src/telemetry/process-catalogue.ts';

function create(pools: readonly string[] = ['jobs'], process = false): Metrics {
  return new Metrics({ version: '1.2.3', pools, process });
}

function withSources(metrics: Metrics): Metrics {
  metrics.setGaugeSource('pools', () => [
    {
      pool: 'jobs',
      members: { active: 2, draining: 1 },
      eligible: 2,
      waiting: 4,
      requests: 0,
      queue: { ready: 1, leased: 1, dead: 1, bytes: 1, oldest: 1, workersWanted: 1, stall: 'no-worker' },
      subscriptions: { subscribed: 2, refused: 1 },
    },
    { pool: 'unknown', members: { active: 9 }, eligible: 9, waiting: 9, requests: 0, subscriptions: {} },
  ]);
  metrics.setGaugeSource('link', () => ({
    state: 'online',
    states: ['connecting', 'online'],
    suspect: false,
    receivedBytes: 10,
    sentBytes: 20,
    outBufferBytes: 30,
    reconnects: { refused: 3 },
  }));
  metrics.setGaugeSource('store', () => ({ pendingRows: 5, failures: 6 }));
  metrics.setGaugeSource('transfers', () => ({ draining: 7 }));
  metrics.setGaugeSource('unready', () => ['link-down']);
  metrics.setGaugeSource('storeFiles', () => ({ database: 8_192, log: 0 }));
  metrics.setGaugeSource('http', () => ({ refusals: { unauthorized: 8 }, streams: 9 }));
  return metrics;
}

function samples(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

async function samplesOf(metrics: Metrics, name: string): Promise<string[]> {
  return samples(await metrics.text()).filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

interface Shown {
  readonly type: string;
  readonly labels: Set<string>;
  readonly help: string;
}

/** What a scrape says of itself, by metric. */
function describeScrape(text: string): Map<string, Shown> {
  const shown = new Map<string, Shown>();
  for (const [, name = '', help = ''] of text.matchAll(/^# HELP (\S+) (.*)$/gm)) {
    const type = new RegExp(`^# TYPE ${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 'none';
    shown.set(name, { type, help, labels: new Set() });
  }
  for (const line of samples(text)) {
    const [, name = '', labels = ''] = /^([a-z0-9_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    const row = shown.get(name) ?? shown.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    assert.ok(row, `a sample without HELP: ${line}`);
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) if (label !== 'le') row.labels.add(label);
  }
  return shown;
}

const outcomes: readonly Outcome[] = [
  forwarded,
  answered,
  consumed,
  bounced('no-worker'),
  bounced('overloaded'),
  dropped('shed'),
  dropped('own-address'),
];

describe('metrics', () => {
  it('forgets the oldest of more than a thousand pools that are gone, and stays balanced', async () => {
    const metrics = create(['jobs']);
    for (let n = 0; n < 1_005; n += 1) {
      metrics.addPool(`made${n}`);
      metrics.received('message');
      metrics.outcome(forwarded, `made${n}`);
      metrics.event('copies', `made${n}`);
      metrics.took('switchyard_pool_work_seconds', 1_000, `made${n}`);
    }
    metrics.keepPools(new Set(['jobs', 'made0']));
    const shown = await metrics.text();
    for (const [pool, kept] of [
      ['made0', true],
      ['made1', false],
      ['made4', false],
      ['made5', true],
      ['jobs', true],
    ] as const) {
      assert.equal(shown.includes(`pool="${pool}"`), kept, pool);
    }
    assert.equal(metrics.balance(), 0);
    metrics.outcome(forwarded, 'made1');
    assert.equal(metrics.outcomeTable().find(({ pool, outcome }) => pool === '' && outcome === 'forwarded')?.count, 1);
  });

  it('shows exactly what the catalogue says: names, types, labels and helps', async () => {
    const metrics = withSources(create());
    metrics.outcome(forwarded, 'jobs');
    metrics.event('copies', 'jobs');
    metrics.took('switchyard_pool_queue_wait_seconds', 1, 'jobs');
    metrics.took('switchyard_pool_work_seconds', 1, 'jobs');
    const shown = [...describeScrape(await metrics.text())].map(([name, row]) => [
      name,
      { ...row, labels: [...row.labels].sort() },
    ]);
    const expected = Object.entries(catalogue).map(([name, row]) => [name, { ...row, labels: [...row.labels].sort() }]);
    assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(expected));
  });

  it('shows the metrics of the process that the catalogue lists', async () => {
    const shown = describeScrape(await create([], true).text());
    const extra = [...shown.keys()].filter((name) => !(name in catalogue) && !(name in processCatalogue));
    assert.deepEqual(extra, []);
    for (const [name, row] of Object.entries(processCatalogue)) {
      const seen = shown.get(name);
      if (seen === undefined && process.platform !== 'linux') continue;
      assert.deepEqual([name, seen?.type, seen?.help], [name, row.type, row.help]);
      for (const label of seen?.labels ?? []) assert.ok(row.labels.includes(label), `${name} has the label ${label}`);
    }
  });

  it('names follow the conventions of Prometheus', () => {
    for (const [name, { type }] of Object.entries(catalogue)) {
      assert.match(name, /^switchyard_[a-z_]+$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.doesNotMatch(name, /_(?:ms|milliseconds|kib|kilobytes)(?:_|$)/);
    }
  });

  it('counts each outcome by reason and pool, and tells the same in its table', async () => {
    const metrics = create();
    metrics.outcome(forwarded, 'jobs');
    metrics.outcome(forwarded, 'jobs');
    metrics.outcome(bounced('no-worker'), 'jobs');
    metrics.outcome(dropped('own-address'), undefined);
    const some = metrics.outcomeTable().filter(({ count }) => count > 0);
    assert.deepEqual(some, [
      { outcome: 'dropped', reason: 'own-address', pool: '', count: 1 },
      { outcome: 'forwarded', reason: '', pool: 'jobs', count: 2 },
      { outcome: 'bounced', reason: 'no-worker', pool: 'jobs', count: 1 },
    ]);
    const lines = await samplesOf(metrics, 'switchyard_stanza_outcomes_total');
    assert.ok(lines.includes('switchyard_stanza_outcomes_total{outcome="forwarded",reason="",pool="jobs"} 2'));
    assert.ok(lines.includes('switchyard_stanza_outcomes_total{outcome="bounced",reason="no-worker",pool="jobs"} 1'));
    assert.ok(lines.includes('switchyard_stanza_outcomes_total{outcome="dropped",reason="own-address",pool=""} 1'));
  });

  it('keeps every error code apart', () => {
    const metrics = create();
    const codes = Object.keys(errors).filter((code): code is ErrorCode => code in errors);
    for (const [index, code] of codes.entries()) {
      for (let i = 0; i <= index; i += 1) metrics.outcome(bounced(code), 'jobs');
    }
    const counted = metrics.outcomeTable().filter(({ outcome }) => outcome === 'bounced');
    assert.deepEqual(
      counted.map(({ reason, count }) => [reason, count]),
      codes.map((code, index) => [code, index + 1]),
    );
  });

  it('counts stanzas by kind and events by pool and amount', async () => {
    const metrics = create();
    metrics.received('message');
    metrics.received('refused');
    metrics.received('message');
    metrics.event('copies', 'jobs', 3);
    metrics.event('copies', 'jobs');
    const received = await samplesOf(metrics, 'switchyard_stanzas_received_total');
    assert.ok(received.includes('switchyard_stanzas_received_total{kind="message"} 2'));
    assert.ok(received.includes('switchyard_stanzas_received_total{kind="refused"} 1'));
    const events = await samplesOf(metrics, 'switchyard_events_total');
    assert.deepEqual(events, ['switchyard_events_total{event="copies",pool="jobs"} 4']);
  });

  it('balances whatever order stanzas and outcomes come in, scraped as often as one likes', async () => {
    const pool = fc.constantFrom('jobs', 'mail', 'never-configured', undefined);
    const kind = fc.constantFrom('message', 'presence', 'iq-request', 'iq-response', 'refused');
    const step = fc.record({ kind, pool, outcome: fc.constantFrom(...outcomes) });
    await fc.assert(
      fc.asyncProperty(fc.array(step), fc.nat(3), async (steps, open) => {
        const metrics = create(['jobs', 'mail']);
        for (const { kind, outcome, pool } of steps) {
          metrics.received(kind);
          metrics.outcome(outcome, pool);
        }
        for (let i = 0; i < open; i += 1) metrics.received('message');
        await metrics.text();
        assert.equal(metrics.balance(), open);
        const lines = await samplesOf(metrics, 'switchyard_stanza_balance');
        assert.deepEqual(lines, [`switchyard_stanza_balance ${open}`]);
      }),
    );
  });

  it('never makes labels of pools that are not configured', async () => {
    const metrics = withSources(create());
    const before = samples(await metrics.text()).length;
    for (let i = 0; i < 10_000; i += 1) {
      metrics.received('message');
      metrics.outcome(bounced('unreachable'), `pool-${i}`);
      metrics.event('hint-ignored', `pool-${i}`);
    }
    const after = samples(await metrics.text());
    assert.equal(after.length, before + 2);
    assert.ok(after.includes('switchyard_stanza_outcomes_total{outcome="bounced",reason="unreachable",pool=""} 10000'));
    assert.ok(after.includes('switchyard_events_total{event="hint-ignored",pool=""} 10000'));
    assert.equal(metrics.balance(), 0);
  });

  it('knows a pool from the moment it is added, and keeps its counts when it is added again', () => {
    const metrics = create([]);
    metrics.outcome(forwarded, 'late');
    metrics.addPool('late');
    metrics.outcome(forwarded, 'late');
    metrics.addPool('late');
    const counts = metrics.outcomeTable().filter(({ outcome }) => outcome === 'forwarded');
    assert.deepEqual(
      counts.map(({ pool, count }) => [pool, count]),
      [
        ['', 1],
        ['late', 1],
      ],
    );
  });

  it('reads gauges from their sources at each scrape', async () => {
    const metrics = withSources(create());
    const all = samples(await metrics.text());
    for (const line of [
      'switchyard_pool_members{pool="jobs",state="active"} 2',
      'switchyard_pool_members{pool="jobs",state="draining"} 1',
      'switchyard_pool_eligible_workers{pool="jobs"} 2',
      'switchyard_pool_waiting_messages{pool="jobs"} 4',
      'switchyard_pool_pubsub_subscriptions{pool="jobs",state="subscribed"} 2',
      'switchyard_pool_pubsub_subscriptions{pool="jobs",state="refused"} 1',
      'switchyard_link_state{state="online"} 1',
      'switchyard_link_state{state="connecting"} 0',
      'switchyard_link_reconnects_total{problem="refused"} 3',
      'switchyard_link_received_bytes_total 10',
      'switchyard_link_sent_bytes_total 20',
      'switchyard_link_out_buffer_bytes 30',
      'switchyard_transfer_workers{stage="draining"} 7',
      'switchyard_store_pending_rows 5',
      'switchyard_store_failures_total 6',
      'switchyard_store_file_bytes{part="database"} 8192',
      'switchyard_store_file_bytes{part="log"} 0',
    ]) {
      assert.ok(all.includes(line), line);
    }
    assert.ok(!all.some((line) => line.includes('unknown')));
    metrics.setGaugeSource('pools', () => []);
    assert.deepEqual(await samplesOf(metrics, 'switchyard_pool_members'), []);
    assert.deepEqual(await samplesOf(metrics, 'switchyard_link_sent_bytes_total'), [
      'switchyard_link_sent_bytes_total 20',
    ]);
  });

  it('looks at the pools once a scrape, however many gauges show of them', async () => {
    const metrics = create();
    let looks = 0;
    metrics.setGaugeSource('pools', () => {
      looks += 1;
      return [];
    });
    await metrics.text();
    await metrics.text();
    assert.equal(looks, 2);
  });

  it('shows the queues of pools that have one', async () => {
    const metrics = create(['jobs', 'plain']);
    const rest = { members: {}, eligible: 1, waiting: 0, requests: 0, subscriptions: {} };
    const queue = { ready: 4, leased: 2, dead: 1, bytes: 900, oldest: 12.5, workersWanted: 3, stall: 'at-capacity' };
    const shown = async () => samples(await metrics.text()).filter((line) => /_pool_(?:queue|stalled)/.test(line));
    metrics.setGaugeSource('pools', () => [
      { pool: 'jobs', ...rest, queue },
      { pool: 'plain', ...rest },
    ]);
    assert.deepEqual(await shown(), [
      'switchyard_pool_queue_messages{pool="jobs",state="ready"} 4',
      'switchyard_pool_queue_messages{pool="jobs",state="leased"} 2',
      'switchyard_pool_queue_messages{pool="jobs",state="dead"} 1',
      'switchyard_pool_queue_bytes{pool="jobs"} 900',
      'switchyard_pool_queue_oldest_seconds{pool="jobs"} 12.5',
      'switchyard_pool_queue_workers_wanted{pool="jobs"} 3',
      'switchyard_pool_stalled{pool="jobs",reason="at-capacity"} 1',
    ]);
    metrics.setGaugeSource('pools', () => [{ pool: 'jobs', ...rest, queue: { ...queue, stall: undefined } }]);
    assert.ok(!(await shown()).some((line) => line.includes('stalled')));
  });

  it('sorts times into buckets of seconds, each with all below it', async () => {
    const metrics = create();
    const name = 'switchyard_store_commit_duration_seconds';
    for (const milliseconds of [2, 2.5, 300, 60_000]) metrics.took(name, milliseconds);
    const all = samples(await metrics.text());
    const counts = all.filter((line) => line.startsWith(`${name}_bucket`)).map((line) => Number(line.split(' ')[1]));
    assert.deepEqual(counts, [0, 0, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4]);
    assert.ok(all.includes(`${name}_bucket{le="0.0025"} 2`));
    assert.ok(all.includes(`${name}_bucket{le="+Inf"} 4`));
    assert.ok(all.includes(`${name}_sum 60.3045`));
    assert.ok(all.includes(`${name}_count 4`));
  });

  it('shows histograms of the whole from the start, and those of pools by what was timed', async () => {
    const metrics = create(['a"b\\c']);
    const wait = 'switchyard_pool_queue_wait_seconds';
    const count = async (name: string) => (await samplesOf(metrics, `${name}_count`)).join();
    assert.equal(await count('switchyard_routing_duration_seconds'), 'switchyard_routing_duration_seconds_count 0');
    assert.equal(await count(wait), '');
    metrics.took(wait, 20, 'a"b\\c');
    metrics.took(wait, 20, 'never-configured');
    assert.deepEqual(await samplesOf(metrics, `${wait}_count`), [
      `${wait}_count{pool="a\\"b\\\\c"} 1`,
      `${wait}_count{pool=""} 1`,
    ]);
    assert.ok(samples(await metrics.text()).includes(`${wait}_bucket{le="0.1",pool=""} 1`));
  });

  it('tells whether the service is ready, and why it is not', async () => {
    const metrics = create();
    const shown = async () => samples(await metrics.text()).filter((line) => /_(?:un)?ready[ {]/.test(line));
    assert.ok(!(await metrics.text()).includes('switchyard_unready{'));
    metrics.setGaugeSource('unready', () => ['link-down', 'store-failed']);
    assert.deepEqual(await shown(), [
      'switchyard_ready 0',
      'switchyard_unready{reason="link-down"} 1',
      'switchyard_unready{reason="store-failed"} 1',
    ]);
    metrics.setGaugeSource('unready', () => []);
    assert.deepEqual(await shown(), ['switchyard_ready 1']);
  });

  it('escapes what an operator may write into the name of a pool', async () => {
    const metrics = create(['a"b\\c\nd']);
    metrics.event('copies', 'a"b\\c\nd');
    assert.deepEqual(await samplesOf(metrics, 'switchyard_events_total'), [
      'switchyard_events_total{event="copies",pool="a\\"b\\\\c\\nd"} 1',
    ]);
  });
});
