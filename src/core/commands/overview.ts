import type { Pool } from '../pool/pool.ts';
import type { CommandHouse } from './command.ts';
import { type PoolSummary, poolSummary } from './pool-report.ts';
import { type QueueReport, queueReport } from './queue-report.ts';
import type { InstanceStatus, ServiceStatus } from './service-status.ts';

/** The picture that consoles show; times are ISO 8601, sizes bytes. */
export interface Overview {
  readonly at: string;
  /** `null` for owners. */
  readonly router: null | {
    readonly domain: string;
    readonly version: string;
    readonly started: string;
    readonly link: { readonly up: boolean; readonly since: string | null };
    readonly store: ServiceStatus['store'];
    /** `null` where the store is of one process. */
    readonly instance: InstanceStatus | null;
    readonly ready: boolean;
    readonly reasons: ServiceStatus['reasons'];
    readonly memory: ServiceStatus['memory'];
    /** Event-loop delay in milliseconds, p99 of late. */
    readonly loopDelay: number;
    /** Every stanza since the start, by its outcome. */
    readonly outcomes: Readonly<Record<string, number>>;
  };
  readonly pools: readonly PoolOverview[];
}

/** A pool in the picture. */
export interface PoolOverview extends PoolSummary {
  readonly title: string | null;
  /** Since the start: messages that came for the pool, were given to a worker, were refused or bounced. */
  readonly counts: { readonly received: number; readonly delivered: number; readonly refused: number };
  /** `null` in a plain pool that holds nothing. */
  readonly queue: QueueReport | null;
  /** Whether something waits and does not move; the queue says why. */
  readonly stalled: boolean;
}

export function overviewOf(house: CommandHouse, now: number): Overview {
  return {
    at: new Date(now).toISOString(),
    router: house.caller.role === 'admin' ? routerOf(house) : null,
    pools: [...house.pools.values()].map((pool) => poolOverview(house, pool, now)),
  };
}

/** The router in a few sentences, for people whom the pools are shown as a table; `''` for owners. */
export function routerText({ router }: Overview): string {
  if (router === null) return '';
  const { domain, version, started, link, store, instance, ready, reasons, memory, loopDelay } = router;
  const since = link.since === null ? '' : ` since ${link.since}`;
  const mebibytes = (memory.rss / 2 ** 20).toFixed(1);
  return [
    `${domain} runs Switchyard ${version} since ${started}.`,
    link.up ? `Attached to the server${since}.` : 'Not attached to the server.',
    ready ? 'Ready.' : `Not ready: ${reasons.map(({ text }) => text).join(' ')}`,
    ...(instance === null ? [] : [instanceText(instance)]),
    store.failed ? `The store (${store.kind}) has failed.` : `The store (${store.kind}) works.`,
    `Memory: ${mebibytes} MiB. Event loop: ${loopDelay.toFixed(1)} ms late.`,
  ].join(' ');
}

function instanceText({ name, role, epoch, others }: InstanceStatus): string {
  const rest =
    others.length === 0 ? 'No other is alive' : `Alive besides: ${others.map((each) => each.name).join(', ')}`;
  const unlike = others.filter(({ differs }) => differs.length > 0);
  const warnings = unlike.map((each) => ` WARNING: ${each.name} is configured otherwise: ${each.differs.join(', ')}.`);
  const is = role === 'active' ? `the active one (epoch ${epoch})` : 'standing by';
  return `The instance ${name} is ${is}. ${rest}.${warnings.join('')}`;
}

/** The router in the picture. */
export function routerOf({ about, desk }: Pick<CommandHouse, 'about' | 'desk'>): Overview['router'] {
  const { started, link, store, instance = null, reasons, memory, loopDelay, outcomes } = desk.status();
  const sums: Record<string, number> = {};
  for (const { outcome, count } of outcomes) sums[outcome] = (sums[outcome] ?? 0) + count;
  return {
    domain: about.domain,
    version: about.version,
    started: new Date(started).toISOString(),
    link: { up: link.up, since: link.since === undefined ? null : new Date(link.since).toISOString() },
    store,
    instance,
    ready: reasons.length === 0,
    reasons,
    memory,
    loopDelay,
    outcomes: sums,
  };
}

function poolOverview(house: CommandHouse, pool: Pool, now: number): PoolOverview {
  const { received, delivered, refused } = pool.counts;
  const queue = queueReport(house, pool, now) ?? null;
  return {
    ...poolSummary(pool, now),
    title: pool.settings.title ?? null,
    counts: { received, delivered, refused },
    queue,
    stalled: queue !== null && queue.stall !== 'none',
  };
}
