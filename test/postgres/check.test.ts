import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { formatFinding } from '../../src/app/check/check-finding.ts';
import { likenessFindings } from '../../src/app/check/check-likeness.ts';
import { lookAtStore, storeFindings } from '../../src/app/check/check-store.ts';
import { fingerprintOf } from '../../src/app/standby/fingerprint.ts';
import type { PostgresConfig } from '../../src/config/config.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { updateSchema } from '../../src/store/postgres/update-schema.ts';
import { accept } from '../store/samples.ts';
import { freePorts } from '../support/free-ports.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';
import { load, minimal } from '../unit/config/fixture.ts';

const { component } = load(minimal).config;
const { domain } = component;

describe('switchyard check: a PostgreSQL', () => {
  let cluster: Postgres;
  const open: PostgresDatabase[] = [];

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres();
  });

  after(async () => {
    for (const database of open) await database.close();
    await cluster?.remove();
  });

  const config = (schema: string, more: Partial<ConnectionSettings> = {}): PostgresConfig => ({
    driver: 'postgres',
    ...settingsFor([cluster], { schema, ...more }),
  });

  async function report(store: PostgresConfig, pools: readonly string[] = []): Promise<readonly string[]> {
    const look = await lookAtStore({ store, component });
    const text = storeFindings(store, look, pools).map(formatFinding).join('');
    return text
      .replaceAll(String(cluster.port), 'PORT')
      .replace(/PostgreSQL \S+/, 'PostgreSQL N')
      .trimEnd()
      .split('\n');
  }

  function instance(schema: string, name: string): PostgresDatabase {
    const database = new PostgresDatabase({ settings: config(schema), domain, name, version: '1.2.3' });
    open.push(database);
    return database;
  }

  it('says what is there, who is active, and who stands by, and changes nothing', async () => {
    const place = 'postgresql://127.0.0.1:PORT/postgres (schema used)';
    const empty = [`ok    database: ${place} is empty; its tables will be made (PostgreSQL N at 127.0.0.1:PORT)`];
    deepEqual(await report(config('used')), empty);
    deepEqual(await report(config('used')), empty);
    await updateSchema(config('used'), domain);
    const sound = `ok    database: ${place} is sound (PostgreSQL N at 127.0.0.1:PORT)`;
    deepEqual(await report(config('used')), [sound, 'ok    instances: no instance is active, no instance stands by']);
    await instance('used', 'one').claim(60_000);
    await instance('used', 'two').beat(undefined, 60_000);
    deepEqual(await report(config('used')), [
      sound,
      'ok    instances: one is active (version 1.2.3), standing by: two',
    ]);
  });

  it('says in what living instances are configured otherwise, and that it is no failure', async () => {
    const { config: own, made } = load(minimal);
    const likeness = async (version = '1.2.3'): Promise<readonly string[]> => {
      const look = await lookAtStore({ store: config('alike'), component });
      const findings = likenessFindings({ config: own, made }, look, version);
      ok(findings.every(({ level }) => level !== 'fail'));
      const ids = /\([0-9a-f-]{8}\)/g;
      return findings.map((finding) => formatFinding(finding).replaceAll(ids, '(ID)').trimEnd());
    };
    deepEqual(await likeness(), [], 'the database is empty');
    const [one, two, mute] = ['one', 'two', 'mute'].map((name) => instance('alike', name));
    ok(one !== undefined && two !== undefined && mute !== undefined);
    await one.claim(60_000);
    await Promise.all([two.beat(undefined, 60_000), mute.beat(undefined, 60_000)]);
    // They live as long as this takes, however long.
    await cluster.sql('update alike.instance set beat = beat + 3600000');
    deepEqual(await likeness(), [], 'none has said what it runs with');
    const like = fingerprintOf({ config: own, made });
    await one.describe(like);
    deepEqual(await likeness(), ['ok    instances: configured as here: one (ID)']);
    const sections = { ...like.sections, 'access.admins': 'x', 'pools.night': 'x' };
    await two.describe({ digest: 'other', sections });
    const advice =
      '      Whoever takes over goes by its own: give all the same file, and reload or restart the one that is behind.';
    deepEqual(await likeness(), [
      'ok    instances: configured as here: one (ID)',
      `note  instances: The configuration of two (ID) is not this one: access.admins, pools.night (not in this configuration).\n${advice}`,
    ]);
    // Another version may hash the same otherwise.
    equal(
      (await likeness('2.0.0')).at(-1)?.split('\n')[0],
      'note  instances: The configuration of two (ID) is not this one: pools.night (not in this configuration).',
    );
    // Who is gone says nothing any more.
    await cluster.sql("update alike.instance set beat = beat - 7200000 where name = 'two'");
    deepEqual(await likeness(), ['ok    instances: configured as here: one (ID)']);
  });

  it('says what messages lie in it, of pools that there are and of others, and what pools were made', async () => {
    const one = instance('held', 'one');
    const { epoch } = await one.claim(60_000);
    const store = await one.openStore(epoch);
    for (const id of [1, 2]) store.commit(accept(id));
    store.commit(accept(3, { state: 'dead' }));
    store.commit(accept(4, { pool: 'old' }));
    const made = { pool: 'made', settings: '{}', by: 'admin@example.org', at: 1 };
    store.commit({ op: 'put-pool', ...made });
    await store.flush();
    await store.close();
    const look = await lookAtStore({ store: config('held'), component });
    deepEqual(typeof look === 'object' && 'made' in look && look.made, [made]);
    deepEqual((await report(config('held'), ['jobs'])).slice(0, 3), [
      'ok    database: postgresql://127.0.0.1:PORT/postgres (schema held) is sound, and holds 3 messages for workers and 1 dead letter (PostgreSQL N at 127.0.0.1:PORT)',
      'ok    instances: one is active (version 1.2.3), no instance stands by',
      'note  database: 1 message for workers of the pool old, which is not in the configuration',
    ]);
  });

  it('says that the schema is of an older version; it is brought up to date when nobody is active', async () => {
    await updateSchema(config('older'), domain);
    const one = instance('older', 'one');
    await one.claim(60_000);
    await cluster.sql('delete from older.migration where number = (select max(number) from older.migration)');
    match(
      (await report(config('older'))).join('\n'),
      /note {2}database: the schema is of an older version, and lacks 1 mig/,
    );
    await rejects(updateSchema(config('older'), domain), { kind: 'locked' });
    await rejects(updateSchema(config('older'), 'other.example.org'), { kind: 'foreign' });
  });

  it('says what could not take over, and that a standby could', async () => {
    const standby = await startPostgres({ follows: cluster });
    try {
      const [closed = 0] = await freePorts(1);
      const hosts = [cluster, standby, { port: closed }].map(({ port }) => ({ host: '127.0.0.1', port }));
      const lines = await report(config('used', { hosts }));
      deepEqual(lines.length, 4, lines.join('\n'));
      match(
        lines[2] ?? '',
        new RegExp(`^note {2}database: the host 127.0.0.1:${closed} could not take over: .*ECONNREFUSED`),
      );
    } finally {
      await standby.remove();
    }
  });

  it('fails when it cannot be used, and says why', async () => {
    await cluster.createRole('poor');
    await cluster.sql('create schema bare authorization postgres');
    const [closed = 0] = await freePorts(1);
    const cases: readonly [PostgresConfig, RegExp][] = [
      [config('used', { hosts: [{ host: '127.0.0.1', port: closed }] }), /^FAIL {2}database: .*cannot be reached/],
      [
        config('fresh', { user: 'poor' }),
        /the role poor may not make the schema.*alter schema "fresh" owner to "poor"/s,
      ],
      [config('bare', { user: 'poor' }), /the role poor may not make tables in the schema/],
      [config('pg_catalog'), /holds tables of another program/],
    ];
    for (const [store, text] of cases) match((await report(store)).join('\n'), text);
    await cluster.sql("update used.deployment set domain = 'other.example.org'");
    const [line = ''] = await report(config('used'));
    ok(/^FAIL.*of another deployment, that of other.example.org/.test(line), line);
  });
});
