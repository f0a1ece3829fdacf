import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Change } from '../../src/core/durable-state.ts';
import { Journal } from '../../src/store/journal.ts';
import { startWorker } from '../../src/store/postgres/start-worker.ts';
import type { Store } from '../../src/store/store.ts';
import { ThreadWriter } from '../../src/store/thread/thread-writer.ts';
import { endOnceWritten } from '../store/end-once-written.ts';
import { accept } from '../store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { ack, commit, until } from './commits.ts';
import { type Deployment, newDeployment } from './deployment.ts';

describe('PostgreSQL: the server or the writer thread dies amid batches', function () {
  this.timeout(120_000);
  let cluster: Postgres;
  let deployment: Deployment;
  let store: Store;
  let workers: Worker[];

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  beforeEach(async () => {
    deployment = await newDeployment(cluster);
    workers = [];
    const start = (): Worker => {
      const { settings, epoch } = deployment;
      const worker = startWorker({ settings, epoch });
      workers.push(worker);
      return worker;
    };
    const writer = new ThreadWriter({ file: deployment.target.place, start, minDelay: 1, maxDelay: 50 });
    await writer.open();
    store = new Journal(writer);
  });

  afterEach(async () => {
    await store?.close();
    await deployment?.close();
  });

  after(async () => {
    await cluster?.remove();
  });

  /** Accepts and acknowledges until `ended`; then what is there must be what was told. */
  async function holdsThrough(harm: () => Promise<void>, mayBeTold: readonly string[]): Promise<void> {
    const open = new Set<number>();
    const sums = { accepted: 0, acknowledged: 0 };
    const told = new Set<string>();
    let next = 1;
    let harming = true;
    const harmed = harm().finally(() => {
      harming = false;
    });
    for (let after = 0; after < 5; after += harming ? 0 : 1) {
      const changes: Change[] = [...open].slice(0, 150).map((id) => ack(id));
      for (let left = 200; left > 0; left -= 1, next += 1) changes.push(accept(next));
      const answers = await commit(store, changes);
      for (const [index, change] of changes.entries()) {
        const answer = answers[index] ?? '';
        told.add(answer);
        if (answer !== 'stored' || !('id' in change)) continue;
        if (change.op === 'accept') open.add(change.id);
        else open.delete(change.id);
        sums[change.op === 'accept' ? 'accepted' : 'acknowledged'] += 1;
      }
      if (!store.health.ok) await sleep(10);
    }
    await harmed;
    await until(() => store.health.ok);
    const { rows } = await store.read({ want: 'list', pool: 'jobs', states: ['ready'], after: 0, limit: 1e6 });
    assert.deepEqual(
      rows.map(({ id }) => id),
      [...open].sort((a, b) => a - b),
    );
    const { accepted, acknowledged } = (await store.load()).queues[0]?.tally ?? {};
    assert.deepEqual({ accepted, acknowledged }, sums);
    for (const answer of told) assert.ok(['stored', ...mayBeTold].includes(answer), answer);
  }

  it('kill -9 of the server, twice: what was told as stored is there, and nothing else', async () => {
    await holdsThrough(async () => {
      for (let round = 0; round < 2; round += 1) {
        await sleep(200 + 200 * Math.random());
        await cluster.kill9();
        await until(() => !store.health.ok);
        await cluster.start();
        await until(() => store.health.ok);
      }
    }, ['unreachable']);
    assert.equal(store.stats.restarts, 0);
  });

  it('the thread, at any moment: what was told as stored is there, and nothing else', async () => {
    await holdsThrough(async () => {
      for (let round = 1; round <= 4; round += 1) {
        await sleep(50 * Math.random());
        await workers.at(-1)?.terminate();
        await until(() => store.stats.restarts >= round && store.health.ok);
      }
    }, ['writer-died']);
  });

  it('the thread, after it has written and before it says so: it is told with what was refused', async () => {
    const [worker] = workers;
    assert.ok(worker);
    endOnceWritten(worker);
    assert.deepEqual(await commit(store, [accept(1), ack(9), accept(2)]), ['stored', 'stale', 'stored']);
    assert.equal(store.stats.restarts, 1);
    assert.equal((await store.load()).queues[0]?.open, 2);
  });

  it('the thread, before it has written: it is told as lost, and is not there', async () => {
    assert.deepEqual(await commit(store, [accept(1)]), ['stored']);
    const [worker] = workers;
    assert.ok(worker);
    worker.postMessage = () => void worker.terminate();
    assert.deepEqual(await commit(store, [accept(2), ack(1)]), ['writer-died', 'writer-died']);
    const [queue] = (await store.load()).queues;
    assert.deepEqual([queue?.open, queue?.tally.acknowledged], [1, 0]);
  });
});
