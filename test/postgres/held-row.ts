import { Client } from 'pg';
import type { Postgres } from '../support/servers/postgres.ts';

/** Holds the row of a delivery in a transaction of another; gives what lets it go. */
export async function holdRow(cluster: Postgres, schema: string, id: number): Promise<() => Promise<void>> {
  const client = new Client({ connectionString: cluster.url() });
  // Where a test has failed, the cluster ends before this does.
  client.on('error', () => {});
  await client.connect();
  await client.query('begin');
  await client.query(`select from ${schema}.delivery where id = ${id} for update`);
  return async () => {
    await client.query('commit');
    await client.end();
  };
}
