import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../../src/store/error.ts';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { openSession } from '../../src/store/postgres/session.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { type Certificate, makeCertificate, opensslMissing } from '../support/servers/s2s.ts';
import { skip } from '../support/skip.ts';

describe('PostgreSQL over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-tls-'));
  let cluster: Postgres;
  let own: Certificate;
  let other: Certificate;

  before(async function () {
    const missing = postgresMissing() ?? opensslMissing();
    if (missing !== undefined) skip(this, missing);
    own = makeCertificate(folder, ['localhost']);
    other = makeCertificate(folder, ['other.example.org']);
    const [certificate, key] = [readFileSync(own.certificate, 'utf8'), readFileSync(own.key, 'utf8')];
    cluster = await startPostgres({ tls: { certificate, key }, login: 'scram-sha-256' });
    await cluster.createRole('switchyard', 'sesame');
    await cluster.createDatabase('switchyard', 'switchyard');
  });

  after(async () => {
    await cluster?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** By a name that is in the certificate, or by an address that is not. */
  function settings(host: 'localhost' | '127.0.0.1', more: Partial<ConnectionSettings>): ConnectionSettings {
    const account = { user: 'switchyard', password: 'sesame', database: 'switchyard' };
    return settingsFor([cluster], { hosts: [{ host, port: cluster.port }], ...account, ...more });
  }

  async function encrypted(host: 'localhost' | '127.0.0.1', more: Partial<ConnectionSettings>): Promise<boolean> {
    const session = await openSession(settings(host, more));
    const [row] = await session.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    await session.end();
    return row?.ssl === true;
  }

  it('is used where the server has it, and not where it shall not be', async () => {
    equal(await encrypted('127.0.0.1', { tls: 'prefer' }), true);
    equal(await encrypted('127.0.0.1', { tls: 'require' }), true);
    equal(await encrypted('127.0.0.1', { tls: 'disable' }), false);
  });

  it('lets a server prove who it is', async () => {
    equal(await encrypted('localhost', { tls: 'verify-full', authorities: own.certificate }), true);
    equal(await encrypted('127.0.0.1', { tls: 'verify-ca', authorities: own.certificate }), true);
    equal(await encrypted('127.0.0.1', { tls: 'require', authorities: own.certificate }), true);
  });

  it('refuses a server that does not', async () => {
    const cases: readonly [ConnectionSettings, RegExp][] = [
      [settings('localhost', { tls: 'verify-full' }), /did not prove by its certificate.*self-signed.*sslrootcert/s],
      [settings('127.0.0.1', { tls: 'verify-full', authorities: own.certificate }), /did not prove.*127\.0\.0\.1/s],
      [
        settings('localhost', { tls: 'verify-full', authorities: other.certificate }),
        /did not prove by its certificate/,
      ],
      [settings('localhost', { tls: 'verify-ca', authorities: other.certificate }), /did not prove by its certificate/],
      [settings('localhost', { tls: 'verify-full', authorities: '/nowhere.pem' }), /sslrootcert names cannot be read/],
    ];
    for (const [wrong, text] of cases) {
      await rejects(openSession(wrong), (error) => {
        ok(error instanceof StoreError);
        equal(error.kind, 'unreachable');
        match(error.message, text);
        return true;
      });
    }
  });

  it('carries lease and store', async () => {
    const more = { tls: 'verify-full', authorities: own.certificate } as const;
    const options = { settings: settings('localhost', more), domain: 'pools.example.org', name: 'one', version: '1' };
    const database = new PostgresDatabase(options);
    const { epoch } = await database.claim(60_000);
    const store = await database.openStore(epoch);
    const sessions = await cluster.sql(
      "select s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename = 'switchyard'",
    );
    ok(sessions.length >= 2);
    deepEqual(new Set(sessions.map(({ ssl }) => ssl)), new Set([true]));
    await store.close();
    await database.close();
  });
});
