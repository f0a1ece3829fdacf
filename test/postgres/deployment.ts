import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import type { BatchTarget } from '../../src/store/postgres/pending-batch.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import type { Postgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';

/** A schema of its own, and the lease of it. */
export interface Deployment {
  readonly database: PostgresDatabase;
  readonly settings: ConnectionSettings;
  readonly epoch: number;
  readonly target: BatchTarget;
  /** Ends the instance; stores are closed before. */
  close(): Promise<void>;
}

let schemas = 0;

/** An instance that has the lease of the schema in `settings` for an hour. */
export async function claimDeployment(settings: ConnectionSettings): Promise<Deployment> {
  const options = { settings, domain: 'pools.example.org', name: 'test', version: '1.0.0' };
  const database = new PostgresDatabase(options);
  const { epoch } = await database.claim(3_600_000);
  const target = { schema: settings.schema, place: database.place, epoch };
  return { database, settings, epoch, target, close: () => database.close() };
}

/** The same, of a schema that nobody has used. */
export function newDeployment(cluster: Postgres): Promise<Deployment> {
  schemas += 1;
  return claimDeployment(settingsFor([cluster], { schema: `rows${schemas}` }));
}
