import { setTimeout as sleep } from 'node:timers/promises';
import type { Postgres } from '../../test/support/servers/postgres.ts';
import { type Sample, sumOf } from '../metrics.ts';
import { fewSenders, senderHost, workerHost } from '../scene.ts';
import { prepareRouter, type RouterLaunch, router, scrape } from '../variants/router.ts';
import type { Site, Variant } from '../variants/variant.ts';

/** How long the last acknowledgements may take to be on disk, in milliseconds. */
const patience = 10_000;

/** The same router with a pool that delivers at least once, to workers that send receipts. */
export const durable: Variant = {
  ...router,
  name: 'durable',
  title: 'Switchyard, at least once',
  acknowledges: true,
  senders: fewSenders,
  prepare: (site) => prepareDurable(site, { capacity: 1000 }),
};

/** The same with what is durable in a PostgreSQL, in a database of its own each time. */
export function durableOn(cluster: Postgres): Variant {
  let databases = 0;
  return {
    ...durable,
    name: 'durable-postgres',
    title: `${durable.title}, PostgreSQL`,
    prepare: async (site) => {
      databases += 1;
      const database = `bench${databases}`;
      await cluster.createDatabase(database);
      return prepareDurable(site, { capacity: 1000 }, { driver: 'postgres', url: cluster.url(database) });
    },
  };
}

/**
 * @param delivery Further keys of the pool's `delivery`.
 * @param store Another store than SQLite.
 */
export function prepareDurable(site: Site, delivery: object, store?: object): Promise<RouterLaunch> {
  const keys = { delivery: { guarantee: 'at-least-once', ack: 'receipt', ...delivery } };
  return prepareRouter(site, { workers: workerHost, senders: senderHost }, keys, audit, store);
}

/** How many times an event of deliveries was counted. */
export function deliveries(samples: readonly Sample[], event: string): number {
  return sumOf(samples, 'switchyard_events_total', ({ event: name }) => name === `delivery-${event}`);
}

/** The router's two ledgers: each stanza had one end, each message was accepted and acknowledged once. */
async function audit(url: string, sent: number): Promise<readonly string[]> {
  const began = performance.now();
  let samples = await scrape(url);
  while (deliveries(samples, 'acknowledged') < sent && performance.now() - began < patience) {
    await sleep(50);
    samples = await scrape(url);
  }
  const outcome = (kind: string): number =>
    sumOf(samples, 'switchyard_stanza_outcomes_total', (labels) => labels['outcome'] === kind);
  const expected: readonly (readonly [what: string, count: number, wanted: number])[] = [
    ['accepted', deliveries(samples, 'accepted'), sent],
    ['acknowledged', deliveries(samples, 'acknowledged'), sent],
    ['returned to the queue', deliveries(samples, 'returned'), 0],
    ['bounced', outcome('bounced'), 0],
    ['dropped', outcome('dropped'), 0],
    ['without an end', sumOf(samples, 'switchyard_stanza_balance', () => true), 0],
  ];
  return expected
    .filter(([, count, wanted]) => count !== wanted)
    .map(([what, count]) => `/metrics counts ${count} ${what} after ${sent} messages`);
}
