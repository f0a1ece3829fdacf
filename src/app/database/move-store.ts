import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Config, PostgresConfig } from '../../config/config.ts';
import { ConfigError, type ConfigIssue, formatIssue } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { StoreError } from '../../store/error.ts';
import { moveToPostgres, moveToSqlite } from '../../store/moves/between.ts';
import type { Moved, MoveWatcher } from '../../store/moves/move.ts';
import type { PostgresSideOptions } from '../../store/moves/postgres-side.ts';
import { placeOf } from '../../store/postgres/settings.ts';
import { type LoadRequest, load, loadAgain } from '../load.ts';
import { MoveReport } from './move-report.ts';

/** What the command line says of a move; the configuration names where the store is now. */
export interface MoveRequest {
  readonly load: LoadRequest;
  readonly to: 'postgres' | 'sqlite';
  /** Of PostgreSQL, as the keys of `store`. */
  readonly url: string | undefined;
  readonly passwordFile: string | undefined;
  readonly schema: string | undefined;
  readonly allowUnsafe: boolean;
  /** Of SQLite. */
  readonly file: string | undefined;
}

/** What is to be done, and what is written into the configuration afterwards. */
interface Plan {
  readonly from: string;
  readonly to: string;
  readonly section: Readonly<Record<string, string | boolean>>;
  move(watcher: MoveWatcher): Promise<Moved & { readonly aside?: string | undefined }>;
}

/** A request that cannot be met; the text says what to type instead. */
class Misused extends Error {}

/** Moves the store, and says so. Returns the exit code. */
export async function moveStoreTo(request: MoveRequest): Promise<number> {
  const loaded = load(request.load);
  if (loaded === undefined) return 2;
  let report: MoveReport | undefined;
  try {
    const plan = request.to === 'postgres' ? planToPostgres(request, loaded) : planToSqlite(request, loaded.config);
    report = new MoveReport(plan.from, plan.to, process.stdout);
    report.end(await plan.move(report), plan.section);
    return 0;
  } catch (error) {
    if (error instanceof Misused || error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (!(error instanceof StoreError)) throw error;
    report?.clear();
    process.stderr.write(`${error.message}\n${report?.afterFailure(error) ?? ''}`);
    return 1;
  }
}

function planToPostgres(request: MoveRequest, loaded: LoadedConfig): Plan {
  const { store, component } = loaded.config;
  if (store.driver !== 'sqlite') throw notThere('postgres', store.driver);
  const { url, passwordFile, schema, allowUnsafe } = request;
  if (url === undefined) throw new Misused('Say where to with --url postgresql://role@host/database.');
  if (request.file !== undefined) throw new Misused('The file is that of the configuration: leave out --file.');
  const section = {
    driver: 'postgres',
    url,
    ...(passwordFile === undefined ? {} : { passwordFile: resolve(passwordFile) }),
    ...(schema === undefined ? {} : { schema }),
    ...(allowUnsafe ? { allowUnsafe } : {}),
  };
  const to = targetConfig(request.load, section, loaded.warnings);
  return {
    from: store.file,
    to: placeOf(to),
    section,
    move: (watcher) => moveToPostgres(store.file, sideOf(to, component.domain, loaded.config, store.file), watcher),
  };
}

function planToSqlite(request: MoveRequest, config: Config): Plan {
  const { store, component } = config;
  if (store.driver !== 'postgres') throw notThere('sqlite', store.driver);
  if (request.file === undefined) throw new Misused('Say where to with --file FILE.');
  const { url, passwordFile, schema, allowUnsafe } = request;
  if (url !== undefined || passwordFile !== undefined || schema !== undefined || allowUnsafe) {
    throw new Misused('The database is that of the configuration: leave out --url and what belongs to it.');
  }
  const file = resolve(request.file);
  return {
    from: placeOf(store),
    to: file,
    section: { driver: 'sqlite', file },
    move: (watcher) => moveToSqlite(sideOf(store, component.domain, config, file), file, watcher),
  };
}

function notThere(to: string, driver: string): Misused {
  if (driver === 'memory') return new Misused('The store is in memory: there is nothing to move.');
  return new Misused(
    `store.driver is "${to}" already. The configuration names where the store is now, until it has been moved: write that into it again.`,
  );
}

/** The configuration as it will be: so that the target is checked as `switchyard run` will check it. */
function targetConfig(
  request: LoadRequest,
  section: Readonly<Record<string, string | boolean>>,
  known: readonly ConfigIssue[],
): PostgresConfig {
  const more = Object.entries(section).map(([key, value]) => `store.${key}=${String(value)}`);
  const { config, warnings } = loadAgain({ ...request, settings: [...request.settings, ...more] });
  const told = new Set(known.map(formatIssue));
  for (const warning of warnings) {
    // That the file is not read any more goes without saying.
    if (warning.path === 'store.file' || told.has(formatIssue(warning))) continue;
    process.stderr.write(`warning ${formatIssue(warning)}\n`);
  }
  if (config.store.driver === 'postgres') return config.store;
  throw new Misused('--set store.driver stands against --to.');
}

/** One mover at a time holds the lock of the file, so it may have the lease of one that was killed. */
function sideOf(settings: PostgresConfig, domain: string, { service }: Config, file: string): PostgresSideOptions {
  const name = `switchyard migrate on ${hostname()}`;
  return { settings, domain, mover: { id: `${name}: ${file}`, name, version: service.version } };
}
