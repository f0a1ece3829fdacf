import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { StoreError } from './error.ts';
import { hold } from './sqlite/connection.ts';

/** One file of `migrations/`. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly checksum: string;
}

/** A migration that was applied, as the database remembers it. */
export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** The package's own migrations: the same place seen from `src/store` and from `dist/store`. */
export const migrationsDirectory: string = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Reads `NNNN_what.sql` files; throws `invalid-migrations` unless their numbers are 1, 2, 3, ... */
export function readMigrations(directory: string = migrationsDirectory): Migration[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || Number(name.slice(0, 4)) !== index + 1) {
      const problem = `found ${name} where number ${String(index + 1).padStart(4, '0')} should be.`;
      throw new StoreError('invalid-migrations', directory, problem, 'Install the package again.');
    }
    const bytes = readFileSync(join(directory, name));
    const checksum = createHash('sha256').update(bytes).digest('hex');
    return { number: index + 1, name, sql: bytes.toString('utf8'), checksum };
  });
}

/** The migrations that `database` lacks; throws when it is newer than they are, or was made from others. */
export function pendingMigrations(database: Database, migrations: readonly Migration[]): readonly Migration[] {
  return missingMigrations(readApplied(database), migrations, database.name);
}

/**
 * The migrations that are not among those applied; throws as `pendingMigrations` does.
 * @param applied By number.
 * @param place For the error.
 */
export function missingMigrations(
  applied: readonly AppliedMigration[],
  migrations: readonly Migration[],
  place: string,
): readonly Migration[] {
  for (const [index, row] of applied.entries()) {
    const known = migrations[index];
    if (known === undefined) {
      const problem = `it was written by a newer Switchyard (migration ${row.name}).`;
      throw new StoreError('newer', place, problem, 'Install that version, or restore an older copy.');
    }
    if (known.number !== row.number || known.checksum !== row.checksum) {
      const problem = `migration ${row.name} was applied with other content than ${known.name} has now.`;
      throw new StoreError('changed-migration', place, problem, 'Install the version that wrote it.');
    }
  }
  return migrations.slice(applied.length);
}

/** Applies what is missing, each file in a transaction of its own; returns what was applied. */
export function migrate(database: Database, migrations: readonly Migration[]): readonly Migration[] {
  const pending = pendingMigrations(database, migrations);
  database.exec(
    'create table if not exists migration (number integer primary key, name text not null, checksum text not null, applied_at integer not null) strict',
  );
  const record = hold(
    database.prepare('insert into migration (number, name, checksum, applied_at) values (?, ?, ?, ?)'),
  );
  for (const { number, name, sql, checksum } of pending) {
    database
      .transaction(() => {
        database.exec(sql);
        record.run(number, name, checksum, Date.now());
      })
      .immediate();
  }
  return pending;
}

function readApplied(database: Database): AppliedMigration[] {
  const table = hold(database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'migration'")).get();
  if (table === undefined) return [];
  return hold(
    database.prepare<[], AppliedMigration>('select number, name, checksum from migration order by number'),
  ).all();
}
