import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { ChangeList } from '../../src/store/change-list.ts';
import { StoreError } from '../../src/store/error.ts';
import { Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { startWorker } from '../../src/store/sqlite/start-worker.ts';
import type { Store } from '../../src/store/store.ts';
import { ThreadWriter } from '../../src/store/thread/thread-writer.ts';
import { emptySnapshot } from '../router/house.ts';
import { endOnceWritten } from './end-once-written.ts';
import { accept, conversation, member, putMember } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

function commit(store: Store, change: Parameters<Store['commit']>[0]): Promise<Error | undefined> {
  return new Promise((resolve) => store.commit(change, resolve));
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const kindOf = (error: Error | undefined): string => (error instanceof StoreError ? error.kind : String(error));

describe('store: the writer thread', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'switchyard.db');
  });

  afterEach(() => directory.remove());

  /** @param prepare Told of each thread that starts, and which it is, from 0. */
  async function openWithWorkers(
    prepare: (worker: Worker, which: number) => void = () => undefined,
  ): Promise<{ store: Store; workers: Worker[] }> {
    const workers: Worker[] = [];
    // A thread that starts late must not meet the file of a later test.
    const ofThisTest = file;
    const start = (): Worker => {
      const worker = startWorker({ file: ofThisTest, busyTimeout: 50, maxBytes: undefined });
      prepare(worker, workers.length);
      workers.push(worker);
      return worker;
    };
    const writer = new ThreadWriter({ file, start, minDelay: 1, maxDelay: 20 });
    await writer.open();
    return { store: new Journal(writer), workers };
  }

  it('dies: what is pending fails, health says so, and it is started again', async () => {
    const { store, workers } = await openWithWorkers();
    assert.equal(await commit(store, putMember('before')), undefined);
    const died = workers[0]?.terminate();
    const pending = await Promise.all([commit(store, putMember('a')), commit(store, putMember('b'))]);
    assert.ok(
      pending.every((error) => error === undefined || kindOf(error) === 'writer-died'),
      String(pending),
    );
    await died;
    await eventually(() => store.stats.restarts > 0 && store.health.ok);
    assert.equal(await commit(store, putMember('after')), undefined);
    const labels = (await store.load()).members.map(({ label }) => label);
    assert.ok(labels.includes('before') && labels.includes('after'));
    await store.close();
  });

  it('dies with deliveries, and the next one too as it is asked for them: they are told as stored', async () => {
    const { store, workers } = await openWithWorkers((worker, which) => {
      if (which === 0) endOnceWritten(worker);
      if (which === 1) worker.postMessage = () => void worker.terminate();
    });
    assert.deepEqual(await Promise.all([commit(store, accept(1)), commit(store, accept(2))]), [undefined, undefined]);
    assert.equal(workers.length, 3);
    assert.equal((await store.load()).queues[0]?.open, 2);
    await store.close();
  });

  it('dies after it has written deliveries and before it says so: they are told as stored', async () => {
    const { store, workers } = await openWithWorkers();
    const [worker] = workers;
    assert.ok(worker);
    endOnceWritten(worker);
    const results = await Promise.all([
      commit(store, accept(1)),
      commit(store, accept(2)),
      commit(store, putMember('a')),
    ]);
    assert.deepEqual(results, [undefined, undefined, undefined]);
    assert.equal(store.stats.restarts, 1);
    assert.equal((await store.load()).queues[0]?.open, 2);
    await store.close();
  });

  it('dies before it has written deliveries: they are told as lost, and are not there', async () => {
    const { store, workers } = await openWithWorkers();
    const [worker] = workers;
    assert.ok(worker);
    assert.equal(await commit(store, accept(1)), undefined);
    worker.postMessage = () => void worker.terminate();
    const results = [commit(store, accept(2)), commit(store, { op: 'ack', pool: 'jobs', id: 1 })];
    assert.deepEqual((await Promise.all(results)).map(kindOf), ['writer-died', 'writer-died']);
    const [queue] = (await store.load()).queues;
    assert.deepEqual([queue?.open, queue?.tally.acknowledged], [1, 0]);
    await store.close();
  });

  it('dies at any moment: whoever is told that a delivery is stored, or is not, may rely on it', async () => {
    const { store, workers } = await openWithWorkers();
    for (let round = 0; round < 2; round += 1) {
      await eventually(() => store.health.ok);
      const ids = Array.from({ length: 1_000 }, (_, index) => round * 1_000 + index + 1);
      const results = ids.map((id) => commit(store, accept(id)));
      setTimeout(() => void workers.at(-1)?.terminate(), Math.random() * 15);
      const told = (await Promise.all(results)).map(kindOf);
      assert.ok(
        told.every((kind) => kind === 'undefined' || kind === 'writer-died'),
        told.join(' '),
      );
      await eventually(() => store.health.ok && store.stats.restarts > round);
      const { rows } = await store.read({ want: 'ids', pool: 'jobs', ids });
      assert.deepEqual(
        rows.map(({ id }) => id),
        ids.filter((_, index) => told[index] === 'undefined'),
      );
    }
    await store.close();
  });

  it('closes though it was never told what became of its last batch', async () => {
    const { store, workers } = await openWithWorkers();
    const [worker] = workers;
    assert.ok(worker);
    worker.postMessage = () => void worker.terminate();
    const result = commit(store, accept(1));
    const exit = once(worker, 'exit');
    writeFileSync(`${file}.aside`, '');
    await exit;
    renameSync(`${file}.aside`, file);
    writeFileSync(file, 'no database');
    assert.equal(kindOf(await result), 'writer-died');
    await store.close();
  });

  it('refuses commits while it cannot be started, and takes them when it can', async () => {
    const { store, workers } = await openWithWorkers();
    assert.equal(await commit(store, putMember('before')), undefined);
    const aside = `${file}.aside`;
    renameSync(file, aside);
    writeFileSync(file, 'no database');
    await workers[0]?.terminate();
    await eventually(() => workers.length > 3);
    assert.equal(store.health.ok, false);
    assert.match(kindOf(await commit(store, putMember('a'))), /writer-died|not-a-database/);
    await assert.rejects(store.load(), StoreError);
    renameSync(aside, file);
    await eventually(() => store.health.ok);
    assert.deepEqual(
      (await store.load()).members.map(({ label }) => label),
      ['before'],
    );
    await store.close();
  });

  it('closes while it is down', async () => {
    const { store, workers } = await openWithWorkers();
    await workers[0]?.terminate();
    await store.close();
    assert.equal(kindOf(await commit(store, putMember('a'))), 'closed');
    const again = await openStore({ driver: 'sqlite', file });
    await again.close();
  });

  it('closes the file: no log is left, and the thread has ended', async () => {
    const { store, workers } = await openWithWorkers();
    const [worker] = workers;
    assert.ok(worker);
    const exit = once(worker, 'exit');
    await commit(store, putMember('a'));
    await store.close();
    assert.deepEqual(await exit, [0]);
    assert.equal(existsSync(`${file}-wal`), false);
  });

  it('moves the log into the database when idle', async () => {
    const store = await openStore({ driver: 'sqlite', file });
    const before = statSync(file).size;
    for (let index = 0; index < 2000; index += 1) store.commit(conversation(`s${index}@example.org`, index));
    await store.flush();
    await eventually(() => statSync(file).size > before);
    await store.close();
  });

  it('leaves out a change that the database does not take, and writes its neighbours', async () => {
    const store = await openStore({ driver: 'sqlite', file });
    const results = await Promise.all([
      commit(store, putMember('a')),
      commit(store, putMember('bad', { sequence: 1.5 })),
      commit(store, putMember('c')),
    ]);
    assert.deepEqual(results.map(kindOf), ['undefined', 'refused', 'undefined']);
    const { members } = await store.load();
    assert.deepEqual(members, [member('a'), member('c')]);
    assert.deepEqual(store.health, { ok: true });
    await store.close();
  });

  it('leaves out a message whole that the database takes in part, and does not count it', async () => {
    const store = await openStore({ driver: 'sqlite', file });
    const results = await Promise.all([
      commit(store, accept(1)),
      commit(store, accept(2, {}, 'not hexadecimal')),
      commit(store, { op: 'ack', pool: 'jobs', id: 9 }),
      commit(store, accept(3)),
    ]);
    assert.deepEqual(results.map(kindOf), ['undefined', 'refused', 'stale', 'undefined']);
    const [queue] = (await store.load()).queues;
    assert.deepEqual([queue?.tally.accepted, queue?.open, queue?.duplicates], [2, 2, []]);
    await store.close();
  });

  it('waits for another program that writes, then fails the batch and goes on', async () => {
    const store = await openStore({ driver: 'sqlite', file, busyTimeout: 20 });
    const other = connect(file, {});
    other.exec('begin immediate');
    assert.equal(kindOf(await commit(store, putMember('a'))), 'locked');
    assert.equal(store.health.ok, false);
    other.exec('rollback');
    other.close();
    assert.equal(await commit(store, putMember('b')), undefined);
    assert.deepEqual(
      (await store.load()).members.map(({ label }) => label),
      ['b'],
    );
    await store.close();
  });

  it('meets a full disk: the batch fails whole, and there is room again after a removal', async () => {
    const store = await openStore({ driver: 'sqlite', file, maxBytes: 200_000 });
    let stored = 0;
    let failed: Error | undefined;
    while (failed === undefined) {
      const batch = Array.from({ length: 50 }, (_, index) => commit(store, conversation(`${stored + index}@h`, 1)));
      const results = await Promise.all(batch);
      failed = results[0];
      assert.ok(
        results.every((error) => error === failed),
        'a batch is stored whole or not at all',
      );
      if (failed === undefined) stored += results.length;
    }
    assert.equal(kindOf(failed), 'full');
    assert.ok(failed.message.includes(file));
    assert.equal(store.health.ok, false);
    assert.equal((await store.load()).conversations.length, stored);
    assert.equal(await commit(store, { op: 'expire-conversations', pool: 'jobs', before: 2 }), undefined);
    assert.equal(await commit(store, conversation('again@h', 3)), undefined);
    assert.deepEqual(store.health, { ok: true });
    assert.equal((await store.load()).conversations.length, 1);
    await store.close();
  });

  it('tries the disk by a write of its own', async () => {
    const writer = new ThreadWriter({
      file,
      start: () => startWorker({ file, busyTimeout: 20, maxBytes: undefined }),
      minDelay: 1,
      maxDelay: 20,
    });
    await writer.open();
    const other = connect(file, {});
    other.exec('begin immediate');
    await assert.rejects(writer.write(new ChangeList()), { kind: 'locked' });
    other.exec('rollback');
    const version = (): unknown => other.pragma('user_version', { simple: true });
    const before = version();
    await writer.write(new ChangeList());
    assert.notEqual(version(), before);
    other.close();
    await writer.close();
  });

  it('meets a full disk at the start', async () => {
    await assert.rejects(openStore({ driver: 'sqlite', file, maxBytes: 8192 }), { kind: 'full' });
    const store = await openStore({ driver: 'sqlite', file });
    assert.deepEqual(await store.load(), emptySnapshot);
    await store.close();
  });
});
