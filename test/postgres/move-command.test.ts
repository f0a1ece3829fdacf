import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { accept, putMember } from '../store/samples.ts';
import { temporaryDirectory } from '../store/temporary.ts';
import { type CommandOutcome, runSwitchyard } from '../support/router/command-line.ts';
import { type Postgres, postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { settingsFor } from '../support/servers/postgres-settings.ts';
import { skip } from '../support/skip.ts';
import { claimDeployment } from './deployment.ts';
import { inFile, inSchema, withFile } from './moving.ts';

describe('switchyard migrate --to: the command', () => {
  let cluster: Postgres;
  let directory: ReturnType<typeof temporaryDirectory>;
  let settings: ConnectionSettings;

  before(async function () {
    const missing = postgresMissing();
    if (missing !== undefined) skip(this, missing);
    directory = temporaryDirectory();
    cluster = await startPostgres();
    settings = settingsFor([cluster]);
    configure({ driver: 'sqlite', file: 'data/switchyard.db' });
  });

  after(async () => {
    directory?.remove();
    await cluster?.remove();
  });

  function configure(store: object): void {
    const component = { service: 'xmpp://127.0.0.1:5347', domain: 'pools.example.org', secret: 'a secret of mine' };
    const config = { component, pools: { jobs: { workers: ['worker@example.org'] } }, store };
    writeFileSync(join(directory.path, 'component.config.json'), JSON.stringify(config), { mode: 0o600 });
  }

  /** Without the names of this run. */
  async function migrate(...words: readonly string[]): Promise<CommandOutcome> {
    const { code, out, err } = await runSwitchyard(directory.path, ...words);
    const plain = (text: string): string =>
      text
        .replaceAll(directory.path, 'HERE')
        .replaceAll(String(cluster.port), 'PORT')
        .replace(/\S+Z\./, 'TODAY.');
    return { code, out: plain(out), err: plain(err) };
  }

  it('refuses what cannot be meant, and says what to type', async function () {
    this.timeout(120_000);
    const cases: readonly [words: readonly string[], code: number, text: RegExp][] = [
      [['--to', 'postgres'], 2, /^Say where to with --url /],
      [['--to', 'sqlite', '--file', 'x.db'], 2, /^store\.driver is "sqlite" already\./],
      [['--to', 'postgres', '--url', 'postgresql://me:secret@db/x'], 2, /Take the password out/],
      [
        ['--to', 'postgres', '--url', cluster.url()],
        1,
        /no such file\. .*\nNothing was moved: HERE\/data\/switchyard\.db is/,
      ],
    ];
    const outcomes = await Promise.all(cases.map(async ([words]) => migrate('migrate', ...words)));
    for (const [index, [, code, text]] of cases.entries()) {
      match(outcomes[index]?.err ?? '', text);
      equal(outcomes[index]?.code, code);
    }
  });

  it('moves the store there and back, says what to write, and refuses what was moved', async function () {
    this.timeout(240_000);
    const file = join(directory.path, 'data/switchyard.db');
    await withFile(file, async (store) => {
      store.commit(putMember('ada'));
      for (let id = 1; id <= 5; id += 1) store.commit(accept(id));
      await store.flush();
    });
    const before = await inFile(file);
    const url = cluster.url();
    const there = await migrate('migrate', '--to', 'postgres', '--url', url);
    equal(there.err, '');
    equal(there.code, 0);
    const place = 'postgresql://127.0.0.1:PORT/postgres (schema switchyard)';
    deepEqual(there.out.split('\n'), [
      `Moving HERE/data/switchyard.db to ${place}.`,
      'All rows were copied. Now each is read again on both sides.',
      'Both sides hold the same, row by row.',
      'TABLE     ROWS',
      'member    1',
      'tally     1',
      'delivery  5',
      'HERE/data/switchyard.db is marked as moved: no router uses it any more.',
      `Now write into the configuration, and start the router: "store": {"driver":"postgres","url":"${url.replace(String(cluster.port), 'PORT')}"}`,
      '',
    ]);
    deepEqual(await inSchema(settings), before);

    // By mistake, with the old configuration.
    const old = await migrate('check', '--offline');
    match(old.out, /what it held was moved to postgresql:.* on TODAY\.\s+Name that in "store"/);
    equal(old.code, 1);
    const copy = await migrate('backup', 'copy.db');
    equal(copy.code, 1);
    match(
      copy.err,
      /what it held was moved to postgresql:.*\nNothing was copied: the store is no longer in this file\./,
    );

    configure({ driver: 'postgres', url });
    const backup = await migrate('backup', "it's.dump");
    equal(backup.code, 1);
    match(
      backup.err,
      /pg_dump --format=custom --schema=switchyard --file='it'\\''s\.dump' 'postgresql:\/\/postgres@127/,
    );

    const back = await migrate('migrate', '--to', 'sqlite', '--file', 'data/switchyard.db');
    equal(back.err, '');
    match(back.out, /had been moved away, is HERE\/data\/switchyard\.db\.before-migrate\./);
    match(back.out, /"store": \{"driver":"sqlite","file":"HERE\/data\/switchyard\.db"\}/);
    deepEqual(await inFile(file), before);
    match((await migrate('check', '--offline')).out, /what it held was moved to HERE/);
  });

  it('refuses stores that are in use, and names who uses them', async function () {
    this.timeout(120_000);
    configure({ driver: 'sqlite', file: 'data/other.db' });
    const file = join(directory.path, 'data/other.db');
    await withFile(file, async (store) => store.flush());
    const used = settingsFor([cluster], { schema: 'used' });
    const deployment = await claimDeployment(used);
    const words = ['--to', 'postgres', '--url', cluster.url(), '--schema', 'used'];
    const { code, err } = await migrate('migrate', ...words);
    equal(code, 1);
    match(err, /\(schema used\): it is in use by the instance test\. Stop it/);
    await deployment.database.release(deployment.epoch);
    await deployment.close();
    await withFile(file, async () => {
      match((await migrate('migrate', ...words)).err, /other\.db: another Switchyard has this database open/);
    });
    equal(readFileSync(`${file}.lock`).length, 0);
  });
});
