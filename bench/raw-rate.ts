import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Rows that one transaction adds, and as many that it removes. */
const batch = 1_000;

/**
 * What the disk and SQLite give at best for deliveries: rows of `bytes` added and removed again, in
 * full batches, by one thread that does nothing else, WAL and `synchronous=FULL`, no index, nothing
 * looked up. Blocks for `seconds`; the database is made in a new folder inside `folder`, so that it
 * is on the disk that is meant. Returns rows added and removed in a second.
 */
export function rawCycleRate(folder: string, seconds: number, bytes = 300): number {
  const place = mkdtempSync(join(folder, 'switchyard-raw-'));
  const database = new Database(join(place, 'raw.db'));
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 8000');
    database.exec('create table row (id integer primary key, text text not null) strict');
    return cycle(database, seconds, 'x'.repeat(bytes));
  } finally {
    database.close();
    rmSync(place, { recursive: true });
  }
}

function cycle(database: Database.Database, seconds: number, text: string): number {
  const insert = database.prepare('insert into row (id, text) values (?, ?)');
  const remove = database.prepare('delete from row where id = ?');
  let done = 0;
  const addAndRemove = database.transaction(() => {
    for (let n = 0; n < batch; n += 1) {
      insert.run(done + n, text);
      if (done > 0) remove.run(done + n - batch);
    }
  });
  const start = performance.now();
  let elapsed = 0;
  for (; elapsed < seconds * 1_000; elapsed = performance.now() - start) {
    addAndRemove.immediate();
    done += batch;
  }
  return (done / elapsed) * 1_000;
}
