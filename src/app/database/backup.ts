import type { PostgresConfig } from '../../config/config.ts';
import { formatSize } from '../../config/size.ts';
import { backupStore, restoreStore, type StoreCopy } from '../../store/copy.ts';
import { StoreError } from '../../store/error.ts';
import type { Mark } from '../../store/moves/mark.ts';
import { type LoadRequest, load } from '../load.ts';
import { heldText } from './held-text.ts';
import { dumpCommand, restoreCommand } from './pg-tools.ts';

/** Copies the database to `to`, also while a router runs. Returns the exit code. */
export function backup(request: LoadRequest, to: string): number {
  const inPostgres = (store: PostgresConfig): string =>
    `The store is in PostgreSQL, which copies it while routers run, with its own program: ${dumpCommand(store, to)}`;
  return withDatabase(
    request,
    inPostgres,
    (file) => `${file} was copied to ${to}: ${copyText(backupStore(file, to))}.`,
  );
}

/** Puts the copy `from` in the place of the database, unless a router runs. Returns the exit code. */
export function restore(request: LoadRequest, from: string): number {
  const inPostgres = (store: PostgresConfig): string =>
    `The store is in PostgreSQL. With every instance stopped, put back a copy that pg_dump made: ${restoreCommand(store, from)}`;
  return withDatabase(request, inPostgres, (file) => {
    const { aside, moved, ...copy } = restoreStore(from, file);
    const before = aside === undefined ? '' : `\nWhat was there before is ${aside}.`;
    return `${file} is now what ${from} holds: ${copyText(copy)}.${before}${moved === undefined ? '' : leftText(moved)}`;
  });
}

const ifMoved =
  'Nothing was copied: the store is no longer in this file. With the configuration that names where it is, `switchyard backup` says how that is copied (pg_dump, for PostgreSQL).';

function withDatabase(
  request: LoadRequest,
  inPostgres: (store: PostgresConfig) => string,
  work: (file: string) => string,
): number {
  const loaded = load(request);
  if (loaded === undefined) return 2;
  const { store } = loaded.config;
  if (store.driver === 'memory') {
    process.stderr.write('The store is in memory, and ends with the process: there is no database.\n');
    return 1;
  }
  if (store.driver === 'postgres') {
    process.stderr.write(`${inPostgres(store)}\n`);
    return 1;
  }
  try {
    process.stdout.write(`${work(store.file)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    process.stderr.write(`${error.message}${error.kind === 'moved' ? `\n${ifMoved}` : ''}\n`);
    return 1;
  }
}

/** What was put back is older than what went to another database. */
function leftText({ other, at }: Mark): string {
  return `\nTHAT HAD BEEN MOVED to ${other} on ${new Date(at).toISOString()}: what was accepted since is only there. Let no router run on both.`;
}

function copyText({ bytes, queues }: StoreCopy): string {
  return `${formatSize(bytes)}${heldText(queues)}`;
}
