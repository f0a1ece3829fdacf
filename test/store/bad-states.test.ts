import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StoreError, type StoreErrorKind } from '../../src/store/error.ts';
import { examineStore } from '../../src/store/examine.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { type DatabaseOptions, openDatabase } from '../../src/store/sqlite/database.ts';
import { prepareRows } from '../../src/store/sqlite/rows.ts';
import { writeBatch } from '../../src/store/sqlite/write-batch.ts';
import { startCommitter } from './committer-process.ts';
import { conversation, putMember } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

const options = (file: string): DatabaseOptions => ({ file, busyTimeout: 50, maxBytes: undefined });

function makeDatabase(file: string): void {
  const database = openDatabase(options(file));
  const { connection } = database;
  const changes = Array.from({ length: 2000 }, (_, index) => conversation(`sensor${index}@example.org`, index));
  writeBatch(connection, prepareRows(connection), [...changes, putMember('a')], 0);
  database.close();
}

function edit(file: string, sql: string): void {
  const database = connect(file, {});
  database.exec(sql);
  database.close();
}

function refusal(file: string, kind: StoreErrorKind): void {
  assert.throws(
    () => openDatabase(options(file)).close(),
    (error) => {
      assert.ok(error instanceof StoreError, String(error));
      assert.equal(error.kind, kind, error.message);
      assert.ok(error.message.includes(existsSync(file) ? realpathSync(file) : file), error.message);
      assert.ok(error.advice.length > 10);
      assert.doesNotMatch(error.message, /\b(E[A-Z]+): \1\b/);
      return true;
    },
  );
}

function refusedUnchanged(file: string, kind: StoreErrorKind): void {
  const before = digest(file);
  assert.throws(() => examineStore(file), { kind });
  refusal(file, kind);
  assert.equal(digest(file), before);
}

describe('store: files it cannot use', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 'switchyard.db');
  });

  afterEach(() => directory.remove());

  it('tells them through the writer thread as well', async () => {
    writeFileSync(file, 'Dear diary');
    const told = (error: unknown): boolean => error instanceof StoreError && error.kind === 'not-a-database';
    await assert.rejects(openStore({ driver: 'sqlite', file }), told);
  });

  it('makes a missing directory', () => {
    file = join(directory.path, 'a', 'b', 'switchyard.db');
    makeDatabase(file);
    assert.ok(existsSync(file));
  });

  it('examines a file without opening it for writing', async () => {
    assert.equal(examineStore(file).state, 'missing');
    const store = await openStore({ driver: 'sqlite', file });
    assert.equal(examineStore(file).state, 'in-use');
    store.commit(putMember('a'));
    await store.close();
    const before = digest(file);
    assert.equal(examineStore(file).state, 'good');
    assert.equal(digest(file), before);
  });

  it('examines a file without a trace: what root leaves would shut the service user out', () => {
    makeDatabase(file);
    rmSync(`${file}.lock`);
    const before = readdirSync(directory.path);
    assert.equal(examineStore(file).state, 'good');
    assert.deepEqual(readdirSync(directory.path), before);
  });

  it('lets the garbage collector run in the router and in the writer: Node 24 aborts at what is not held', () => {
    const script = fileURLToPath(new URL('./garbage-process.ts', import.meta.url));
    const child = spawnSync(process.execPath, ['--import=tsx', script, file], { encoding: 'utf8' });
    assert.equal(child.stdout, 'survived\n', child.stderr);
  });

  it('takes an empty file as a new database', () => {
    writeFileSync(file, '');
    makeDatabase(file);
  });

  it('refuses a directory that cannot be made', () => {
    writeFileSync(join(directory.path, 'plain'), '');
    refusal(join(directory.path, 'plain', 'switchyard.db'), 'no-directory');
  });

  it('refuses a file that is no database, and leaves nothing beside it', () => {
    writeFileSync(file, 'Dear diary, '.repeat(100));
    refusedUnchanged(file, 'not-a-database');
    writeFileSync(file, 'short');
    refusedUnchanged(file, 'not-a-database');
    assert.deepEqual(readdirSync(directory.path), ['switchyard.db']);
    refusal(directory.path, 'not-a-database');
  });

  it('refuses the database of another program', () => {
    edit(file, 'create table bookmark (url text)');
    refusedUnchanged(file, 'foreign');
    edit(file, 'pragma application_id = 252006674');
    refusedUnchanged(file, 'foreign');
    assert.deepEqual(readdirSync(directory.path), ['switchyard.db']);
  });

  it('refuses a damaged database', () => {
    makeDatabase(file);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 3 * 4096, 12 * 4096);
    writeFileSync(file, bytes);
    refusedUnchanged(file, 'corrupt');
  });

  it('refuses a database that was cut short', () => {
    makeDatabase(file);
    writeFileSync(file, readFileSync(file).subarray(0, 5 * 4096));
    refusedUnchanged(file, 'corrupt');
  });

  it('refuses a newer database', () => {
    makeDatabase(file);
    edit(file, "insert into migration values (9999, '9999_future.sql', 'x', 0)");
    refusedUnchanged(file, 'newer');
  });

  it('refuses a database whose migrations had other content', () => {
    makeDatabase(file);
    edit(file, "update migration set checksum = 'x' where number = 1");
    refusedUnchanged(file, 'changed-migration');
  });

  it('refuses a newer database without moving its write-ahead log into it', () => {
    makeDatabase(file);
    const other = connect(file, {});
    other.exec("insert into migration values (9999, '9999_future.sql', 'x', 0)");
    const [main, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
    other.close();
    const copy = join(directory.path, 'copy.db');
    writeFileSync(copy, main);
    writeFileSync(`${copy}-wal`, log);
    refusedUnchanged(copy, 'newer');
    assert.deepEqual(readFileSync(`${copy}-wal`), log);
  });

  it('refuses a row that it cannot understand, by name', async () => {
    makeDatabase(file);
    edit(file, "insert into preference values ('jobs', 'random', 'all')");
    const store = await openStore({ driver: 'sqlite', file });
    await assert.rejects(store.load(), { kind: 'corrupt', message: /pool jobs.*'random'/ });
    await store.close();
  });

  it('refuses a delivery that it cannot understand, by its id', async () => {
    makeDatabase(file);
    const insert = (id: number, state: number, type: string): string =>
      `insert into delivery values (${id}, 'jobs', ${state}, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 's@h', 'jobs@p', ${type}, ${'null, '.repeat(9)} '')`;
    edit(file, `${insert(1, 9, 'null')}; ${insert(2, 1, "'groupchat'")}`);
    const store = await openStore({ driver: 'sqlite', file });
    const read = (id: number): Promise<unknown> => store.read({ want: 'ids', pool: 'jobs', ids: [id] });
    await assert.rejects(read(1), { kind: 'corrupt', message: /delivery 1 of pool jobs.*state 9/ });
    await assert.rejects(read(2), { kind: 'corrupt', message: /delivery 2 of pool jobs.*'groupchat'/ });
    store.commit({ op: 'purge', pool: 'jobs', id: 1 });
    await store.close();
  });

  it('refuses a file that this process has open, by whatever path', async () => {
    const store = await openStore({ driver: 'sqlite', file });
    refusal(file, 'locked');
    const link = join(directory.path, 'link.db');
    symlinkSync(file, link);
    refusal(link, 'locked');
    store.commit(putMember('a'));
    assert.equal((await store.load()).members.length, 1);
    await store.close();
    makeDatabase(link);
  });

  it('refuses a file that another process has open, until that process is gone', async () => {
    const other = await startCommitter({ driver: 'sqlite', file });
    refusal(file, 'locked');
    await other.kill();
    makeDatabase(file);
  });

  it('refuses a file on which another program keeps a transaction', () => {
    makeDatabase(file);
    const other = connect(file, {});
    other.pragma('locking_mode = exclusive');
    other.exec("begin immediate; update member set label = 'x'");
    refusal(file, 'locked');
    other.close();
  });

  it('can be read by another program while it is open', async () => {
    const store = await openStore({ driver: 'sqlite', file });
    store.commit(putMember('a'));
    await store.flush();
    const other = connect(file, { readonly: true });
    assert.equal(other.prepare('select count(*) from member').pluck().get(), 1);
    other.close();
    await store.close();
  });

  it('refuses a file or a directory that cannot be written', () => {
    makeDatabase(file);
    const locked = join(directory.path, 'locked');
    mkdirSync(locked);
    chmodSync(directory.path, 0o755);
    chmodSync(locked, 0o555);
    chmodSync(file, 0o444);
    // Permissions do not bind root: be nobody for these two calls.
    const asRoot = process.geteuid?.() === 0;
    if (asRoot) process.seteuid?.(65534);
    try {
      refusal(file, 'read-only');
      refusal(join(locked, 'switchyard.db'), 'read-only');
      refusal(join(locked, 'deeper', 'switchyard.db'), 'read-only');
    } finally {
      if (asRoot) process.seteuid?.(0);
    }
  });

  it('says of a file or a directory that cannot be written that it cannot be, before anything is written', () => {
    makeDatabase(file);
    const [locked, open] = [join(directory.path, 'locked'), join(directory.path, 'open')];
    for (const path of [locked, open]) mkdirSync(path);
    for (const [path, mode] of [
      [directory.path, 0o755],
      [locked, 0o555],
      [open, 0o777],
      [file, 0o444],
    ] as const) {
      chmodSync(path, mode);
    }
    const script = fileURLToPath(new URL('./examine-process.ts', import.meta.url));
    const inLocked = ['switchyard.db', 'deeper/still/switchyard.db'].map((name) => join(locked, name));
    const files = [file, ...inLocked, join(open, 'deeper', 'switchyard.db')];
    const child = spawnSync(process.execPath, ['--import=tsx', script, ...files], { encoding: 'utf8' });
    assert.equal(child.stdout, 'read-only\nread-only\nread-only\nmissing\n', child.stderr);
  });
});
