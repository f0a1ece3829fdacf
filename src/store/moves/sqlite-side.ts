import { existsSync, linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { freeName, takeOwner, toDisk } from '../copy.ts';
import { StoreError } from '../error.ts';
import { readMigrations } from '../migrate.ts';
import { hold } from '../sqlite/connection.ts';
import { locate, openLocked } from '../sqlite/database.ts';
import { failureOf } from '../sqlite/failure.ts';
import { inspectFile } from '../sqlite/inspect.ts';
import { type FileLock, lockFile } from '../sqlite/lock.ts';
import { readMark, writeMark } from '../sqlite/move-mark.ts';
import type { Mark } from './mark.ts';
import { lengthOf, pageCharacters, pageRows, readRow } from './row-values.ts';
import { type ColumnKind, hashOf, type Row, rowName, type Shape, shapes, type Value } from './shapes.ts';
import type { Side } from './side.ts';

const busyTimeout = 5_000;

/** Opens a database file that is to be moved away. Throws a `StoreError`; `locked` while a router runs. */
export function openSqliteSource(file: string): SqliteSide {
  if (!existsSync(file)) {
    const advice = 'There is nothing to move before the router has run.';
    throw new StoreError('missing', file, 'there is no such file.', advice);
  }
  return open(realpathSync(file), false);
}

/** Opens the file that a store is to be moved to; it is made when it is missing. Throws a `StoreError`. */
export function openSqliteTarget(file: string): SqliteSide {
  try {
    return open(locate(file), true);
  } catch (error) {
    throw failureOf(error, file);
  }
}

/** @param replacing Whether what was moved away from the file counts as nothing: it is kept, under another name. */
function open(file: string, replacing: boolean): SqliteSide {
  let lock: FileLock | undefined;
  try {
    lock = lockFile(file);
    if (!existsSync(file)) return new SqliteSide(file, lock, undefined);
    takeOwner(file, [`${file}.lock`]);
    inspectFile(file, readMigrations(), busyTimeout);
    const connection = connectTo(file);
    if (!replacing || readMark(connection)?.state !== 'left') return new SqliteSide(file, lock, connection);
    connection.close();
    return new SqliteSide(file, lock, undefined);
  } catch (error) {
    const failure = failureOf(error, file);
    lock?.release(failure);
    throw failure;
  }
}

function connectTo(file: string): Database {
  const { connection } = openLocked({ file, busyTimeout, maxBytes: undefined });
  connection.function('row_hash', { deterministic: true, varargs: true }, (letter, ...key) =>
    hashOf(String(letter), key.map(String)),
  );
  return connection;
}

/** A database file, which nobody else may open meanwhile. */
export class SqliteSide implements Side {
  readonly place: string;
  /** Where the file is that this one took the place of. */
  aside: string | undefined;
  readonly #lock: FileLock;
  readonly #inserts = new Map<string, Statement<Writable[]>>();
  #connection: Database | undefined;

  /** @param connection `undefined` for what is to be replaced, or is not there. */
  constructor(file: string, lock: FileLock, connection: Database | undefined) {
    this.place = file;
    this.#lock = lock;
    this.#connection = connection;
  }

  async mark(): Promise<Mark | undefined> {
    return this.#try(() => (this.#connection === undefined ? undefined : readMark(this.#connection)));
  }

  async setMark(mark: Mark): Promise<void> {
    await this.#try(() => {
      writeMark(this.#open(), mark);
      // Into the file itself, which somebody may copy alone.
      this.#open().exec('pragma wal_checkpoint(truncate)');
    });
  }

  async count({ name }: Shape): Promise<number> {
    return this.#try(() => {
      if (this.#connection === undefined) return 0;
      const [rows] = this.#prepareRead(`select count(*) from ${name}`).get() ?? [];
      return Number(rows);
    });
  }

  /** Rejects with `refused`, and names the row, when a text holds U+0000, which PostgreSQL cannot. */
  async refuseNul(): Promise<void> {
    await this.#try(() => {
      for (const shape of shapes) {
        const texts = shape.columns.filter(({ kind }) => kind === 'text');
        const where = texts.map(({ name }) => `instr("${name}", char(0)) > 0`).join(' or ');
        const found = this.#prepareRead(`${select(shape)} where ${where} limit 1`).get();
        if (found === undefined) continue;
        const name = rowName(shape, readRow(shape, found, this.place));
        const problem = `the row of ${shape.name} with ${name} holds U+0000, which PostgreSQL cannot hold.`;
        throw new StoreError('refused', this.place, problem, 'Correct or delete that row.');
      }
    });
  }

  async *pages(shape: Shape): AsyncGenerator<readonly Row[]> {
    const { letter, key } = shape;
    const columns = key.map((name) => `"${name}"`).join(', ');
    const order = letter === undefined ? columns : `row_hash('${letter}', ${columns})`;
    const statement = this.#prepareRead(`${select(shape)} order by ${order}`);
    try {
      let [page, held]: [Row[], number] = [[], 0];
      for (const found of statement.iterate()) {
        const row = readRow(shape, found, this.place);
        page.push(row);
        held += lengthOf(row);
        if (page.length < pageRows && held < pageCharacters) continue;
        yield page;
        [page, held] = [[], 0];
      }
      if (page.length > 0) yield page;
    } catch (error) {
      throw failureOf(error, this.place);
    }
  }

  /**
   * Makes a new file and puts it, marked, in the place of what was there. One that holds more than an unfinished move is
   * kept under another name.
   */
  async begin(mark: Mark): Promise<void> {
    await this.#try(() => {
      const before = this.#connection === undefined ? undefined : readMark(this.#connection)?.state;
      const keep = existsSync(this.place) && before !== 'arriving' && before !== 'checked';
      this.#connection?.close();
      this.#connection = undefined;
      const file = this.place;
      if (existsSync(`${file}-wal`)) {
        throw new StoreError('locked', file, 'another program has this database open.', 'Close it there first.');
      }
      const part = this.#makeEmpty(mark);
      takeOwner(existsSync(file) ? file : dirname(file), [part, `${file}.lock`]);
      if (keep) {
        this.aside = freeName(`${file}.before-migrate`);
        linkSync(file, this.aside);
      }
      renameSync(part, file);
      toDisk(dirname(file));
      this.#connection = connectTo(file);
    });
  }

  async write(shape: Shape, rows: readonly Row[]): Promise<void> {
    const { name, columns } = shape;
    const more = name === 'tally' ? [', batch', ', 0'] : ['', ''];
    const names = columns.map((column) => `"${column.name}"`).join(', ');
    const sql = `insert into ${name} (${names}${more[0]}) values (${columns.map(() => '?').join(', ')}${more[1]})`;
    await this.#try(() => {
      const insert = this.#prepare(sql);
      const insertAll = (): void => {
        for (const row of rows) insert.run(...row.map((value, at) => writable(columns[at]?.kind, value)));
      };
      this.#open().transaction(insertAll).immediate();
    });
  }

  async settle(): Promise<void> {
    await this.#try(() => this.#open().exec('pragma wal_checkpoint(truncate)'));
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    this.#lock.release();
  }

  /** An empty database with the mark, on disk, beside the file. */
  #makeEmpty(mark: Mark): string {
    const part = `${this.place}.arriving`;
    for (const suffix of ['', '-wal', '-shm']) rmSync(part + suffix, { force: true });
    const { connection } = openLocked({ file: part, busyTimeout, maxBytes: undefined });
    try {
      writeMark(connection, mark);
    } finally {
      connection.close();
    }
    toDisk(part);
    return part;
  }

  #open(): Database {
    if (this.#connection !== undefined) return this.#connection;
    throw new StoreError('closed', this.place, 'the database is closed.', 'Open it again.');
  }

  /** Gives rows as lists of values. */
  #prepareRead(sql: string): Statement<[], unknown[]> {
    const connection = this.#open();
    return hold(connection.prepare<[], unknown[]>(sql)).raw();
  }

  #prepare(sql: string): Statement<Writable[]> {
    const connection = this.#open();
    const known = this.#inserts.get(sql) ?? hold(connection.prepare<Writable[]>(sql));
    this.#inserts.set(sql, known);
    return known;
  }

  async #try<Result>(work: () => Result): Promise<Result> {
    try {
      return work();
    } catch (error) {
      throw failureOf(error, this.place);
    }
  }
}

function select({ name, columns }: Shape): string {
  return `select ${columns.map((column) => `"${column.name}"`).join(', ')} from ${name}`;
}

type Writable = string | number | null | Buffer;

function writable(kind: ColumnKind | undefined, value: Value): Writable {
  return kind === 'bytes' && typeof value === 'string' ? Buffer.from(value, 'hex') : value;
}
