import { catalogue, type HistogramName } from './catalogue.ts';

/** Upper bounds of the buckets of each histogram, in seconds. */
const bounds: Readonly<Record<HistogramName, readonly number[]>> = {
  switchyard_routing_duration_seconds: [5e-6, 1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 0.001, 0.005, 0.025, 0.1, 1],
  switchyard_pool_queue_wait_seconds: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200, 43_200, 86_400],
  switchyard_pool_work_seconds: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
  switchyard_event_loop_delay_seconds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  switchyard_store_commit_duration_seconds: [5e-4, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  switchyard_store_read_duration_seconds: [5e-4, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
};

/** One histogram with one set of labels. The last count is of what is above all bounds. */
class Row {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  sum = 0;

  constructor(name: HistogramName) {
    this.bounds = bounds[name];
    this.counts = new Float64Array(this.bounds.length + 1);
  }
}

/**
 * The histograms of one process: times by pool, or of the whole. To note one is a walk over at most
 * a dozen bounds and two additions; prom-client's own would build a text of the labels each time.
 */
export class Timings {
  readonly #rows = new Map<HistogramName, Map<string, Row>>();
  readonly #pools = new Set<string>();

  /** Lets times be noted of `pool`. */
  addPool(pool: string): void {
    this.#pools.add(pool);
  }

  dropPool(pool: string): void {
    this.#pools.delete(pool);
    for (const rows of this.#rows.values()) rows.delete(pool);
  }

  /** @param pool One that was never added counts as none; of no meaning for histograms without the label. */
  note(name: HistogramName, seconds: number, pool = ''): void {
    // Only pools that were added have rows.
    const row = this.#rows.get(name)?.get(pool) ?? this.#row(name, this.#pools.has(pool) ? pool : '');
    let bucket = 0;
    for (const bound of row.bounds) {
      if (seconds <= bound) break;
      bucket += 1;
    }
    row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
    row.sum += seconds;
  }

  /** All of them in the text format of Prometheus; a pool shows once there is a time of it. */
  text(): string {
    return names.map((name) => this.#describe(name)).join('\n');
  }

  #row(name: HistogramName, pool: string): Row {
    let rows = this.#rows.get(name);
    if (rows === undefined) {
      rows = new Map();
      this.#rows.set(name, rows);
    }
    let row = rows.get(pool);
    if (row === undefined) {
      row = new Row(name);
      rows.set(pool, row);
    }
    return row;
  }

  #describe(name: HistogramName): string {
    const { help, labels } = catalogue[name];
    const rows = this.#rows.get(name) ?? new Map(labels.length === 0 ? [['', new Row(name)]] : []);
    const lines = [...rows].flatMap(([pool, row]) => samples(name, labels.length === 0 ? undefined : pool, row));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
  }
}

const names = Object.keys(bounds).filter((name): name is HistogramName => name in bounds);

function samples(name: HistogramName, pool: string | undefined, { counts, sum }: Row): string[] {
  const label = pool === undefined ? '' : `pool="${escaped(pool)}"`;
  const more = label === '' ? '' : `,${label}`;
  const braces = label === '' ? '' : `{${label}}`;
  let total = 0;
  const buckets = [...counts].map((count, index) => {
    total += count;
    return `${name}_bucket{le="${bounds[name][index] ?? '+Inf'}"${more}} ${total}`;
  });
  return [...buckets, `${name}_sum${braces} ${sum}`, `${name}_count${braces} ${total}`];
}

/** As a value of a label in the text format. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
