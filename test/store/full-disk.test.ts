import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../src/core/durable-state.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { StoreError } from '../../src/store/error.ts';
import { defaultLimits, Journal } from '../../src/store/journal.ts';
import { openStore } from '../../src/store/open.ts';
import { startWorker } from '../../src/store/sqlite/start-worker.ts';
import type { Store } from '../../src/store/store.ts';
import { ThreadWriter } from '../../src/store/thread/thread-writer.ts';
import { skip } from '../support/skip.ts';
import { accept } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

const tail = `<body>${'x'.repeat(1_000)}</body>`;
const acceptance = (id: number): Change => accept(id, { tail }, id.toString(16).padStart(32, '0'));
const ack = (id: number): Change => ({ op: 'ack', pool: 'jobs', id });

/** Commits in one turn; `stored`, or the kinds of the errors. */
async function commit(store: Store, changes: readonly Change[]): Promise<string[]> {
  const results = changes.map((change) => new Promise<Error | undefined>((resolve) => store.commit(change, resolve)));
  return (await Promise.all(results)).map((error) =>
    error instanceof StoreError ? error.kind : String(error ?? 'stored'),
  );
}

/** Accepts until the disk is full; returns how many were accepted. */
async function fill(store: Store): Promise<number> {
  for (let accepted = 0; ; accepted += 50) {
    const results = new Set(
      await commit(
        store,
        Array.from({ length: 50 }, (_, index) => acceptance(accepted + index + 1)),
      ),
    );
    assert.equal(results.size, 1, 'messages are accepted together or not at all');
    if (!results.has('stored')) {
      assert.deepEqual([...results], ['full']);
      return accepted;
    }
  }
}

/** Nothing was half-written: what was accepted is there, and known as a duplicate; nothing else is. */
async function assertHolds(store: Store, accepted: number, acknowledged: number): Promise<void> {
  const [queue] = (await store.load()).queues;
  assert.deepEqual(queue?.tally, { accepted, acknowledged, bounced: 0, purged: 0, last: queue?.tally.last });
  assert.deepEqual([queue.open, queue.duplicates.length], [accepted - acknowledged, accepted]);
}

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('store: deliveries on a full disk', function () {
  this.timeout(60_000);
  let directory: ReturnType<typeof temporaryDirectory>;

  beforeEach(() => {
    directory = temporaryDirectory();
  });

  afterEach(() => directory.remove());

  it('refuses messages, takes what ends deliveries from the same batch, and has room again', async () => {
    const store = await openStore({ driver: 'sqlite', file: join(directory.path, 's.db'), maxBytes: 400_000 });
    const accepted = await fill(store);
    assert.ok(!store.health.ok && store.health.reason.includes('no room to write'), 'an operator is told');
    await assertHolds(store, accepted, 0);
    const fresh = Array.from({ length: accepted }, (_, index) => acceptance(accepted + index + 1));
    const acks = Array.from({ length: accepted }, (_, index) => ack(index + 1));
    const lease = { worker: 'w@h/1', nonce: undefined, leasedAt: 1, deadline: 2 };
    const results = await commit(store, [
      ...fresh,
      ...acks,
      ack(1),
      { op: 'lease', pool: 'jobs', id: 2, attempt: 1, ...lease },
    ]);
    assert.deepEqual(results, [...fresh.map(() => 'full'), ...acks.map(() => 'stored'), 'stale', 'full']);
    assert.ok(!store.health.ok, 'a batch of which a part found no room is no recovery');
    await assertHolds(store, accepted, accepted);
    assert.deepEqual(await commit(store, [acceptance(9_999)]), ['stored']);
    assert.deepEqual(store.health, { ok: true });
    await assertHolds(store, accepted + 1, accepted);
    await store.close();
  });

  it('stays unhealthy while there is no room for a message, and is healthy by itself when there is', async () => {
    const file = join(directory.path, 's.db');
    const database = { file, busyTimeout: 50, maxBytes: 400_000 };
    const writer = new ThreadWriter({ file, start: () => startWorker(database), minDelay: 1, maxDelay: 20 });
    await writer.open();
    const store = new Journal(writer, { ...defaultLimits, trial: 1 });
    await fill(store);
    const trials = async (count: number): Promise<void> => {
      const before = store.stats.batches;
      for (let n = 0; n < count; n += 1) await assert.rejects(writer.write(new ChangeList()), { kind: 'full' });
      assert.equal(store.stats.batches, before);
    };
    await trials(3);
    assert.equal(store.health.ok, false);
    // Past the journal, which learns of it by its own trial.
    await writer.write(new ChangeList(Array.from({ length: 200 }, (_, index) => ack(index + 1))));
    await eventually(() => store.health.ok);
    await store.close();
  });

  it('meets a disk that is really full, and goes on when others have made room', async function () {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', directory.path]);
    if (mounted.status !== 0) skip(this, 'a file system of a few megabytes cannot be mounted here');
    try {
      const filler = join(directory.path, 'filler');
      writeFileSync(filler, Buffer.alloc(3_000_000));
      const store = await openStore({ driver: 'sqlite', file: join(directory.path, 's.db') });
      const accepted = await fill(store);
      assert.equal(store.health.ok, false);
      await assertHolds(store, accepted, 0);
      rmSync(filler);
      assert.deepEqual(await commit(store, [acceptance(9_999), ack(1)]), ['stored', 'stored']);
      assert.deepEqual(store.health, { ok: true });
      await assertHolds(store, accepted + 1, 1);
      await store.close();
      const again = await openStore({ driver: 'sqlite', file: join(directory.path, 's.db') });
      await assertHolds(again, accepted + 1, 1);
      await again.close();
    } finally {
      spawnSync('umount', [directory.path]);
    }
  });
});
