import type { PostgresConfig } from '../../config/config.ts';
import { hostName } from '../../store/postgres/settings.ts';

/** What to type to copy the schema to a file, also while routers run. */
export function dumpCommand(store: PostgresConfig, to: string): string {
  return `pg_dump --format=custom --schema=${store.schema} --file=${word(to)} ${word(urlOf(store))}`;
}

/** What to type to put such a copy in the place of the schema, while no router runs. */
export function restoreCommand(store: PostgresConfig, from: string): string {
  return `pg_restore --clean --if-exists --single-transaction --dbname=${word(urlOf(store))} ${word(from)}`;
}

function urlOf({ hosts, user, database, tls }: PostgresConfig): string {
  const names = hosts.map((address) =>
    address.host.startsWith('/') ? `${encodeURIComponent(address.host)}:${address.port}` : hostName(address),
  );
  const query = tls === 'prefer' ? '' : `?sslmode=${tls}`;
  return `postgresql://${encodeURIComponent(user)}@${names.join(',')}/${encodeURIComponent(database)}${query}`;
}

/** As a shell takes it for one word. */
function word(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
