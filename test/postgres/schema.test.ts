import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import type { Migration } from '../../src/store/migrate.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { migrateSchema, postgresMigrations, readSchema } from '../../src/store/postgres/schema.ts';
import { openSession, type Session } from '../../src/store/postgres/session.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example.org';

describe('the schema in PostgreSQL', () => {
  let cluster: Postgres;
  const sessions: Session[] = [];
  const all = postgresMigrations();
  const next = (sql: string): Migration => ({ number: all.length + 1, name: '9999_next.sql', sql, checksum: sql });

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  after(async () => {
    for (const session of sessions) await session.end();
    await cluster?.remove();
  });

  async function open(schema: string) {
    const settings = settingsFor([cluster], { schema });
    const session = await openSession(settings);
    sessions.push(session);
    const numbers = (migrations: readonly Migration[]) => migrations.map(({ number }) => number);
    return {
      settings,
      session,
      read: async (migrations = all) => {
        const found = await readSchema(session, settings, domain, migrations);
        return { domain: found.domain, pending: found.pending };
      },
      migrate: async (migrations = all) => numbers(await migrateSchema(session, settings, domain, migrations)),
    };
  }

  it('is made once, whoever makes it at the same time', async () => {
    const makers = await Promise.all([open('made'), open('made'), open('made'), open('made')]);
    deepEqual(await makers[0]?.read(), { domain: undefined, pending: all });
    const made = await Promise.all(makers.map(async (maker) => maker.migrate()));
    const first = made.findIndex((numbers) => numbers.length > 0);
    deepEqual(
      made[first],
      all.map(({ number }) => number),
    );
    deepEqual(
      made.flatMap((numbers, index) => (index === first ? [] : numbers)),
      [],
    );
    deepEqual(await makers[0]?.read(), { domain, pending: [] });
    equal((await cluster.sql('select from made.deployment')).length, 1);
  });

  it('has any name, and may be there before', async () => {
    await cluster.sql('create schema "Odd name"');
    const odd = await open('Odd name');
    await odd.migrate();
    deepEqual(await odd.read(), { domain, pending: [] });
  });

  it('is as it was when a migration fails, and later has what was missing alone', async () => {
    const later = await open('later');
    await later.migrate();
    const broken = next('create table :schema.more (a int); select 1 / 0');
    await rejects(later.migrate([...all, broken]), { kind: 'refused' });
    deepEqual(await later.read(), { domain, pending: [] });
    deepEqual(await cluster.sql("select to_regclass('later.more') as more"), [{ more: null }]);
    const good = next('create table more (a int); insert into :schema.more values (1)');
    deepEqual(await later.migrate([...all, good]), [all.length + 1]);
    deepEqual(await cluster.sql('select a from later.more'), [{ a: 1 }]);
    await rejects(later.read(), { kind: 'newer' });
  });

  it('is not brought up to date by who stands by, and not kept by who claims it and cannot', async () => {
    const { settings, migrate } = await open('claimed');
    await migrate();
    await cluster.sql(`delete from claimed.migration where number = ${all.length}`);
    const database = new PostgresDatabase({ settings, domain, name: 'one', version: '1' });
    equal((await database.beat(undefined, 1000)).epoch, 0);
    // What the migration would make is there already.
    await rejects(database.claim(60_000), { kind: 'io' });
    const [lease] = await cluster.sql('select epoch, until, owner from claimed.lease');
    deepEqual(lease, { epoch: '1', until: '0', owner: database.id });
    ok((await cluster.sql('select from claimed.migration')).length < all.length);
    await database.close();
  });
});
