import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Inbound } from '../core/envelope.ts';
import type { Outcome } from '../core/outcome/outcome.ts';
import type { EventName } from '../core/ports.ts';
import { catalogue, type HistogramName, type MetricName } from './catalogue.ts';
import { EventCounts } from './event-counts.ts';
import type { MetricSources, PoolGauges, QueueGauges } from './metric-sources.ts';
import { type OutcomeRow, StanzaCounts } from './stanza-counts.ts';
import { Timings } from './timings.ts';

export interface MetricsOptions {
  /** Version of Switchyard. */
  readonly version: string;
  /** Names of the configured pools. */
  readonly pools: readonly string[];
  /** Whether to show the metrics of the process too. */
  readonly process: boolean;
}

/** Pools that are gone and whose metrics are still shown: a counter that vanishes is taken for one that was lost. */
const goneKept = 1_000;

/** One value with its labels. */
type Sample = readonly [labels: Record<string, string>, value: number];

/**
 * The metrics of one process. Counting is plain arithmetic on arrays; prom-client reads the
 * counts when it is scraped.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #stanzas = new StanzaCounts();
  readonly #events = new EventCounts();
  readonly #pools = new Set<string>();
  readonly #timings = new Timings();
  readonly #reloads = { done: 0, failed: 0 };
  #sources: Partial<MetricSources> = {};
  /** State of the pools at the scrape that is under way. */
  #seenPools: readonly PoolGauges[] = [];

  constructor(options: MetricsOptions) {
    for (const pool of options.pools) this.addPool(pool);
    const buildInfo = { version: options.version, node_version: process.version };
    this.#gauge('switchyard_build_info', () => [[buildInfo, 1]]);
    this.#registerStanzas();
    this.#registerPools();
    this.#registerQueues();
    this.#registerLink();
    this.#registerTransfers();
    this.#registerReadiness();
    this.#registerInstance();
    this.#registerHttp();
    this.#gauge('switchyard_store_pending_rows', () => single(this.#sources.store?.().pendingRows));
    this.#gauge('switchyard_store_file_bytes', () =>
      Object.entries(this.#sources.storeFiles?.() ?? {}).map(([part, size]): Sample => [{ part }, size]),
    );
    this.#counter('switchyard_store_failures_total', () => single(this.#sources.store?.().failures));
    this.#counter('switchyard_reloads_total', () =>
      Object.entries(this.#reloads).map(([result, count]): Sample => [{ result }, count]),
    );
    if (options.process) collectDefaultMetrics({ register: this.#registry });
  }

  /** Content type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Makes `pool` a value of the label `pool`; others show as `''`. It stays one also once the pool is gone. */
  addPool(pool: string): void {
    this.#pools.add(pool);
    this.#stanzas.addPool(pool);
    this.#events.addPool(pool);
    this.#timings.addPool(pool);
  }

  /**
   * Forgets pools that are gone, but for the last thousand: pools can be made while the process runs, by a
   * program as well, and their rows must not grow without an end.
   * @param present Names of the pools that there are.
   */
  keepPools(present: ReadonlySet<string>): void {
    const gone = [...this.#pools].filter((pool) => !present.has(pool));
    for (const pool of gone.slice(0, Math.max(0, gone.length - goneKept))) {
      this.#pools.delete(pool);
      this.#stanzas.dropPool(pool);
      this.#events.dropPool(pool);
      this.#timings.dropPool(pool);
    }
  }

  received(kind: Inbound['kind']): void {
    this.#stanzas.received(kind);
  }

  outcome(outcome: Outcome, pool: string | undefined): void {
    this.#stanzas.outcome(outcome, pool);
  }

  event(name: EventName, pool: string | undefined, amount = 1): void {
    this.#events.add(name, pool, amount);
  }

  /** Notes how long something took. */
  took(name: HistogramName, milliseconds: number, pool?: string): void {
    this.#timings.note(name, milliseconds / 1_000, pool);
  }

  /** Counts one reload of the configuration. */
  reload(result: 'done' | 'failed'): void {
    this.#reloads[result] += 1;
  }

  /** Where gauges come from; without a source a gauge shows no value. */
  setGaugeSource<Name extends keyof MetricSources>(name: Name, source: MetricSources[Name]): void {
    this.#sources = { ...this.#sources, [name]: source };
  }

  /** How the stanzas ended, by pool and reason. */
  outcomeTable(): OutcomeRow[] {
    return this.#stanzas.outcomeTable();
  }

  /** Stanzas received less stanzas ended: 0 between two turns of the event loop, or the router is wrong. */
  balance(): number {
    return this.#stanzas.balance();
  }

  /** All metrics in the text format of Prometheus. */
  async text(): Promise<string> {
    // Once a scrape, and not for each of the gauges: there may be thousands of members to count.
    this.#seenPools = [...(this.#sources.pools?.() ?? [])].filter(({ pool }) => this.#pools.has(pool));
    return `${await this.#registry.metrics()}\n${this.#timings.text()}`;
  }

  #registerStanzas(): void {
    this.#counter('switchyard_stanzas_received_total', () =>
      this.#stanzas.receivedTable().map(({ kind, count }): Sample => [{ kind }, count]),
    );
    this.#counter('switchyard_stanza_outcomes_total', () =>
      this.#stanzas.outcomeTable().map(({ count, ...labels }): Sample => [labels, count]),
    );
    this.#gauge('switchyard_stanza_balance', () => single(this.balance()));
    this.#counter('switchyard_events_total', () =>
      this.#events.table().map(({ count, ...labels }): Sample => [labels, count]),
    );
  }

  #registerPools(): void {
    const pools = () => this.#seenPools;
    this.#gauge('switchyard_pool_members', () =>
      pools().flatMap(({ pool, members }) =>
        Object.entries(members).map(([state, count]): Sample => [{ pool, state }, count]),
      ),
    );
    this.#gauge('switchyard_pool_eligible_workers', () =>
      pools().map(({ pool, eligible }): Sample => [{ pool }, eligible]),
    );
    this.#gauge('switchyard_pool_pubsub_subscriptions', () =>
      pools().flatMap(({ pool, subscriptions }) =>
        Object.entries(subscriptions).map(([state, count]): Sample => [{ pool, state }, count]),
      ),
    );
    this.#gauge('switchyard_pool_waiting_messages', () =>
      pools().map(({ pool, waiting }): Sample => [{ pool }, waiting]),
    );
    this.#gauge('switchyard_pool_open_requests', () =>
      pools().map(({ pool, requests }): Sample => [{ pool }, requests]),
    );
  }

  #registerQueues(): void {
    const each = (samples: (queue: QueueGauges, pool: string) => readonly Sample[]) => () =>
      this.#seenPools.flatMap(({ pool, queue }) => (queue === undefined ? [] : samples(queue, pool)));
    this.#gauge(
      'switchyard_pool_queue_messages',
      each(({ ready, leased, dead }, pool) =>
        Object.entries({ ready, leased, dead }).map(([state, count]): Sample => [{ pool, state }, count]),
      ),
    );
    this.#gauge(
      'switchyard_pool_queue_bytes',
      each(({ bytes }, pool) => [[{ pool }, bytes]]),
    );
    this.#gauge(
      'switchyard_pool_queue_oldest_seconds',
      each(({ oldest }, pool) => [[{ pool }, oldest]]),
    );
    this.#gauge(
      'switchyard_pool_queue_workers_wanted',
      each(({ workersWanted }, pool) => [[{ pool }, workersWanted]]),
    );
    this.#gauge(
      'switchyard_pool_stalled',
      each(({ stall }, pool) => (stall === undefined ? [] : [[{ pool, reason: stall }, 1]])),
    );
  }

  #registerReadiness(): void {
    const reasons = (): readonly string[] | undefined => this.#sources.unready?.();
    this.#gauge('switchyard_ready', () => {
      const present = reasons();
      return single(present === undefined ? undefined : Number(present.length === 0));
    });
    this.#gauge('switchyard_unready', () => (reasons() ?? []).map((reason): Sample => [{ reason }, 1]));
  }

  #registerInstance(): void {
    const instance = () => this.#sources.instance?.();
    this.#gauge('switchyard_instance_active', () => single(instance() && Number(instance()?.active)));
    this.#gauge('switchyard_lease_epoch', () => single(instance()?.epoch));
    this.#gauge('switchyard_lease_left_seconds', () => single(secondsOf(instance()?.leaseLeft)));
    this.#gauge('switchyard_view_age_seconds', () => single(secondsOf(instance()?.viewAge)));
    this.#counter('switchyard_takeovers_total', () => single(instance()?.takeovers));
    this.#gauge('switchyard_configurations_unlike', () => single(instance()?.unlike));
  }

  #registerHttp(): void {
    this.#counter('switchyard_http_refusals_total', () =>
      Object.entries(this.#sources.http?.().refusals ?? {}).map(([code, count]): Sample => [{ code }, count]),
    );
    this.#gauge('switchyard_http_streams', () => single(this.#sources.http?.().streams));
  }

  #registerTransfers(): void {
    this.#gauge('switchyard_transfer_workers', () =>
      Object.entries(this.#sources.transfers?.() ?? {}).map(([stage, count]): Sample => [{ stage }, count]),
    );
  }

  #registerLink(): void {
    const link = () => this.#sources.link?.();
    this.#gauge('switchyard_link_state', () => {
      const { state: present, states = [] } = link() ?? {};
      return states.map((state): Sample => [{ state }, state === present ? 1 : 0]);
    });
    this.#gauge('switchyard_link_suspect', () => single(suspicion(link()?.suspect)));
    this.#counter('switchyard_link_reconnects_total', () =>
      Object.entries(link()?.reconnects ?? {}).map(([problem, count]): Sample => [{ problem }, count]),
    );
    this.#counter('switchyard_link_received_bytes_total', () => single(link()?.receivedBytes));
    this.#counter('switchyard_link_sent_bytes_total', () => single(link()?.sentBytes));
    this.#gauge('switchyard_link_out_buffer_bytes', () => single(link()?.outBufferBytes));
  }

  #counter(name: MetricName, samples: () => readonly Sample[]): void {
    new Counter({
      ...this.#config(name),
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.inc(labels, value);
      },
    });
  }

  #gauge(name: MetricName, samples: () => readonly Sample[]): void {
    new Gauge({
      ...this.#config(name),
      collect() {
        this.reset();
        for (const [labels, value] of samples()) this.set(labels, value);
      },
    });
  }

  #config(name: MetricName) {
    const { help, labels } = catalogue[name];
    return { name, help, labelNames: labels, registers: [this.#registry] };
  }
}

function single(value: number | undefined): readonly Sample[] {
  return value === undefined ? [] : [[{}, value]];
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1_000;
}

function suspicion(suspect: boolean | undefined): number | undefined {
  return suspect === undefined ? undefined : Number(suspect);
}
