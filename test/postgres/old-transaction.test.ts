import assert from 'node:assert/strict';
import { Client } from 'pg';
import type { Change } from '../../src/core/durable-state.ts';
import { PendingBatch } from '../../src/store/postgres/pending-batch.ts';
import { openSession, type Session } from '../../src/store/postgres/session.ts';
import { accept, leased } from '../store/samples.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';
import { ack } from './commits.ts';
import { type Deployment, newDeployment } from './deployment.ts';

/** Cycles in a batch, and batches. */
const size = 10;
const batches = 2_000;
/** Until the indexes have their second level, which they have soon, and a third after a million. */
const first = 600;
/** Batches whose pages are counted, after those and at the end. */
const counted = 50;

describe('PostgreSQL: a transaction that stays open', function () {
  this.timeout(120_000);
  let cluster: Postgres;
  let deployment: Deployment;
  let session: Session;
  let holder: Client;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
    deployment = await newDeployment(cluster);
    session = await openSession(deployment.settings);
    holder = new Client({ host: cluster.folder, port: cluster.port, user: 'postgres', database: 'postgres' });
    await holder.connect();
  });

  after(async () => {
    await holder?.end();
    await session?.end();
    await deployment?.close();
    await cluster?.remove();
  });

  /** Pages that the tables and their indexes were asked for so far by the session: of deliveries, and of all else. */
  async function pagesTouched(): Promise<{ readonly deliveries: number; readonly others: number }> {
    await session.query('select pg_stat_force_next_flush()');
    const [found] = await session.query<{ deliveries: number; others: number }>(
      `select coalesce(sum(pages) filter (where relname = 'delivery'), 0)::integer as deliveries,
         coalesce(sum(pages) filter (where relname <> 'delivery'), 0)::integer as others
       from (
         select relname, heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0) as pages
         from pg_statio_all_tables where schemaname = $1
       ) as tables`,
      [deployment.settings.schema],
    );
    assert.ok(found);
    return found;
  }

  it('makes no batch slower than the one before: pages touched stay as they are', async () => {
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*) from pg_class');
    let accepted: number[] = [];
    let batch = 0;
    const write = async (): Promise<void> => {
      const changes: Change[] = accepted.map((id) => ack(id));
      accepted = Array.from({ length: size }, (_, index) => batch * size + index + 1);
      changes.push(...accepted.map((id) => accept(id, leased)));
      const number = { number: batch + 1, before: batch === 0 ? undefined : batch };
      const { refused } = await new PendingBatch(deployment.target, changes, number).write(session);
      assert.equal(refused.size, 0);
      batch += 1;
    };
    const touchedBySome = async (): Promise<{ readonly deliveries: number; readonly others: number }> => {
      const before = await pagesTouched();
      for (let left = counted; left > 0; left -= 1) await write();
      const { deliveries, others } = await pagesTouched();
      return { deliveries: (deliveries - before.deliveries) / counted, others: (others - before.others) / counted };
    };
    for (let left = first; left > 0; left -= 1) await write();
    const early = await touchedBySome();
    for (let left = batches - first - 2 * counted; left > 0; left -= 1) await write();
    const late = await touchedBySome();
    const [dead] = await cluster.sql(
      `select pg_stat_force_next_flush(), n_dead_tup::integer as n from pg_stat_all_tables
       where schemaname = '${deployment.settings.schema}' and relname = 'delivery'`,
    );
    assert.ok(Number(dead?.['n']) > 0.9 * size * (batches - 1), `the dead rows are there: ${String(dead?.['n'])}`);
    const told = JSON.stringify({ early, late });
    assert.ok(late.deliveries < 1.2 * early.deliveries, told);
    assert.ok(late.others < 1.2 * early.others, told);
  });
});
