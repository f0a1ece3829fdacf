import { deepEqual, equal, match, ok, throws } from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Change } from '../../src/core/durable-state.ts';
import { backupStore, restoreStore } from '../../src/store/copy.ts';
import { StoreError, type StoreErrorKind } from '../../src/store/error.ts';
import { openStore } from '../../src/store/open.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { writeMark } from '../../src/store/sqlite/move-mark.ts';
import type { Store } from '../../src/store/store.ts';
import { accept, leased, putMember, sorted } from './samples.ts';
import { temporaryDirectory } from './temporary.ts';

const all = { want: 'list', pool: 'jobs', states: ['ready', 'leased', 'dead'], after: 0, limit: 100 } as const;

describe('store: copies', () => {
  let directory: ReturnType<typeof temporaryDirectory>;
  let file: string;
  let copy: string;

  beforeEach(() => {
    directory = temporaryDirectory();
    file = join(directory.path, 's.db');
    copy = join(directory.path, 'copy.db');
  });

  afterEach(() => directory.remove());

  const names = (): string[] => readdirSync(directory.path).sort();
  const open = (path = file): Promise<Store> => openStore({ driver: 'sqlite', file: path });

  function commit(store: Store, change: Change): Promise<void> {
    return new Promise((resolve, reject) => {
      store.commit(change, (error) => (error === undefined ? resolve() : reject(error)));
    });
  }

  /** A database with a member, a message that waits, and one that a worker has. */
  async function filled(path = file): Promise<void> {
    const store = await open(path);
    await commit(store, putMember('ada'));
    await commit(store, accept(1));
    await commit(store, accept(2, leased));
    await store.close();
  }

  /** Marks it as moved, as a move does at its end. */
  function leave(path = file): void {
    const connection = connect(path, {});
    writeMark(connection, { state: 'left', id: 'm', other: 'postgresql://elsewhere/s', at: 0 });
    connection.close();
  }

  it('are not made of a store whose content went elsewhere, nor put back from one', async () => {
    await filled();
    leave();
    const moved = { kind: 'moved', message: /what it held was moved to postgresql:\/\/elsewhere\/s on 1970/ };
    throws(() => backupStore(file, copy), moved);
    throws(() => restoreStore(file, copy), moved);
    deepEqual(
      names().filter((name) => !name.endsWith('.lock')),
      ['s.db'],
    );
  });

  it('that take the place of a store whose content went elsewhere say so', async () => {
    await filled();
    backupStore(file, copy);
    equal(restoreStore(copy, file).moved, undefined);
    leave();
    const { moved, aside } = restoreStore(copy, file);
    deepEqual([moved?.other, aside], ['postgresql://elsewhere/s', `${file}.before-restore-2`]);
    // What is damaged says nothing, and is replaced all the same.
    writeFileSync(file, 'no database');
    equal(restoreStore(copy, file).moved, undefined);
  });

  /** All that is in it. */
  async function content(path: string): Promise<unknown> {
    const store = await open(path);
    const both = [sorted(await store.load()), (await store.read(all)).rows];
    await store.close();
    return both;
  }

  function refuses(work: () => unknown, kind: StoreErrorKind, says: RegExp): void {
    const before = names();
    throws(work, (error) => {
      ok(error instanceof StoreError, String(error));
      equal(error.kind, kind, error.message);
      match(error.message, says);
      return true;
    });
    deepEqual(names(), before, 'nothing is left');
  }

  it('hold all that was reported before, are private, and leave nothing beside them', async () => {
    await filled();
    const { bytes, queues } = backupStore(file, copy);
    deepEqual(names(), ['copy.db', 's.db', 's.db.lock']);
    deepEqual([bytes, statSync(copy).mode & 0o777], [statSync(copy).size, 0o600]);
    deepEqual(queues, [{ pool: 'jobs', open: 2, dead: 0 }]);
    deepEqual(await content(copy), await content(file));
  });

  it('are made while a router has the database open, and do not hinder it', async () => {
    await filled();
    const store = await open();
    await commit(store, accept(3));
    const { queues } = backupStore(file, copy);
    equal(queues[0]?.open, 3);
    await commit(store, accept(4));
    await store.close();
    const copied = await open(copy);
    equal((await copied.read(all)).rows.length, 3);
    await copied.close();
  });

  it('are written over nothing, and made of nothing but a sound database of ours', async () => {
    refuses(() => backupStore(file, copy), 'missing', /s\.db: there is no such file/);
    await filled();
    writeFileSync(copy, 'precious');
    refuses(() => backupStore(file, copy), 'exists', /copy\.db: there is a file of this name/);
    equal(readFileSync(copy, 'utf8'), 'precious');
    refuses(() => backupStore(file, join(directory.path, 'none/copy.db')), 'no-directory', /does not exist/);
    const other = join(directory.path, 'other.db');
    writeFileSync(other, 'no database at all, but long enough to be looked at as one; '.repeat(3));
    refuses(() => backupStore(other, `${other}.copy`), 'not-a-database', /other\.db: /);
  });

  it('are put back, and what was there before is kept beside', async () => {
    await filled();
    const then = await content(file);
    backupStore(file, copy);
    const store = await open();
    await commit(store, { op: 'ack', pool: 'jobs', id: 1 });
    await store.close();
    const now = await content(file);
    const { aside, queues } = restoreStore(copy, file);
    equal(aside, `${file}.before-restore`);
    equal(queues[0]?.open, 2);
    deepEqual(await content(file), then);
    deepEqual(await content(aside), now);
    equal(restoreStore(copy, file).aside, `${file}.before-restore-2`);
    deepEqual(await content(file), then);
    ok(existsSync(copy));
  });

  it('are put where no database is yet', async () => {
    await filled();
    backupStore(file, copy);
    const fresh = join(directory.path, 'deep/er/fresh.db');
    equal(restoreStore(copy, fresh).aside, undefined);
    deepEqual(await content(fresh), await content(file));
  });

  it('keep the log of a database that was killed with it, and take none of it over', async () => {
    await filled();
    backupStore(file, copy);
    const killed = connect(file, {});
    killed.exec('pragma wal_autocheckpoint = 0');
    killed.exec("delete from delivery where id = 1; update member set label = 'changed'");
    // As a kill leaves it: what was written last is in the log alone.
    const [left, byHand] = [join(directory.path, 'left.db'), join(directory.path, 'by-hand.db')];
    for (const part of ['', '-wal']) {
      for (const path of [left, byHand]) copyFileSync(`${file}${part}`, `${path}${part}`);
    }
    killed.close();
    const { aside = '' } = restoreStore(copy, left);
    deepEqual(await content(left), await content(copy));
    deepEqual(await content(aside), await content(file));
    // A copy by hand, of the file and its log, is a copy too.
    const target = join(directory.path, 'target.db');
    restoreStore(byHand, target);
    deepEqual(await content(target), await content(file));
  });

  it('are not put back while a router runs, nor when they are not sound', async () => {
    await filled();
    backupStore(file, copy);
    const store = await open();
    refuses(
      () => restoreStore(copy, file),
      'locked',
      /s\.db: another Switchyard has this database open\. Stop it first/,
    );
    await store.close();
    const before = await content(file);
    refuses(() => restoreStore(file, file), 'exists', /this is the database itself/);
    refuses(() => restoreStore(`${copy}.none`, file), 'missing', /copy\.db\.none/);
    const broken = join(directory.path, 'broken.db');
    copyFileSync(copy, broken);
    const bytes = readFileSync(broken);
    bytes.fill(0xff, 4_096, 12_288);
    writeFileSync(broken, bytes);
    refuses(() => restoreStore(broken, file), 'corrupt', /broken\.db: the database is damaged/);
    writeFileSync(broken, '');
    refuses(() => restoreStore(broken, file), 'not-a-database', /broken\.db: the file is empty/);
    deepEqual(await content(file), before);
  });

  it('belong to whom the folder belongs when root puts them back', async function () {
    if (process.getuid?.() !== 0) return;
    this.timeout(20_000);
    await filled();
    backupStore(file, copy);
    const folder = join(directory.path, 'service');
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, 65_534, 65_534);
    chmodSync(directory.path, 0o711);
    const theirs = join(folder, 's.db');
    restoreStore(copy, theirs);
    for (const path of [theirs, `${theirs}.lock`]) {
      deepEqual([statSync(path).uid, statSync(path).gid, statSync(path).mode & 0o777], [65_534, 65_534, 0o600]);
    }
  });
});
