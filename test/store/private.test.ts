import { equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';

describe('the database file', () => {
  it('is for its owner alone, with its log, its lock and its folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-private-'));
    const file = join(folder, 'data', 'switchyard.db');
    const before = process.umask(0o022);
    try {
      const store = await openStore({ driver: 'sqlite', file });
      store.commit({ op: 'clear-preference', pool: 'jobs' });
      await store.flush();
      for (const path of [file, `${file}-wal`, `${file}.lock`]) equal(statSync(path).mode & 0o777, 0o600, path);
      equal(statSync(join(folder, 'data')).mode & 0o777, 0o700);
      await store.close();
    } finally {
      process.umask(before);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
