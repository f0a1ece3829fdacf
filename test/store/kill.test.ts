import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connect } from '../../src/store/sqlite/connection.ts';
import { openDatabase } from '../../src/store/sqlite/database.ts';
import { prepareRows } from '../../src/store/sqlite/rows.ts';
import { startCommitter } from './committer-process.ts';
import { temporaryDirectory } from './temporary.ts';

describe('store: kill -9', () => {
  const directory = temporaryDirectory();
  const file = join(directory.path, 'switchyard.db');

  after(() => directory.remove());

  it('loses nothing that was reported, in ten kills at random moments', async function () {
    this.timeout(120_000);
    const everReported: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const committer = await startCommitter({ driver: 'sqlite', file });
      await committer.until(Math.ceil(Math.random() * 3000));
      await committer.kill();
      everReported.push(...committer.reported);
      const database = openDatabase({ file, busyTimeout: 1000, maxBytes: undefined });
      const stored = new Set(
        prepareRows(database.connection)
          .load()
          .conversations.map(({ at }) => at),
      );
      database.close();
      const lost = everReported.filter((number) => !stored.has(number));
      assert.deepEqual(lost, [], `round ${round}: ${lost.length} of ${everReported.length} lost`);
    }
    const database = connect(file, { readonly: true });
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
  });
});
