import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeliveryChange, StoredQueue } from '../../src/core/delivery-state.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { emptySnapshot } from '../router/house.ts';
import { DeliveryModel } from './delivery-model.ts';
import { DirectWriter } from './direct-writer.ts';
import { accept, leased, sorted } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

const key = (id: number): string => id.toString(16).padStart(32, '0');

/** Steps that end in every way, some of each in a batch of its own. */
function batchOf(n: number): DeliveryChange[] {
  const id = n * 10;
  const old = { pool: 'jobs', id: id - 10 } as const;
  const again = { ...old, id: id - 9 };
  return [
    accept(id, leased, key(id)),
    accept(id + 1, { key: 'k' }, key(id + 1)),
    accept(id + 2, { sender: 'other@h' }),
    n % 2 === 0 ? { op: 'ack', ...old } : { op: 'release', ...old, attempt: 1, notBefore: n, history: '[]' },
    { op: 'lease', ...again, attempt: 1, worker: 'w@h/1', nonce: 'n', leasedAt: n, deadline: n },
    n % 3 === 0
      ? { op: 'bury', ...again, attempt: 1, reason: 'expired', at: n, history: undefined }
      : { op: 'ack', ...again },
    n % 5 === 0
      ? { op: 'bounce', pool: 'jobs', id: id - 8, attempt: 0, reason: 'expired' }
      : { op: 'purge', pool: 'jobs', id: id - 8 },
    { op: 'forget-duplicates', pool: 'jobs', before: id - 50 },
  ];
}

const asText = (queues: readonly StoredQueue[]): string => JSON.stringify(sorted({ ...emptySnapshot, queues }).queues);

describe('store: a log that ends anywhere', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 's.db');
  const copy = join(directory.path, 'copy.db');

  after(() => directory.remove());

  /** What a new process finds beside a log of the first `length` bytes. */
  async function foundAt(log: Buffer, length: number): Promise<readonly StoredQueue[]> {
    rmSync(`${copy}-shm`, { force: true });
    copyFileSync(file, copy);
    writeFileSync(`${copy}-wal`, log.subarray(0, length));
    const writer = new DirectWriter(copy);
    const { queues } = await writer.load();
    await writer.close();
    return queues;
  }

  it('leaves each batch whole or not at all, wherever the power was cut, and the tallies add up', async function () {
    this.timeout(120_000);
    const writer = new DirectWriter(file);
    const model = new DeliveryModel();
    // Moved into the file, so that what follows is in the log alone.
    await writer.write(new ChangeList(batchOf(1)));
    const other = connect(file, {});
    other.exec('pragma wal_checkpoint(truncate)');
    const states = [asText((await writer.load()).queues)];
    for (const change of batchOf(1)) model.take(change);
    for (let n = 2; n <= 12; n += 1) {
      const { refused } = await writer.write(new ChangeList(batchOf(n)));
      const expected = batchOf(n).map((change) => model.take(change));
      assert.deepEqual(
        [...refused.keys()],
        [...expected.keys()].filter((row) => expected[row] === 'stale'),
      );
      states.push(asText((await writer.load()).queues));
    }
    const log = readFileSync(`${file}-wal`);
    const frame = 24 + 4096;
    let reached = 0;
    for (let at = 32; at <= log.length; at += frame) {
      for (const cut of [at - 1, at]) {
        if (cut < 0) continue;
        const queues = await foundAt(log, cut);
        for (const { tally, open, dead } of queues) {
          assert.equal(tally.accepted, tally.acknowledged + tally.bounced + tally.purged + open + dead);
        }
        const state = states.indexOf(asText(queues));
        assert.ok(state >= reached, `a log of ${cut} bytes gives a state that never was, or an earlier one`);
        reached = state;
      }
    }
    assert.equal(reached, states.length - 1);
    other.close();
    await writer.close();
  });
});
