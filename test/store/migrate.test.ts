import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { migrate, migrationsDirectory, readMigrations } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { accept } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

describe('migrations', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let database: Database.Database;
  let folders = 0;

  beforeEach(() => {
    directory = temporaryDirectory();
    database = connect(join(directory.path, 'test.db'), {});
  });

  afterEach(() => {
    database.close();
    directory.remove();
  });

  function folderOf(files: Record<string, string>): string {
    folders += 1;
    const folder = join(directory.path, `migrations-${folders}`);
    mkdirSync(folder);
    for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
    return folder;
  }

  const first = { '0001_first.sql': 'create table one (a integer) strict;' };
  const second = { ...first, '0002_second.sql': 'create table two (b integer) strict; insert into one values (2);' };

  const tables = (): unknown[] => database.prepare('select name from sqlite_schema order by name').pluck().all();

  it("the package's own apply to an empty database", () => {
    const applied = migrate(database, readMigrations());
    const files = readdirSync(migrationsDirectory).filter((name) => name.endsWith('.sql'));
    assert.equal(applied.length, files.length);
    assert.deepEqual(migrate(database, readMigrations()), []);
  });

  it('of the first release lose nothing when those that came later are applied', async () => {
    const file = join(directory.path, 'released.db');
    const released = connect(file, {});
    released.pragma('application_id = 0x53775964');
    migrate(released, readMigrations().slice(0, 5));
    released.exec("insert into preference values ('jobs', 'weighted', 'all')");
    released.exec("insert into label values ('jobs', 'one', 'w@h', 5)");
    released.close();
    const store = await openStore({ driver: 'sqlite', file });
    const { preferences, labels, queues } = await store.load();
    assert.deepEqual(preferences, [{ pool: 'jobs', algorithm: 'weighted', replaced: 'all' }]);
    assert.deepEqual(labels, [{ pool: 'jobs', label: 'one', bare: 'w@h', at: 5 }]);
    assert.deepEqual(queues, []);
    store.commit(accept(1));
    assert.equal((await store.load()).queues[0]?.open, 1);
    await store.close();
  });

  it('are applied once, in order, and later ones alone', () => {
    const names = (folder: string): string[] => migrate(database, readMigrations(folder)).map(({ name }) => name);
    assert.deepEqual(names(folderOf(first)), ['0001_first.sql']);
    assert.deepEqual(names(folderOf(second)), ['0002_second.sql']);
    assert.deepEqual(names(folderOf(second)), []);
    assert.equal(database.prepare('select count(*) from one').pluck().get(), 1);
  });

  it('leave nothing of a file that fails in its middle', () => {
    const broken = {
      ...first,
      '0002_broken.sql': 'create table two (b integer) strict; insert into nowhere values (1);',
    };
    assert.throws(() => migrate(database, readMigrations(folderOf(broken))), /nowhere/);
    assert.deepEqual(tables(), ['migration', 'one']);
    migrate(database, readMigrations(folderOf(second)));
    assert.deepEqual(tables(), ['migration', 'one', 'two']);
  });

  it('refuse a database that has one more', () => {
    migrate(database, readMigrations(folderOf(second)));
    assert.throws(() => migrate(database, readMigrations(folderOf(first))), { kind: 'newer', message: /0002_second/ });
  });

  it('refuse a database made by a file that has changed since', () => {
    migrate(database, readMigrations(folderOf(first)));
    const changed = { '0001_first.sql': 'create table one (a text) strict;' };
    assert.throws(() => migrate(database, readMigrations(folderOf(changed))), { kind: 'changed-migration' });
  });

  it('must be numbered without gaps or doubles', () => {
    const sql = 'select 1;';
    for (const names of [['0002_b.sql'], ['0001_a.sql', '0003_c.sql'], ['0001_a.sql', '0001_b.sql'], ['1_a.sql']]) {
      const folder = folderOf(Object.fromEntries(names.map((name) => [name, sql])));
      assert.throws(() => readMigrations(folder), { kind: 'invalid-migrations' }, names.join());
    }
  });
});
