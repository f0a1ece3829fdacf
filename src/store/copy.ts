import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreError } from './error.ts';
import { type HeldQueue, heldQueues, lookInto } from './examine.ts';
import { type Mark, refuseMoved } from './moves/mark.ts';
import { locate } from './sqlite/database.ts';
import { failureOf } from './sqlite/failure.ts';
import { lockFile } from './sqlite/lock.ts';
import { makePrivate } from './sqlite/make-private.ts';
import { readMark } from './sqlite/move-mark.ts';

/** A copy of a database that was made and looked at. */
export interface StoreCopy {
  /** Its size. */
  readonly bytes: number;
  readonly queues: readonly HeldQueue[];
}

/**
 * Copies the database `file` to `to`, as it is at one moment, also while a router writes it; whoever has
 * been told that a message was accepted before finds it in the copy. Room that is free is not copied.
 * Throws a `StoreError`, `moved` where the content of `file` went to another database; nothing is left then.
 */
export function backupStore(file: string, to: string): StoreCopy {
  const target = resolve(to);
  if (existsSync(target)) {
    throw new StoreError('exists', target, 'there is a file of this name.', 'Name another: nothing is written over.');
  }
  const source = existing(file, 'There is nothing to copy before the router has run.');
  return copyDatabase(source, `${target}.part`, (part) => renameSync(part, target));
}

/** What came of a copy that was put back. */
export interface Restored extends StoreCopy {
  /** Path of what was there before, if anything was. */
  readonly aside: string | undefined;
  /** Where the content of that had gone, if it had. */
  readonly moved: Mark | undefined;
}

/**
 * Puts the copy `from` in the place of the database `file`, which is kept beside it under another name.
 * Throws a `StoreError`, `locked` while a router runs, `moved` where the content of `from` went to another database;
 * nothing has changed then.
 */
export function restoreStore(from: string, file: string): Restored {
  const source = existing(from, 'Name a file that `switchyard backup` has made.');
  try {
    const target = locate(file);
    if (source === target) {
      throw new StoreError('exists', file, 'this is the database itself.', 'Name a copy of it.');
    }
    const before = existsSync(target) ? target : dirname(target);
    const lock = lockFile(target);
    const moved = leftMark(target);
    let aside: string | undefined;
    try {
      const copy = copyDatabase(source, `${target}.restoring`, (part) => {
        takeOwner(before, [part, `${target}.lock`]);
        aside = putAside(target);
        renameSync(part, target);
      });
      return { ...copy, aside, moved };
    } finally {
      lock.release();
    }
  } catch (error) {
    throw failureOf(error, file);
  }
}

/** Where the content of a database went; `undefined` for one that cannot be read, which is why it is replaced. */
function leftMark(file: string): Mark | undefined {
  let mark: Mark | undefined;
  try {
    if (existsSync(file)) {
      lookInto(file, (database) => {
        mark = readMark(database);
      });
    }
  } catch {
    return undefined;
  }
  return mark?.state === 'left' ? mark : undefined;
}

/** Copies into `part`, looks at that, and has it `placed`; or removes it. */
function copyDatabase(source: string, part: string, placed: (part: string) => void): StoreCopy {
  try {
    rmSync(part, { force: true });
    makePrivate(part);
    lookInto(source, (database) => {
      refuseMoved(readMark(database), source);
      database.exec(`vacuum into '${part.replaceAll("'", "''")}'`);
    });
    let queues: readonly HeldQueue[] = [];
    lookInto(part, (database) => {
      queues = heldQueues(database);
    });
    const { size: bytes } = statSync(part);
    if (bytes === 0) throw new StoreError('not-a-database', source, 'the file is empty.', 'Name another.');
    toDisk(part);
    placed(part);
    toDisk(dirname(part));
    return { bytes, queues };
  } catch (error) {
    rmSync(part, { force: true });
    // What is wrong with the source was told with its name.
    throw failureOf(error, part.replace(/\.(?:part|restoring)$/, ''));
  }
}

function existing(file: string, advice: string): string {
  if (!existsSync(file)) throw new StoreError('missing', file, 'there is no such file.', advice);
  return realpathSync(file);
}

/** Renames the database; its log first, for a log beside another database would be taken for its own. */
function putAside(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  const aside = freeName(`${file}.before-restore`);
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${aside}-wal`);
  rmSync(`${file}-shm`, { force: true });
  renameSync(file, aside);
  return aside;
}

export function freeName(name: string): string {
  let free = name;
  for (let number = 2; existsSync(free); number += 1) free = `${name}-${number}`;
  return free;
}

/** What root puts into a service's folder must be the service's. */
export function takeOwner(like: string, paths: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(like);
  for (const path of paths) chownSync(path, uid, gid);
}

export function toDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
