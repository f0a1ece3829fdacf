import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/sqlite/database.ts';

/** Rows of one transaction: the most that the router writes in one. */
const batch = 500;

/**
 * What the disk and SQLite can do, with nothing around them: rows like those of the router's queue put in and
 * taken out again, each batch in one transaction that is on disk (`synchronous = full`) when it is counted.
 *
 * @returns Rows put in and taken out again, a second.
 */
export function rawRate(seconds: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const database = openDatabase({ file: join(folder, 'raw.db'), busyTimeout: 5000, maxBytes: undefined });
  const { connection } = database;
  try {
    connection.exec('create table raw (id integer primary key, sender text not null, tail text not null) strict');
    const put = connection.prepare<[number, string, string]>('insert into raw (id, sender, tail) values (?, ?, ?)');
    const take = connection.prepare<[number]>('delete from raw where id = ?');
    const tail = `<body>${'x'.repeat(180)}</body>`;
    const cycle = connection.transaction((first: number) => {
      for (let id = first; id < first + batch; id += 1) put.run(id, `s${id % 100}@s.example/r`, tail);
      for (let id = first - 4 * batch; id < first - 3 * batch; id += 1) take.run(id);
    });
    const start = performance.now();
    let rows = 0;
    for (; performance.now() - start < seconds * 1000; rows += batch) cycle(rows);
    return rows / ((performance.now() - start) / 1000);
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
