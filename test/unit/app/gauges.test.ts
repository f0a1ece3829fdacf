import { deepEqual, equal, ok } from 'node:assert/strict';
import { connectGauges } from '../../../src/app/process/gauges.ts';
import { errors } from '../../../src/core/errors/errors.ts';
import { bounced, dropped, forwarded } from '../../../src/core/outcome/outcome.ts';
import { dropReasons } from '../../../src/telemetry/drop-reasons.ts';
import { eventMeanings } from '../../../src/telemetry/event-meanings.ts';
import { keysOf } from '../../../src/telemetry/keys-of.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { deliverySettings, House, poolSettings, presence, serviceSettings } from '../../router/house.ts';

const link = { state: 'online', sentBytes: 0, waiting: 0, health: { state: 'good' } } as const;
const stats = { batches: 0, rows: 0, failed: 0, pending: 0, latency: 0, restarts: 0 };
const counts = { receivedBytes: 0, sentBefore: 0, storeFailures: 0, routed: 0, reconnects: {}, since: undefined };
const delivery = deliverySettings({ guarantee: 'at-least-once', ack: 'receipt' });

/** A router of so many durable pools, and its metrics. */
function houseOf(pools: number): { readonly house: House; readonly metrics: Metrics; readonly names: string[] } {
  const names = Array.from({ length: pools }, (_, index) => `pool-${index}`);
  const house = new House(serviceSettings(names.map((name) => poolSettings({ name, delivery }))));
  const metrics = new Metrics({ version: '1.2.3', pools: names, process: false });
  connectGauges(metrics, house.router, link, counts, { stats }, { now: () => house.now });
  return { house, metrics, names };
}

async function series(metrics: Metrics): Promise<number> {
  return (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

describe('the number of series', () => {
  it('does not grow with workers, and is bounded for 200 pools where all happens that can', async () => {
    const { house, metrics, names } = houseOf(200);
    const empty = await series(metrics);
    ok(empty < 6_000, `${empty}`);
    for (let worker = 0; worker < 5_000; worker += 1) {
      const to = `${names[worker % names.length]}@pools.example`;
      house.on(presence(`worker-${worker}@work.example/r`, { to }));
    }
    equal(await series(metrics), empty, 'workers are no labels');
    const states = (await metrics.text()).match(/^switchyard_pool_members\{.*state="verified"\} 25$/gm);
    equal(states?.length, 200);
    for (const pool of names) {
      metrics.outcome(forwarded, pool);
      for (const reason of keysOf(errors)) metrics.outcome(bounced(reason), pool);
      for (const reason of keysOf(dropReasons)) metrics.outcome(dropped(reason), pool);
      for (const event of keysOf(eventMeanings)) metrics.event(event, pool);
      metrics.took('switchyard_pool_queue_wait_seconds', 1, pool);
      metrics.took('switchyard_pool_work_seconds', 1, pool);
    }
    const most = await series(metrics);
    ok(most < 200 * 225, `${most}`);
  });

  it('of one pool is what a small service shows', async () => {
    const { metrics } = houseOf(1);
    deepEqual((await series(metrics)) < 250, true);
  });
});
