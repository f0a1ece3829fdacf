import { doesNotMatch, equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { runSwitchyard } from '../support/router/command-line.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example.org';

describe('commands on a store in PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-commands-'));
  let cluster: Postgres;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    cluster = await startPostgres({ login: 'scram-sha-256' });
    await cluster.createRole('switchyard', 'sesame-open');
    await cluster.createDatabase('switchyard', 'switchyard');
  });

  after(async () => {
    await cluster?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  function configure(password: string): void {
    const config = {
      component: { service: 'xmpp://127.0.0.1:5347', domain, secret: 'a secret of the link' },
      store: { driver: 'postgres', url: cluster.url('switchyard', 'switchyard'), password },
      pools: { jobs: { workers: ['worker@example.org'] } },
    };
    writeFileSync(join(folder, 'component.config.json'), JSON.stringify(config), { mode: 0o600 });
  }

  async function run(...words: readonly string[]) {
    const outcome = await runSwitchyard(folder, ...words);
    doesNotMatch(outcome.out + outcome.err, /sesame-/);
    return { ...outcome, text: outcome.out + outcome.err };
  }

  it('look at it, make its tables, and say what is not theirs to do, without the password', async () => {
    configure('sesame-wrong');
    const denied = await run('check', '--offline');
    equal(denied.code, 1, denied.text);
    match(denied.text, /FAIL {2}database: .*does not accept the role or its password/);
    configure('sesame-open');
    match((await run('check', '--offline', '--explain')).out, /store\.password = \(not shown\).*is empty; its tables/s);
    const made = await run('migrate');
    equal(made.code, 0, made.text);
    match(made.text, /switchyard \(schema switchyard\) is at this version/);
    match((await run('doctor')).out, /Database: postgresql:\/\/127\.0\.0\.1:\d+\/switchyard \(schema switchyard\)\nok/);
    const copied = await run('backup', join(folder, 'copy.db'));
    equal(copied.code, 1);
    match(copied.err, /pg_dump/);
  });

  it('do not attach to the server beside an instance that is active', async () => {
    configure('sesame-open');
    const settings = settingsFor([cluster], { user: 'switchyard', password: 'sesame-open', database: 'switchyard' });
    const one = new PostgresDatabase({ settings, domain, name: 'one', version: '1' });
    await one.claim(600_000);
    await one.describe({ digest: 'other', sections: { 'pools.jobs': 'x', 'pools.night': 'x' } });
    // It lives as long as the command takes, however long.
    await cluster.sql(`update ${settings.schema}.instance set beat = beat + 3600000`, 'switchyard');
    const found = await run('check');
    match(
      found.out,
      /one is active \(version 1\).*\nnote {2}instances: .* of one \([^)]+\) is not this one: pools\.night \(not in this configuration\)\.\n.*\nnote {2}router: one runs, by its database/,
    );
    doesNotMatch(found.out, /FAIL {2}server/);
    await one.close();
  });
});
