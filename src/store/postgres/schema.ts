import { fileURLToPath } from 'node:url';
import { StoreError } from '../error.ts';
import { type AppliedMigration, type Migration, missingMigrations, readMigrations } from '../migrate.ts';
import { type Mark, type MarkRow, markOf } from '../moves/mark.ts';
import { quoted } from './quoted.ts';
import type { Session } from './session.ts';
import { type ConnectionSettings, placeOf } from './settings.ts';

const directory = new URL('../../../migrations/postgres', import.meta.url);

/** Milliseconds that the migrations may take together. */
const migrationLimit = 600_000;
/** What a transaction of ours may wait for a lock, and how long it may stay open when this process is frozen. */
const bounds = "set local lock_timeout = '30s'; set local idle_in_transaction_session_timeout = '30s';";

/** The package's own migrations of PostgreSQL. */
export function postgresMigrations(): readonly Migration[] {
  return readMigrations(fileURLToPath(directory));
}

/** What a schema holds. */
export interface SchemaState {
  /** `undefined` when it holds nothing yet, or is not there. */
  readonly domain: string | undefined;
  /** What it lacks, by number. */
  readonly pending: readonly Migration[];
  /** Whether it is a side of a move of a whole store. */
  readonly mark: Mark | undefined;
}

/**
 * What the schema holds. Rejects with a `StoreError`: `newer`, `changed-migration`, `foreign` when it is of another
 * deployment or another program, and what a session rejects with.
 * @param domain Of the component.
 */
export async function readSchema(
  session: Session,
  settings: ConnectionSettings,
  domain: string,
  migrations: readonly Migration[],
): Promise<SchemaState> {
  const [place, schema] = [placeOf(settings), quoted(settings.schema)];
  const [found] = await session.query<{ ours: boolean; others: boolean; moves: boolean }>(
    `select bool_or(c.relname = 'migration') as ours, count(*) > 0 as others, bool_or(c.relname = 'move') as moves
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [settings.schema],
  );
  if (found?.ours !== true) {
    if (found?.others !== true) return { domain: undefined, pending: migrations, mark: undefined };
    const problem = 'the schema holds tables of another program.';
    throw new StoreError('foreign', place, problem, 'Name another one in store.schema; it is made when it is missing.');
  }
  const applied = await session.query<AppliedMigration>(
    `select number, name, checksum from ${schema}.migration order by number`,
  );
  const pending = missingMigrations(applied, migrations, place);
  const [deployment] = await session.query<{ domain: string }>(`select domain from ${schema}.deployment`);
  if (deployment !== undefined && deployment.domain !== domain) {
    const problem = `it is of another deployment, that of ${deployment.domain}.`;
    throw new StoreError('foreign', place, problem, 'Name another schema in store.schema: each domain needs its own.');
  }
  const marks = found.moves ? await session.query<MarkRow>(`select state, id, other, at from ${schema}.move`) : [];
  return { domain: deployment?.domain, pending, mark: marks[0] === undefined ? undefined : markOf(marks[0], place) };
}

/**
 * Makes the schema, or brings it up to this version: all of it in one transaction, in which no other instance does the
 * same. Rejects as `readSchema` does.
 * @returns What was applied.
 */
export async function migrateSchema(
  session: Session,
  settings: ConnectionSettings,
  domain: string,
  migrations: readonly Migration[],
): Promise<readonly Migration[]> {
  const schema = quoted(settings.schema);
  await session.script(`begin; ${bounds}`);
  try {
    await session.query('select pg_advisory_xact_lock(hashtext($1))', [`switchyard ${settings.schema}`]);
    const { pending } = await readSchema(session, settings, domain, migrations);
    if (pending.length > 0) await apply(session, settings.schema, pending);
    await session.query(
      `insert into ${schema}.deployment (domain) select $1 where not exists (select from ${schema}.deployment)`,
      [domain],
    );
    await session.script('commit');
    return pending;
  } catch (error) {
    // A session that was lost has ended its transaction.
    await session.script('rollback').catch(() => {});
    throw error;
  }
}

async function apply(session: Session, name: string, pending: readonly Migration[]): Promise<void> {
  const schema = quoted(name);
  // Who has the schema already need not be allowed to make one.
  const [there] = await session.query('select 1 from pg_catalog.pg_namespace where nspname = $1', [name]);
  if (there === undefined) await session.script(`create schema if not exists ${schema}`);
  await session.script(`set local search_path to ${schema};
    create table if not exists migration (
      number integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now()
    );`);
  for (const { number, name, checksum, sql } of pending) {
    await session.script(sql.replaceAll(':schema.', `${schema}.`), migrationLimit);
    await session.query(`insert into ${schema}.migration (number, name, checksum) values ($1, $2, $3)`, [
      number,
      name,
      checksum,
    ]);
  }
}
