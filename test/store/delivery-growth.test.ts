import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DeliveryChange } from '../../src/core/delivery-state.ts';
import { ChangeList } from '../../src/store/change-list.ts';
import { backupStore } from '../../src/store/copy.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { queries } from '../../src/store/sqlite/delivery-queries.ts';
import { DirectWriter } from './direct-writer.ts';
import { accept, leased } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

const key = (id: number): string => id.toString(16).padStart(32, '0');
const tail = `<body>${'x'.repeat(2_000)}</body>`;

describe('store: room that deliveries take', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 's.db');
  const writer = new DirectWriter(file);
  let next = 0;

  after(async () => {
    await writer.close();
    directory.remove();
  });

  /** Accepts 200, and ends those of the round before, as one batch. */
  async function round(): Promise<void> {
    const changes: DeliveryChange[] = [{ op: 'forget-duplicates', pool: 'jobs', before: next - 1_000 }];
    for (let n = 0; n < 200; n += 1) {
      next += 1;
      changes.push(accept(next, { ...leased, tail }, key(next)));
      if (next > 200) changes.push({ op: 'ack', pool: 'jobs', id: next - 200 });
    }
    const { refused } = await writer.write(new ChangeList(changes));
    assert.equal(refused.size, 0);
  }

  it('is used again: neither the database nor its log grows with what has passed through', async function () {
    this.timeout(60_000);
    for (let n = 0; n < 5; n += 1) await round();
    const bound = { file: 4_000_000, log: 8_000 * 4_120 + 4_000_000 };
    // Never idle: the writer thread's own checkpoint does not come to its turn. Some 80 MB pass.
    for (let n = 0; n < 200; n += 1) {
      await round();
      assert.ok(statSync(`${file}-wal`).size < bound.log, `${statSync(`${file}-wal`).size} bytes of log`);
      assert.ok(statSync(file).size < bound.file, `${statSync(file).size} bytes of database`);
    }
    assert.ok(next * tail.length > 20 * bound.file);
  });

  it('is as large as the largest queue there ever was, and no larger after the next such', async function () {
    this.timeout(120_000);
    const path = join(directory.path, 'large.db');
    const large = new DirectWriter(path);
    const other = connect(path, {});
    const ids = Array.from({ length: 100_000 }, (_, index) => index + 1);
    /** Does this to each of so many deliveries, a thousand at a time. */
    const each = async (change: (id: number) => DeliveryChange): Promise<void> => {
      for (let from = 0; from < ids.length; from += 1_000) {
        const { refused } = await large.write(new ChangeList(ids.slice(from, from + 1_000).map(change)));
        assert.equal(refused.size, 0);
      }
    };
    const sizes: number[] = [];
    for (const body of ['first', 'second', 'third']) {
      await each((id) => accept(id, { tail: `<body>${body} ${id}</body>`, since: id }, key(id)));
      other.exec('pragma wal_checkpoint(passive)');
      sizes.push(statSync(path).size);
      await each((id) => ({ op: 'ack', pool: 'jobs', id }));
      await large.write(new ChangeList([{ op: 'forget-duplicates', pool: 'jobs', before: ids.length + 1 }]));
    }
    const [first = 0, second = 0, third = 0] = sizes;
    assert.ok(first > 15_000_000 && Math.max(second, third) < 1.1 * first, sizes.join(', '));
    // What is empty again gives its room back to a copy.
    assert.ok(backupStore(path, join(directory.path, 'small.db')).bytes < first / 50);
    other.close();
    await large.close();
  });

  it('can be copied while it is written, as the documents say', async () => {
    const copy = join(directory.path, 'copy.db');
    const reader = connect(file, { readonly: true });
    await round();
    reader.exec(`vacuum into '${copy}'`);
    await round();
    reader.close();
    const copied = new DirectWriter(copy);
    const [queue] = (await copied.load()).queues;
    const { accepted = 0, acknowledged = 0 } = queue?.tally ?? {};
    assert.deepEqual([accepted, accepted - acknowledged, queue?.open], [next - 200, 200, 200]);
    await copied.close();
  });

  it('is found by an index: no reading walks over what others have', () => {
    const database = connect(file, { readonly: true });
    for (const [name, sql] of Object.entries(queries)) {
      const parameters = Array.from({ length: sql.split('?').length - 1 }, () => 1);
      const plan = database
        .prepare<number[], { detail: string }>(`explain query plan ${sql}`)
        .all(...parameters)
        .map(({ detail }) => detail)
        .join('; ');
      assert.match(plan, /^SEARCH delivery USING (INDEX delivery_|INTEGER PRIMARY KEY)/, `${name}: ${plan}`);
      assert.doesNotMatch(plan, /TEMP B-TREE/, `${name}: ${plan}`);
    }
    database.close();
  });
});
