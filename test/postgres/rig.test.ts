import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { skip } from '../support/skip.ts';

describe('a PostgreSQL of the tests', () => {
  const started: Postgres[] = [];
  const start: typeof startPostgres = async (options) => {
    const cluster = await startPostgres(options);
    started.push(cluster);
    return cluster;
  };

  before(function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
  });

  afterEach(async () => {
    for (const cluster of started.splice(0)) await cluster.remove();
  });

  it('keeps what it confirmed through kill -9, is as safe as PostgreSQL is by itself, and leaves nothing behind', async () => {
    const cluster = await start();
    const [safety] = await cluster.sql(
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    deepEqual(safety, { fsync: 'on', commit: 'on' });
    await cluster.sql('create table kept (what text)');
    await cluster.sql("insert into kept values ('this')");
    await cluster.kill9();
    equal(cluster.pid, undefined);
    await cluster.start();
    deepEqual(await cluster.sql('select what from kept'), [{ what: 'this' }]);
    await cluster.remove();
    equal(existsSync(cluster.folder), false);
  });

  it('has roles with passwords, databases of their own, and settings that change', async () => {
    const cluster = await start({ login: 'scram-sha-256' });
    await cluster.createRole('switchyard', 'right');
    await cluster.createDatabase('switchyard', 'switchyard');
    const as = async (password: string): Promise<unknown> => {
      const client = new Client({
        host: '127.0.0.1',
        port: cluster.port,
        user: 'switchyard',
        database: 'switchyard',
        password,
      });
      try {
        await client.connect();
        return (await client.query<Record<string, unknown>>('show default_transaction_read_only')).rows[0];
      } finally {
        await client.end();
      }
    };
    deepEqual(await as('right'), { default_transaction_read_only: 'off' });
    await rejects(as('wrong'), { code: '28P01' });
    await cluster.set({ default_transaction_read_only: 'on' });
    await cluster.restart();
    deepEqual(await as('right'), { default_transaction_read_only: 'on' });
  });

  it('is followed by another, which takes writes when it is promoted', async () => {
    const primary = await start();
    await primary.sql('create table kept (what text)');
    const standby = await start({ follows: primary });
    await rejects(standby.sql("insert into kept values ('early')"), { code: '25006' });
    await primary.set({ synchronous_standby_names: '*' });
    await primary.sql("insert into kept values ('this')");
    await primary.kill9();
    await standby.promote();
    await standby.sql("insert into kept values ('that')");
    deepEqual(await standby.sql('select what from kept order by what'), [{ what: 'that' }, { what: 'this' }]);
    ok(standby.pid !== undefined);
  });
});
