/**
 * What a durable delivery costs the store: accepted as leased, then acknowledged, each on disk before
 * the next. Beside it what the same disk gives at best. Run:
 * node --import=tsx bench/deliveries.ts [seconds a run] [rounds] [folder on the disk that is meant]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeliveryChange } from '../src/core/delivery-state.ts';
import { MemoryBudget } from '../src/core/memory/memory.ts';
import { ChangeList } from '../src/store/change-list.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import { newDeployment } from '../test/postgres/deployment.ts';
import { DirectWriter } from '../test/store/direct-writer.ts';
import { accept, leased } from '../test/store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../test/support/servers/postgres.ts';
import { rawCycleRate } from './raw-rate.ts';

const seconds = Number(process.argv[2] ?? 1);
const rounds = Number(process.argv[3] ?? 5);
const folder = process.argv[4] ?? tmpdir();

/** Cycles a second, and the processor time of each in microseconds: of the whole process, and of its event loop. */
interface Rate {
  readonly rate: number;
  readonly processor: number;
  readonly loop: number;
}

const sample = accept(0, {
  ...leased,
  message: 'm-1',
  nonce: '0123456789abcdef',
  tail: `<body>${'x'.repeat(300)}</body>`,
});
let last = 0;

/** `known`: with a key by which a second one would be known. */
function arrival(known: boolean): DeliveryChange & { readonly id: number } {
  last += 1;
  return { ...sample, id: last, duplicate: known ? last.toString(16).padStart(32, '0') : undefined };
}

async function timed(work: () => Promise<number>): Promise<Rate> {
  const [processor, loop, start] = [process.cpuUsage(), performance.eventLoopUtilization(), performance.now()];
  const done = await work();
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(processor);
  const { active } = performance.eventLoopUtilization(loop);
  return { rate: (done / elapsed) * 1_000, processor: (user + system) / done, loop: (active * 1_000) / done };
}

/** The statements alone, on this thread, in batches of 2 000 rows. */
async function statements(file: string, known: boolean): Promise<Rate> {
  const writer = new DirectWriter(file);
  const rate = await timed(async () => {
    let done = 0;
    let open: number[] = [];
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; done += 1_000) {
      const fresh = Array.from({ length: 1_000 }, () => arrival(known));
      await writer.write(
        new ChangeList([...open.map((id): DeliveryChange => ({ op: 'ack', pool: 'jobs', id })), ...fresh]),
      );
      open = fresh.map(({ id }) => id);
    }
    return done;
  });
  await writer.close();
  return rate;
}

/** Everything, as the router does it: journal, thread, callbacks. 4 000 are on their way at a time. */
function store(file: string, known: boolean): Promise<Rate> {
  return throughStore(openStore({ driver: 'sqlite', file }, new MemoryBudget(1e9)), known);
}

/** The same in PostgreSQL, whose own processor time is not counted. */
async function storeInPostgres(cluster: Postgres, known: boolean): Promise<Rate> {
  const deployment = await newDeployment(cluster);
  const rate = await throughStore(deployment.database.openStore(deployment.epoch, new MemoryBudget(1e9)), known);
  await deployment.close();
  return rate;
}

async function throughStore(opening: Promise<Store>, known: boolean): Promise<Rate> {
  const opened = await opening;
  const rate = await timed(async () => {
    let done = 0;
    const end = performance.now() + seconds * 1_000;
    const begin = (): void => {
      const change = arrival(known);
      opened.commit(change, () => opened.commit({ op: 'ack', pool: 'jobs', id: change.id }, finished));
    };
    const finished = (error: Error | undefined): void => {
      if (error !== undefined) throw error;
      done += 1;
      if (performance.now() < end) begin();
    };
    for (let n = 0; n < 4_000; n += 1) begin();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    await opened.flush();
    return done;
  });
  await opened.close();
  return rate;
}

async function inNewFile(measure: (file: string) => Promise<Rate>): Promise<Rate> {
  const place = mkdtempSync(join(folder, 'switchyard-bench-'));
  try {
    return await measure(join(place, 'bench.db'));
  } finally {
    rmSync(place, { recursive: true });
  }
}

const cluster =
  postgresMissing() === undefined ? await startPostgres({ settings: { shared_buffers: '256MB' } }) : undefined;

const kinds: readonly { readonly name: string; readonly measure: (file: string) => Promise<Rate> }[] = [
  { name: 'rows of 300 bytes added and removed, nothing else', measure: async () => raw() },
  { name: 'statements alone', measure: (file) => statements(file, false) },
  { name: 'statements alone, with de-duplication', measure: (file) => statements(file, true) },
  { name: 'journal and thread', measure: (file) => store(file, false) },
  { name: 'journal and thread, with de-duplication', measure: (file) => store(file, true) },
  ...(cluster === undefined
    ? []
    : [
        { name: 'journal and thread, PostgreSQL', measure: () => storeInPostgres(cluster, false) },
        { name: 'journal and thread, PostgreSQL, with de-duplication', measure: () => storeInPostgres(cluster, true) },
      ]),
];

function raw(): Promise<Rate> {
  return timed(() => Promise.resolve(rawCycleRate(folder, seconds) * seconds));
}

function cell(rates: readonly Rate[], key: keyof Rate, digits: number): string {
  const values = rates.map((one) => one[key]).sort((a, b) => a - b);
  const form = (value: number | undefined): string => (value ?? 0).toFixed(digits);
  return `${form(values[Math.floor(values.length / 2)])} (${form(values[0])}-${form(values.at(-1))})`;
}

const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? '?'}, load ${load.join(' ')}; ${rounds} interleaved rounds of ${seconds} s; median (least-most)\n`,
);
const results = kinds.map((): Rate[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, { measure }] of kinds.entries()) results[index]?.push(await inNewFile(measure));
}
console.log('| what | cycles/s | processor, us a cycle | of it the event loop |\n|---|---|---|---|');
for (const [index, { name }] of kinds.entries()) {
  const rates = results[index] ?? [];
  console.log(`| ${name} | ${cell(rates, 'rate', 0)} | ${cell(rates, 'processor', 1)} | ${cell(rates, 'loop', 1)} |`);
}
await cluster?.remove();
