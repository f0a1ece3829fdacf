import { nodeStates } from '../../core/pubsub/node-subscription.ts';
import type { Router } from '../../core/router.ts';
import { openStages } from '../../core/transfer/move.ts';
import type { Store } from '../../store/store.ts';
import type { LinkGauges, PoolGauges } from '../../telemetry/metric-sources.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Link, LinkState } from '../../xmpp/link/link.ts';
import type { SteadyClock } from '../clock.ts';
import { queueGauges } from './queue-gauges.ts';

const linkStates: readonly LinkState[] = ['idle', 'connecting', 'online', 'waiting', 'stopped'];

/** What is counted of the link's life. */
export interface LinkCounts {
  receivedBytes: number;
  /** Bytes sent on the links of routers that have ended. */
  sentBefore: number;
  /** Commits that failed of routers that have ended. */
  storeFailures: number;
  /** Stanzas that the router was given: all but the link's own pings. */
  routed: number;
  readonly reconnects: Record<string, number>;
  /** Since when the link is up, or down after it was up, in epoch milliseconds; `undefined` when it never was. */
  since: number | undefined;
}

/** What is read of the link. */
type LinkView = Pick<Link, 'state' | 'sentBytes' | 'waiting'> & { readonly health: Pick<Link['health'], 'state'> };

/** Lets the metrics read the state of pools, link and store at each scrape. */
export function connectGauges(
  metrics: Metrics,
  router: Router,
  link: LinkView,
  counts: LinkCounts,
  store: Pick<Store, 'stats'>,
  clock: Pick<SteadyClock, 'now'>,
): void {
  metrics.setGaugeSource('pools', () => poolGauges(router, clock.now()));
  metrics.setGaugeSource('link', () => linkGauges(link, counts));
  metrics.setGaugeSource('transfers', () => transferGauges(router));
  metrics.setGaugeSource('store', () => ({
    pendingRows: store.stats.pending,
    failures: counts.storeFailures + store.stats.failed,
  }));
}

function poolGauges(router: Router, now: number): PoolGauges[] {
  return [...router.pools.values()].map((pool) => {
    const members: Record<string, number> = { verified: 0, checking: 0, unverified: 0, suspended: 0, 'cut-off': 0 };
    for (const member of pool.roster) members[member.state] = (members[member.state] ?? 0) + 1;
    const { nodes } = pool;
    const counted = nodeStates.map((state) => [state, nodes.filter((node) => node.state === state).length] as const);
    return {
      pool: pool.settings.name,
      members,
      eligible: pool.eligible,
      waiting: pool.waiting.size,
      requests: pool.openRequests,
      subscriptions: nodes.length === 0 ? {} : Object.fromEntries(counted),
      queue: queueGauges(router, pool, now),
    };
  });
}

function transferGauges({ transfers }: Router): Record<string, number> {
  return Object.fromEntries(openStages.map((stage) => [stage, transfers.mover.count(stage)]));
}

/** The link of a process without a router. */
export function idleLink(counts: LinkCounts): LinkGauges {
  return linkGauges({ state: 'idle', sentBytes: 0, waiting: 0, health: { state: 'offline' } }, counts);
}

function linkGauges(link: LinkView, counts: LinkCounts): LinkGauges {
  return {
    state: link.state,
    states: linkStates,
    suspect: link.health.state === 'suspect',
    receivedBytes: counts.receivedBytes,
    sentBytes: counts.sentBefore + link.sentBytes,
    outBufferBytes: link.waiting,
    reconnects: counts.reconnects,
  };
}
