import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from '../metrics.ts';
import { samplesOf, sumOf } from '../metrics.ts';
import { program, serviceFlags } from '../program.ts';
import { fewSenders, manySenders, poolName, senderHost, workerHost } from '../scene.ts';
import type { Launch, LoopDelay, Site, Variant } from './variant.ts';

/** The built router, complete: access lists, counters, metrics and store on. */
export const router: Variant = {
  name: 'router',
  title: 'Switchyard',
  distributes: true,
  joins: true,
  senders: fewSenders,
  missing: () => (existsSync(program) ? undefined : 'dist/main.js is missing (node scripts/bootstrap.mjs --build)'),
  prepare: (site) => prepareRouter(site, { workers: workerHost, senders: senderHost }),
};

/** The same with more senders than any of its caches holds. */
export const crowd: Variant = {
  ...router,
  name: 'crowd',
  title: `Switchyard, ${manySenders / 1000} 000 senders`,
  senders: manySenders,
};

/** Reads what is wrong in the metrics at `url` after `sent` messages. */
export type Audit = (url: string, sent: number) => Promise<readonly string[]>;

/** A router, and where its metrics are. */
export interface RouterLaunch extends Launch {
  readonly metrics: string;
  /** Where it listens for HTTP, `host:port`. */
  readonly http: string;
}

/** The homes of those who may work in the pool, and of those who may send to it. */
export interface Hosts {
  readonly workers: string;
  readonly senders: string;
  /** Names of further pools with the same workers and senders. */
  readonly pools?: readonly string[];
}

/**
 * Writes a configuration for the built router, whose audit reads its own metrics.
 *
 * @param keys Further keys of its pool.
 * @param account The audit of its own metrics.
 * @param store Where it keeps what is durable, as its configuration says it.
 */
export async function prepareRouter(
  site: Site,
  hosts: Hosts,
  keys: object = {},
  account: Audit = audit,
  store: object = { driver: 'sqlite', file: 'switchyard.db' },
): Promise<RouterLaunch> {
  const http = `127.0.0.1:${await freePort()}`;
  const config = join(site.folder, 'component.config.json');
  writeFileSync(config, JSON.stringify(configuration(site, hosts, { http, keys, store }), undefined, 2), {
    mode: 0o600,
  });
  const metrics = `http://${http}/metrics`;
  return {
    metrics,
    http,
    command: process.execPath,
    args: [...serviceFlags, program, 'run', '--config', config],
    ready: (stop) => readyAt(`http://${http}/readyz`, stop),
    audit: (sent) => account(metrics, sent),
    loopDelay: () => loopDelay(metrics),
  };
}

/** What one launch has of its own. */
interface Own {
  readonly http: string;
  readonly keys: object;
  readonly store: object;
}

function configuration({ port, service }: Site, hosts: Hosts, { http, keys, store }: Own): object {
  const pool = {
    algorithm: 'roundrobin',
    workers: [`*@${hosts.workers}`],
    senders: [`*@${hosts.senders}`],
    ...keys,
  };
  return {
    component: { service: `xmpp://127.0.0.1:${port}`, domain: service.domain, secret: service.secret },
    store,
    pools: Object.fromEntries([poolName, ...(hosts.pools ?? [])].map((name) => [name, pool])),
    http: { listen: http },
    log: { level: 'info' },
  };
}

/** A port that nothing listens on now. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

async function readyAt(url: string, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const response = await fetch(url, { signal: stop }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    await sleep(50);
  }
}

/** The period of the timer by which prom-client samples the delay, in microseconds. */
const samplingPeriod = 10_000;

/** Reading the metrics begins the next measurement. */
async function loopDelay(url: string): Promise<LoopDelay> {
  const samples = await scrape(url);
  const beyond = (name: string): number =>
    Math.max(0, sumOf(samples, `nodejs_eventloop_lag_${name}_seconds`, () => true) * 1e6 - samplingPeriod);
  return { p50: beyond('p50'), p99: beyond('p99'), max: beyond('max') };
}

/** The samples of a router's `/metrics`. */
export async function scrape(url: string): Promise<readonly Sample[]> {
  return samplesOf(await (await fetch(url)).text());
}

/** The router's own ledger: every message received, every message forwarded, nothing with another end. */
async function audit(url: string, sent: number): Promise<readonly string[]> {
  const samples = await scrape(url);
  const outcomes = (kind: string): number =>
    sumOf(samples, 'switchyard_stanza_outcomes_total', ({ outcome }) => outcome === kind);
  const counts = {
    'messages received': sumOf(samples, 'switchyard_stanzas_received_total', ({ kind }) => kind === 'message'),
    forwarded: outcomes('forwarded'),
    bounced: outcomes('bounced'),
    dropped: outcomes('dropped'),
    'without an end': sumOf(samples, 'switchyard_stanza_balance', () => true),
  };
  return Object.entries(counts)
    .filter(([what, count]) => count !== (what === 'messages received' || what === 'forwarded' ? sent : 0))
    .map(([what, count]) => `/metrics counts ${count} ${what} after ${sent} messages`);
}
