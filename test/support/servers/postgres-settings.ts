import type { ConnectionSettings } from '../../../src/store/postgres/settings.ts';
import type { Postgres } from './postgres.ts';

/** How the superuser reaches the clusters, in this order. */
export function settingsFor(
  clusters: readonly Pick<Postgres, 'port'>[],
  more: Partial<ConnectionSettings> = {},
): ConnectionSettings {
  return {
    hosts: clusters.map(({ port }) => ({ host: '127.0.0.1', port })),
    user: 'postgres',
    password: undefined,
    database: 'postgres',
    schema: 'switchyard',
    tls: 'prefer',
    authorities: undefined,
    applicationName: 'switchyard',
    connectTimeout: 5_000,
    allowUnsafe: false,
    ...more,
  };
}
