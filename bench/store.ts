/**
 * Where to write: on the main thread, or in a writer thread? Both through the same journal and the
 * same statements. Run: node --import=tsx bench/store.ts [seconds a run] [pairs]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { Change } from '../src/core/durable-state.ts';
import { Journal } from '../src/store/journal.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { DirectWriter } from '../test/store/direct-writer.ts';

const seconds = Number(process.argv[2] ?? 1);
const pairs = Number(process.argv[3] ?? 5);
const rates = [1_000, 10_000, 50_000];

interface Run {
  readonly done: number;
  readonly batch: number;
  readonly delayP99: number;
  readonly delayMax: number;
  readonly latencyP50: number;
  readonly latencyP99: number;
  readonly busy: number;
}

async function run(store: Store, rate: number): Promise<Run> {
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const before = performance.eventLoopUtilization();
  delay.enable();
  const start = performance.now();
  let made = 0;
  for (let now = start; now - start < seconds * 1000; now = performance.now()) {
    for (const due = ((now - start) / 1000) * rate; made < due; made += 1) {
      const at = performance.now();
      store.commit(changeOf(made), () => void latencies.push(performance.now() - at));
    }
    await pause(1);
  }
  await store.flush();
  const elapsed = (performance.now() - start) / 1000;
  delay.disable();
  latencies.sort((a, b) => a - b);
  return {
    done: latencies.length / elapsed,
    batch: store.stats.rows / Math.max(1, store.stats.batches),
    delayP99: delay.percentile(99) / 1e6,
    delayMax: delay.max / 1e6,
    latencyP50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    latencyP99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    busy: performance.eventLoopUtilization(before).utilization * 100,
  };
}

/** Each change has a key of its own, so that none takes another's place in a batch. */
function changeOf(index: number): Change {
  const sender = `sensor${index}@devices.example.org/line-${index % 97}`;
  return { op: 'put-conversation', pool: 'jobs', sender, worker: 'worker@example.org', at: index };
}

async function withStore(mode: 'main' | 'thread', rate: number): Promise<Run> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const file = join(directory, 'bench.db');
  const store = mode === 'main' ? new Journal(new DirectWriter(file)) : await openStore({ driver: 'sqlite', file });
  try {
    return await run(store, rate);
  } finally {
    await store.close();
    rmSync(directory, { recursive: true });
  }
}

function cell(runs: readonly Run[], key: keyof Run): string {
  const values = runs.map((one) => one[key]).sort((a, b) => a - b);
  const form = (value: number | undefined): string => (value ?? 0).toFixed((value ?? 0) < 100 ? 1 : 0);
  return `${form(values[Math.floor(values.length / 2)])} (${form(values[0])}-${form(values.at(-1))})`;
}

const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? '?'}, load ${load.join(' ')}, files in the`,
);
console.log(`temporary folder; ${pairs} interleaved pairs of ${seconds} s; median (least-most)\n`);
console.log(
  '| changes/s | writer | reported/s | rows a batch | loop delay p99 ms | max ms | commit p50 ms | p99 ms | loop busy % |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const rate of rates) {
  const runs = { main: [] as Run[], thread: [] as Run[] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const order = pair % 2 === 0 ? (['main', 'thread'] as const) : (['thread', 'main'] as const);
    for (const mode of order) runs[mode].push(await withStore(mode, rate));
  }
  for (const mode of ['main', 'thread'] as const) {
    const keys = ['done', 'batch', 'delayP99', 'delayMax', 'latencyP50', 'latencyP99', 'busy'] as const;
    console.log(`| ${rate} | ${mode} | ${keys.map((key) => cell(runs[mode], key)).join(' | ')} |`);
  }
}
